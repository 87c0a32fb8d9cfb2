/** A short run of `npm run check:cache`, which is for long ones; and that it finds what it looks for. */
import { expect } from 'bun:test'
import { hasRedis } from '../cache/redis-server.ts'
import { needs } from '../support/needs.ts'
import { checkCache } from './check.ts'

const READS = Number(process.env.PT_CACHE_READS ?? 4_000)
const seed = Math.floor(Math.random() * 2 ** 31)
const check = needs('redis-server', hasRedis)

check(
  'no answer is stale or mixed while Redis and the projector fail',
  async () => {
    const faults = ['redis killed', 'projector killed', 'redis holds rubbish', 'redis full']

    const report = await checkCache({ reads: READS, seed, faults, calmMs: 300 })

    expect({ seed, flaws: report.flaws }).toEqual({ seed, flaws: [] })
    expect(report.commits).toBeGreaterThan(20)
  },
  300_000,
)

check(
  'without a look at the floors stale answers are found',
  async () => {
    const report = await checkCache({ reads: 20_000, seed, faults: [], ignoresFloors: true })

    expect(report.wrong).toBeGreaterThan(0)
    expect(report.reads).toBeLessThan(20_000)
  },
  300_000,
)
