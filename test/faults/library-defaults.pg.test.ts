/**
 * What pg-logical-replication loses when it is used as it comes, beside this projector on the same
 * source: why the stream here has its own acknowledgement.
 */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication'
import { DEFAULT_PUBLICATION } from '../../projector/source/publication.ts'
import { formatLsn, type Lsn, parseLsn } from '../../src/domain/lsn.ts'
import { emitMark } from '../../src/postgres/mark.ts'
import { Projection } from '../projector/support/projection.ts'
import { openShop, ringUp, ringUpTogether } from '../projector/support/till.ts'
import { until } from '../projector/support/until.ts'

/** A sale that is read from a slot by the library, in a transaction of its own. */
interface Sale {
  id: string
  commitLsn: Lsn
  endLsn: Lsn
  /** What the library says is the position of the commit. */
  lsn: string
}

const LIBRARY = 'library_defaults'
/** The only settings that acknowledge nothing by themselves. */
const BY_HAND = { auto: false, timeoutSeconds: 0 }

let on: Projection
let readers: LogicalReplicationService[]

beforeEach(async () => {
  readers = []
  on = await Projection.open()
  await openShop(on.source)
  // Makes the publication and the projector's slot; the library gets one that begins at the same sale.
  await on.live().then((projector) => projector.stop())
  await on.source`select pg_create_logical_replication_slot(${LIBRARY}, 'pgoutput')`
})
afterEach(async () => {
  await Promise.all(readers.map((reader) => reader.destroy()))
  await on.close()
})

/** Reads the library's slot; `onSale` gets each sale once its commit has come. */
async function read(
  acknowledge: { auto?: boolean; timeoutSeconds?: number } | undefined,
  onSale: (sale: Sale, reader: LogicalReplicationService) => void,
): Promise<LogicalReplicationService> {
  const reader = new LogicalReplicationService(
    { connectionString: on.sourceUrl },
    acknowledge && { acknowledge: { auto: true, timeoutSeconds: 10, ...acknowledge } },
  )
  readers.push(reader)
  reader.on('error', () => {})
  let id: string | null = null
  reader.on('data', (lsn, message) => {
    if (message.tag === 'insert' && message.relation.name === 'sale') id = message.new.id
    if (message.tag !== 'commit' || !id) return
    const [commitLsn, endLsn] = [parseLsn(message.commitLsn), parseLsn(message.commitEndLsn)]
    onSale({ id, commitLsn, endLsn, lsn }, reader)
    id = null
  })
  const started = new Promise((resolve) => reader.once('start', () => resolve(null)))
  const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: [DEFAULT_PUBLICATION] })
  reader.subscribe(plugin, LIBRARY).catch(() => {})
  await started
  return reader
}

/** Ends a reader as a crash would: it says nothing more. The slot is free afterwards. */
async function crash(reader: LogicalReplicationService) {
  await reader.destroy()
  await until(async () => !(await slot()).active, 'the slot is free')
}

async function slot() {
  const [row] = await on.source<{ active: boolean; confirmed: string }[]>`
    select active, confirmed_flush_lsn::text as confirmed from pg_replication_slots
    where slot_name = ${LIBRARY}`
  return { active: row!.active, confirmed: parseLsn(row!.confirmed) }
}

/** All sales that the slot still has. */
async function rest(): Promise<Sale[]> {
  const sales: Sale[] = []
  const last = await ringUp(on.source)
  const reader = await read(BY_HAND, (sale) => sales.push(sale))
  await until(() => sales.at(-1)?.id === last, 'the last sale')
  await crash(reader)
  return sales
}

test('acknowledge(lsn) of a commit loses the transaction that adjoins it; the projector keeps it', async () => {
  await ringUpTogether(on.source, 30)
  const all = await rest()
  const at = all.findIndex(({ commitLsn }, n) => commitLsn === all[n - 1]?.endLsn)
  expect(at).toBeGreaterThan(0)
  const [first, adjoining] = [all[at - 1]!, all[at]!]

  // Both stop right between the two, with the first one applied and acknowledged.
  let acknowledged = false
  const reader = await read(BY_HAND, (sale, reader) => {
    if (sale.id === first.id) reader.acknowledge(sale.lsn).then(() => (acknowledged = true))
  })
  await until(async () => acknowledged && (await slot()).confirmed >= first.endLsn, 'it is noted')
  await crash(reader)
  const projector = on.start({
    limits: { batch: 1, chunk: 100, pending: 200 },
    onPoint(point) {
      const { appliedLsn } = projector.status()
      if (point === 'acknowledged' && appliedLsn === formatLsn(first.endLsn)) projector.stop()
    },
  })
  await projector.finished
  expect(await on.purchase(adjoining.id)).toBeUndefined()

  const left = (await rest()).map(({ id }) => id)
  expect(left).not.toContain(adjoining.id)
  expect(left.slice(0, -2)).toEqual(all.slice(at + 1, -1).map(({ id }) => id))
  await on.live()
  await on.expectEqual()
  expect(await on.purchase(adjoining.id)).toBeDefined()
})

for (const [how, settings] of [
  ['as it comes', undefined],
  // Ten seconds by default; the same in less time.
  ['with auto: false alone', { auto: false, timeoutSeconds: 1 }],
] as const) {
  test(`the library ${how} acknowledges what is received, not what is applied; the projector does not`, async () => {
    const received: string[] = []
    const reader = await read(settings, ({ id }) => received.push(id))
    const projector = await on.live()
    const ids: string[] = []
    await on.read.begin(async (lock) => {
      // Neither gets anything applied: the library's handler has a store that hangs, too.
      await lock`lock projection_checkpoint in share row exclusive mode`
      for (let n = 0; n < 20; n++) ids.push(await ringUp(on.source))
      const mark = await emitMark(on.source)
      await until(() => received.length === ids.length, 'all is received')
      await until(async () => (await slot()).confirmed >= mark - 1_000n, 'it is acknowledged')
      await crash(reader)
      await projector.stop()
    })

    const left = (await rest()).map(({ id }) => id)
    expect(left.filter((id) => ids.includes(id)).length).toBeLessThan(ids.length)
    await on.live()
    await on.expectEqual()
    for (const id of ids) expect(await on.purchase(id)).toBeDefined()
  })
}
