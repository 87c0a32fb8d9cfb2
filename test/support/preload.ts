/** Loaded before every test file (bunfig.toml). Starts nothing; stops what the tests have started. */
import { afterAll } from 'bun:test'
import { stopTestCluster } from './postgres.ts'

afterAll(stopTestCluster)
