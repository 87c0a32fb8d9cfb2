/** Regions of one chain, each with a database and a projector of its own, in one read store. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readChecksums } from '../../projector/record/checksums.ts'
import { Projection } from './support/projection.ts'
import { Readers } from './support/readers.ts'
import { openShop, put, ringUp, ringUpMany } from './support/till.ts'
import { until } from './support/until.ts'
import { randomOf, Workload } from './support/workload.ts'

// Thousands of round trips, on machines that have other things to do.
setDefaultTimeout(600_000)

let east: Projection
let west: Projection
let readers: Readers

beforeEach(async () => {
  east = await Projection.open('public', 'east')
  west = await east.beside('west')
  await Promise.all([openShop(east.source), openShop(west.source)])
  readers = await Readers.open(east.readUrl)
})
afterEach(async () => {
  await readers.close()
  await west.close()
  await east.close()
})

/** A customer whom both regions know by the same id. */
async function customerOfBoth(row: Record<string, string | null> = {}): Promise<string> {
  const id = await put(east.source, 'customer', row)
  await put(west.source, 'customer', { id, ...row })
  return id
}

const summary = (customer: string) => readers.get(`/customers/${customer}/purchase-summary`)
const listed = async (customer: string) =>
  (await readers.walk(customer, 2)).data.map(({ id }) => id as string)
const live = () => Promise.all([east.live(), west.live()])

/** What a source has in the read store, whatever the others do. */
async function rowsOf(sourceId: string) {
  const tables = ['purchase_timeline', 'customer_metrics', 'customer_card', 'location_card']
  const sums = await Promise.all(
    tables.map(
      (table) => east.read`
        select count(*)::int as rows, md5(string_agg(t::text, '' order by t::text)) as sum
        from ${east.read(table)} t where source_id = ${sourceId}`,
    ),
  )
  return sums.map(([row]) => ({ ...row }))
}

describe('what a customer bought in two regions', () => {
  test('is one timeline, one sum and one page walk, and each answer says how far both are', async () => {
    const ann = await customerOfBoth({ name: 'Ann Lee', phone: '0170 1234567' })
    const at = (minute: number) => `2026-03-01 10:0${minute}:00+00`
    const rings: string[] = []
    for (const minute of [0, 1, 2, 3, 4]) {
      const { source } = minute % 2 ? west : east
      rings.unshift(
        await ringUp(source, { customer_id: ann, completed_at: at(minute), total: 100 }),
      )
    }
    await live()

    expect(await listed(ann)).toEqual(rings)
    const { totals, asOf } = await summary(ann)
    expect(totals).toMatchObject([{ currency: 'EUR', net: 500, orderCount: 5 }])
    expect(totals[0].firstPurchaseAt).toStartWith('2026-03-01T10:00')
    expect(totals[0].lastPurchaseAt).toStartWith('2026-03-01T10:04')
    const checkpoints = await east.read<{ source_id: string; lsn: string }[]>`
      select source_id, applied_lsn::text as lsn from projection_checkpoint`
    expect(asOf.sources).toEqual(
      Object.fromEntries(checkpoints.map(({ source_id, lsn }) => [source_id, lsn])),
    )
    for (const id of rings)
      expect(await readers.get(`/customers/${ann}/purchases/${id}`)).toMatchObject({
        location: { name: 'Shop' },
      })
    for (const query of ['Ann', '1234567'])
      expect((await readers.get(`/customers?query=${query}`)).data).toMatchObject([{ id: ann }])
    await east.expectEqual()
    await west.expectEqual()
  })

  test('is erased as soon as one region says so, and merged when both do', async () => {
    const ann = await customerOfBoth({ name: 'Ann' })
    const bob = await customerOfBoth({ name: 'Bob' })
    await ringUp(east.source, { customer_id: bob })
    await ringUp(west.source, { customer_id: ann })
    await live()
    const merge = (of: Projection) => of.source`
      update customer set status = 'merged', merged_into_id = ${bob} where id = ${ann}`
    const caughtUp = () => Promise.all([east.caughtUp(), west.caughtUp()])

    await merge(east)
    await caughtUp()
    expect(await summary(ann)).toMatchObject({ customerId: ann, totals: [{ orderCount: 1 }] })
    await west.source.begin(async (tx) => {
      await tx`update sale set customer_id = ${bob} where customer_id = ${ann}`
      await tx`update customer set status = 'merged', merged_into_id = ${bob} where id = ${ann}`
    })
    await caughtUp()
    expect(await summary(ann)).toMatchObject({ customerId: bob, totals: [{ orderCount: 2 }] })

    await west.source`
      update customer set status = 'erased', name = null, phone = null, external_ref = null, email = null
      where id = ${bob}`
    await caughtUp()
    expect((await readers.get('/customers?query=Bob')).data).toMatchObject([
      { id: bob, name: null, status: 'erased' },
    ])
  })
})

test('a purchase that both regions have is found by verify, and a rebuild goes on without blame', async () => {
  const ann = await customerOfBoth()
  const id = await ringUp(east.source, { customer_id: ann })
  await ringUp(west.source, { id, customer_id: ann })
  await ringUp(west.source, { customer_id: ann })
  await live()
  await Promise.all([east.caughtUp(), west.caughtUp()])

  const { equal, tables, differences } = await east.verify()

  expect(equal).toBe(false)
  expect(differences).toEqual([
    { table: 'purchase_timeline', key: id, column: 'source_id', expected: 'east', actual: 'west' },
  ])
  expect(tables.map(({ different }) => different)).toEqual([0, 0, 0, 1, 0])
  expect((await west.rebuild()).switched).toBe(true)
  await west.source`delete from sale where id = ${id}`
  await west.expectEqual()
  await east.expectEqual()
})

describe('sources that share a read store', () => {
  test('are each at a position of their own, and one that stops does not stop the other', async () => {
    const ann = await customerOfBoth()
    const [, westward] = await live()
    const position = async () =>
      BigInt(
        (
          await east.read`
      select (position - '0/0')::text as bytes from read_model`
        )[0]!.bytes,
      )
    await westward.stop()
    const [stood] = await west.generations()
    const before = await position()
    const applied = async (of: Projection) => (await of.position()).checkpoint!.appliedLsn
    const west0 = await applied(west)

    await ringUp(west.source, { customer_id: ann })
    await ringUp(east.source, { customer_id: ann })
    await east.caughtUp()

    expect(await summary(ann)).toMatchObject({ totals: [{ orderCount: 1 }] })
    expect(await applied(west)).toBe(west0)
    expect(await position()).toBeGreaterThan(before)
    await west.live()
    await west.caughtUp()
    expect(await summary(ann)).toMatchObject({ totals: [{ orderCount: 2 }] })
    expect(await west.generations()).toMatchObject([{ generation: stood!.generation }])
    await east.expectEqual()
    await west.expectEqual()
  })

  test('do not touch what the other has: by TRUNCATE, reset, rebuild or verify', async () => {
    const ann = await customerOfBoth()
    await ringUpMany(east.source, 300, 2, ann)
    await ringUpMany(west.source, 300, 2, ann)
    const [, westward] = await live()
    await Promise.all([east.caughtUp(), west.caughtUp()])
    await westward.stop()
    const untouched = await rowsOf('west')

    await east.source`truncate sale_line, sale_payment`
    await east.expectEqual()
    expect(await rowsOf('west')).toEqual(untouched)
    expect(await east.rebuild()).toMatchObject({ switched: true, verified: { equal: true } })
    await ringUp(east.source, { customer_id: ann })
    await east.expectEqual()
    expect(await rowsOf('west')).toEqual(untouched)
    await west.live().then((projector) => projector.stop())
    await west.reset()
    expect((await summary(ann)).totals).toMatchObject([{ orderCount: 301 }])
    expect((await summary(ann)).asOf.sources).toBeUndefined()
    await east.expectEqual()
    await west.live()
    await west.expectEqual()
    expect((await summary(ann)).totals).toMatchObject([{ orderCount: 601 }])
    await east.expectNothingLeft()
    await west.expectNothingLeft()
  })

  test('a first copy of the second disturbs nobody, and is seen at once when it is whole', async () => {
    const ann = await customerOfBoth()
    await ringUpMany(east.source, 40, 1, ann)
    await ringUpMany(west.source, 7_000, 1, ann)
    await east.live()
    const counts = new Set<number>()
    readers.start([await put(east.source, 'customer').then((id) => east.caughtUp().then(() => id))])
    const copying = { on: true }
    const looking = (async () => {
      while (copying.on) counts.add((await summary(ann)).totals[0].orderCount)
    })()

    await west.live()

    await until(() => counts.size > 1, 'both are seen')
    copying.on = false
    await looking
    expect([...counts]).toEqual([40, 7_040])
    await readers.stop()
    await east.expectEqual()
    await west.expectEqual()
  })

  test('any two workloads, with rebuilds in between, end equal to their sources', async () => {
    await live()
    const tills = [
      new Workload(east.sourceUrl, randomOf(5), { tills: 2, restMs: 100 }),
      new Workload(west.sourceUrl, randomOf(6), { tills: 2, restMs: 100 }),
    ]
    for (const till of tills) till.start()

    expect(await west.rebuild()).toMatchObject({ switched: true })
    expect(await east.rebuild()).toMatchObject({ switched: true })
    await Promise.all(tills.map((till) => till.stop()))

    await Promise.all([east.caughtUp(), west.caughtUp()])
    const tailed = await readChecksums(east.readUrl)
    await east.expectEqual()
    await west.expectEqual()
    await Promise.all([east.rebuild(), west.rebuild()])
    expect(await readChecksums(east.readUrl)).toEqual(tailed)
    await east.expectNothingLeft()
    await west.expectNothingLeft()
  })
})
