/** Tail, rebuild and replays: random tills write, and all ways give equal tables. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Proof, prove } from '../../projector/prove.ts'
import { Projection } from '../projector/support/projection.ts'
import { openShop, put, ringUpMany } from '../projector/support/till.ts'
import { until } from '../projector/support/until.ts'
import { randomOf, Workload } from '../projector/support/workload.ts'
import { createTestDatabases, type TestDatabases } from '../support/postgres.ts'

const seed = Number(process.env.PT_SEED ?? Date.now() % 2 ** 31)
const seconds = Number(process.env.PT_ORACLE_SECONDS ?? 4)

let on: Projection
let scratch: TestDatabases[]
let directory: string

beforeEach(async () => {
  on = await Projection.open()
  scratch = [await createTestDatabases(), await createTestDatabases()]
  directory = await mkdtemp(join(tmpdir(), 'pt-prove-'))
  await openShop(on.source)
  await on.live()
})
afterEach(async () => {
  await on.close()
  for (const { drop } of scratch) await drop()
  await rm(directory, { recursive: true })
})

function proveWith(work: () => Promise<unknown>): Promise<Proof> {
  const { sourceUrl, readUrl, slotName } = on
  const [one, two] = scratch.map(({ readUrl }) => readUrl) as [string, string]
  const file = join(directory, 'recording.ndjson')
  return prove({ sourceUrl, readUrl, slotName, scratchUrls: [one, two], file, work })
}

test(
  `whatever tills write, every way ends in equal tables (PT_SEED=${seed})`,
  async () => {
    // What is there before the recording, and dead letters, are part of it.
    await ringUpMany(on.source, 300, 2, await put(on.source, 'customer'))

    const proof = await proveWith(async () => {
      const tills = new Workload(on.sourceUrl, randomOf(seed)).start()
      await Bun.sleep(seconds * 1_000)
      await until(() => tills.commits > 100, 'the tills write')
      await tills.stop()
    })

    expect(proof).toMatchObject({ equal: true, disturbed: false })
    expect(proof.transactions).toBeGreaterThan(50)
    const timeline = proof.tables.find(({ table }) => table === 'purchase_timeline')!
    expect(timeline.ways.tail.rows).toBeGreaterThan(300)
  },
  seconds * 1_000 + 120_000,
)

test('a table that is not equal is named', async () => {
  const proof = await proveWith(async () => {
    await put(on.source, 'customer', { name: 'Ann' })
    await on.caughtUp()
    await on.read`update customer_card set name = 'Anna'`
  })

  expect(proof.equal).toBe(false)
  expect(proof.tables.filter(({ equal }) => !equal).map(({ table }) => table)).toEqual([
    'customer_card',
  ])
})
