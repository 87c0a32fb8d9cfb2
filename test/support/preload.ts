/** Loaded before every test file (bunfig.toml). Starts nothing; stops what the tests have started. */
import { afterAll } from 'bun:test'
import { stopAll } from './at-end.ts'
import { stopTestCluster } from './postgres.ts'

afterAll(stopAll)
afterAll(stopTestCluster)
