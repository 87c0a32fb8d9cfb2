/** Recordings of a real source: made while tills write, redacted, from the middle of its life. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RecordOptions, startRecording } from '../../projector/record/record.ts'
import { linesOfFile, openRecording } from '../../projector/record/recording.ts'
import { redactRecording } from '../../projector/record/redact-recording.ts'
import { emitMark } from '../../src/postgres/mark.ts'
import { Projection } from '../projector/support/projection.ts'
import { openShop, put, ringUp, ringUpIn, ringUpMany } from '../projector/support/till.ts'
import { createTestDatabases } from '../support/postgres.ts'
import { expectRenamed } from './renaming.ts'
import { readTables, replayInto, type Tables } from './support.ts'

let on: Projection
let directory: string
let file: string
const drops: (() => Promise<void>)[] = []

beforeEach(async () => {
  on = await Projection.open()
  directory = await mkdtemp(join(tmpdir(), 'pt-record-'))
  file = join(directory, 'recording.ndjson')
})
afterEach(async () => {
  await on.close()
  for (const drop of drops.splice(0)) await drop()
  await rm(directory, { recursive: true })
})

/** Records what `work` commits. */
async function record(work: () => Promise<unknown>, options: Partial<RecordOptions> = {}) {
  const recording = await startRecording({ sourceUrl: on.sourceUrl, file, ...options })
  await work()
  return recording.finish(await emitMark(on.source))
}

async function replayed(of = file, limits = {}): Promise<Tables> {
  const { readUrl, drop } = await createTestDatabases()
  drops.push(drop)
  return replayInto(readUrl, limits, of)
}

/** Without what says when a row came, not what it is. */
function stateOf({ purchase_timeline, ...tables }: Tables): Tables {
  return { ...tables, purchase_timeline: purchase_timeline!.map(({ lsn: _, ...row }) => row) }
}

/** Some people and receipts, with something that must not get out in every text. */
const PLANTED = {
  customer: { external_ref: 'LOY-4711', name: 'Elspeth Nairn', phone: '+44 20 7946 0958' },
  employee: { display_name: 'Krzysztof' },
  line: { product_name: 'Cake "For Elspeth"', variant_name: 'Large', sku: 'CK-77', color: 'Rouge' },
  payment: { reference: '4929-1234', method: 'visa elspeth' },
}
const SECRETS = [
  ...['LOY-4711', 'Elspeth', 'elspeth', 'Nairn', '7946', 'nairn@example', 'Krzysztof', 'Cake'],
  ...['Large', 'CK-77', 'Rouge', '4929', 'R-0815', 'Shop'],
]

async function ringUpSecrets() {
  await openShop(on.source)
  const customer_id = await put(on.source, 'customer', {
    ...PLANTED.customer,
    email: 'nairn@example.org',
  })
  const employee_id = await put(on.source, 'employee', { ...PLANTED.employee, role: 'cashier' })
  await on.source.begin(async (tx) => {
    for (let n = 0; n < 3; n++) {
      const id = await ringUpIn(tx, { customer_id, employee_id, receipt_number: `R-0815-${n}` }, 0)
      await put(tx, 'sale_line', { sale_id: id, ...PLANTED.line })
      await put(tx, 'sale_payment', { sale_id: id, ...PLANTED.payment })
    }
  })
  await on.source`update sale set total = 5 where receipt_number = 'R-0815-1'`
  await on.source`update customer set name = 'Nairn' where id = ${customer_id}`
}

test('a redacted recording holds none of its texts, and replays to the same tables but for them', async () => {
  await record(ringUpSecrets)
  const plain = join(directory, 'plain.ndjson')
  await Bun.write(plain, await readFile(file, 'utf8'))
  await rm(file)
  await redactRecording({ from: plain, to: file })

  const text = await readFile(file, 'utf8')
  for (const secret of SECRETS) {
    expect(await readFile(plain, 'utf8')).toContain(secret)
    expect(text).not.toContain(secret)
  }
  const [original, redacted] = [await replayed(plain), await replayed()]
  expect(original.purchase_timeline).toHaveLength(3)
  for (const [table, rows] of Object.entries(original)) expectRenamed(table, rows, redacted[table]!)
  expect((await openRecording(linesOfFile(file))).redacted).toBe(true)
})

test('what is redacted while it is recorded never gets to the disk', async () => {
  await ringUpSecrets()
  await record(() => ringUp(on.source, { receipt_number: 'R-0815-9' }), {
    redact: true,
    snapshot: true,
  })

  const text = await readFile(file, 'utf8')
  for (const secret of SECRETS) expect(text).not.toContain(secret)
  expect(text).toContain('"purchase-timeline/recording"')
  expect((await replayed()).purchase_timeline).toHaveLength(4)
})

test('with a snapshot, a recording from the middle of a source gives its tables', async () => {
  await openShop(on.source)
  const ann = await put(on.source, 'customer')
  const sale = await ringUp(on.source, { customer_id: ann }, 3)
  await ringUpMany(on.source, 2_500, 2)
  const order = await put(on.source, 'order')

  await record(
    async () => {
      await on.source`update sale set status = 'voided' where id = ${sale}`
      await on.source`update sale_line set total = 7 where sale_id = ${sale} and line_no = 2`
      await ringUp(on.source, { customer_id: ann, order_id: order })
    },
    { snapshot: true },
  )

  expect((await openRecording(linesOfFile(file))).start).toBe('snapshot')
  await on.live()
  await on.expectEqual()
  const tables = stateOf(await readTables(on.readUrl))
  expect(tables.purchase_timeline).toHaveLength(2_503)
  expect(stateOf(await replayed())).toEqual(tables)
  expect(stateOf(await replayed(file, { batch: 100, chunk: 70 }))).toEqual(tables)
})

test('without one it says that it begins in the middle, and lines of unknown sales are dead letters', async () => {
  await openShop(on.source)
  const sale = await ringUp(on.source)

  await record(() => put(on.source, 'sale_line', { sale_id: sale }))

  expect((await openRecording(linesOfFile(file))).start).toBe('midway')
  const { dead_letter } = await replayed()
  expect(dead_letter).toMatchObject([{ reason: 'a row of sale_line whose sale is not projected' }])
})

test('a transaction too large for a line is recorded in pieces and replayed as one', async () => {
  await record(async () => {
    await openShop(on.source)
    await ringUpMany(on.source, 3_000, 3)
  })

  const { start, pieces } = await openRecording(linesOfFile(file))
  expect(start).toBe('empty')
  const whole = (await Array.fromAsync(pieces)).map(({ end }) => end !== null)
  expect(whole.filter((whole) => !whole).length).toBeGreaterThan(2)
  await on.live()
  expect(stateOf(await replayed())).toEqual(stateOf(await readTables(on.readUrl)))
})

test('a recorder that fails or is given up leaves no slot; one that is cut off leaves what does not look whole', async () => {
  await openShop(on.source)
  const recording = await startRecording({ sourceUrl: on.sourceUrl, file })
  const slots = () => on.source<{ pid: number }[]>`
    select active_pid as pid from pg_replication_slots
    where slot_name like 'pt_record_%' and database = current_database()`
  const ended = recording.ended.then(
    () => 'stopped',
    () => 'lost',
  )

  await on.source`select pg_terminate_backend(${(await slots())[0]!.pid}, 5000)`

  expect(await ended).toBe('lost')
  await recording.abandon()
  expect(await slots()).toHaveLength(0)
  await expect(replayed()).rejects.toThrow('the recording breaks off')
  await expect(startRecording({ sourceUrl: on.sourceUrl, file })).rejects.toThrow('there already')
  const signal = AbortSignal.abort(new Error('given up'))
  const other = join(directory, 'other.ndjson')
  await expect(startRecording({ sourceUrl: on.sourceUrl, file: other, signal })).rejects.toThrow(
    'given up',
  )
  expect(await Bun.file(other).exists()).toBe(false)
  expect(await slots()).toHaveLength(0)
})
