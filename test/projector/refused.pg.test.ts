/** Rows that the read store refuses, wherever they come along. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { Projection } from './support/projection.ts'
import { openShop, put, ringUp, ringUpMany } from './support/till.ts'

let on: Projection
/** An index entry can't be longer than a third of a page: customers are looked up by it. */
const phone = () => Array.from({ length: 6_000 }, () => Math.floor(Math.random() * 10)).join('')
const REASON = 'the read store refused it (SQLSTATE 54000)'

beforeEach(async () => {
  on = await Projection.open()
  await openShop(on.source)
})
afterEach(() => on.close())

test('a first copy goes on past a refused customer, and past rows that no timeline can show', async () => {
  const bad = await put(on.source, 'customer', { phone: phone() })
  await ringUp(on.source, { completed_at: 'infinity', customer_id: bad })
  await ringUpMany(on.source, 2_500, 1)
  await on.source`
    update sale set completed_at = 'infinity' where id in (
      select id from sale where completed_at <> 'infinity' order by id desc limit 1)`

  await on.live()

  const reasons = (await on.deadLetters()).map(({ reason }) => reason)
  expect(reasons.toSorted()).toEqual([
    'a sale whose time is infinity',
    'a sale whose time is infinity',
    REASON,
  ])
  await on.source`update customer set phone = null`
  await on.expectEqual()
})

test('a refused row within a transaction that is cut in chunks is a dead letter alone', async () => {
  await on.live({ limits: { batch: 100, chunk: 50, pending: 200 } })

  await on.source.begin(async (tx) => {
    await ringUpMany(tx, 200, 1)
    await put(tx, 'customer', { phone: phone() })
    await put(tx, 'customer', { phone: '1' })
    await ringUpMany(tx, 200, 1)
  })

  await on.caughtUp()
  expect((await on.deadLetters()).map(({ reason }) => reason)).toEqual([REASON])
  await on.source`delete from customer where phone <> '1'`
  await on.expectEqual()
})

test('purchases that are there against all expectation are written over, not refused', async () => {
  await on.live()
  const id = crypto.randomUUID()
  await ringUp(on.source)
  await on.caughtUp()
  await on.read.begin(async (tx) => {
    await tx`create temp table copied on commit drop as select * from purchase_timeline limit 1`
    await tx`update copied set purchase_id = ${id}, total = 5, lines = '[]', payments = '[]'`
    await tx`insert into purchase_timeline select * from copied`
  })

  await on.source.begin(async (tx) => {
    await ringUpMany(tx, 150, 1)
    await put(tx, 'sale', { id })
  })

  await on.expectEqual()
  expect(await on.deadLetters()).toHaveLength(0)
})
