/** Transactions that are too large for one piece. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { connect, Projection } from './support/projection.ts'
import { openShop, put, ringUpIn, ringUpMany } from './support/till.ts'

// Thousands of round trips, on machines that have other things to do.
setDefaultTimeout(600_000)

let on: Projection
/** Pieces of at most 50 changes; reading stops beyond 200. */
const LIMITS = { batch: 100, chunk: 50, pending: 200 }

beforeEach(async () => {
  on = await Projection.open()
  await openShop(on.source)
})
afterEach(() => on.close())

test('readers see all of a transaction that is cut in chunks, or nothing of it', async () => {
  const ann = await put(on.source, 'customer')
  await on.live({ limits: LIMITS })
  const reader = connect(on.readUrl, 1)
  const seen = new Set<string>()
  let watching = true
  const watch = (async () => {
    while (watching) {
      const [row] = await reader`
        select (select count(*) from purchase_timeline)::int as purchases,
          coalesce((select sum(order_count) from customer_metrics), 0)::int as orders`
      seen.add(`${row?.purchases} ${row?.orders}`)
    }
  })()

  await ringUpMany(on.source, 1_500, 2, ann)
  await on.caughtUp()
  watching = false
  await watch
  await reader.end()

  expect([...seen]).toContain('1500 1500')
  expect([...seen].filter((count) => count !== '0 0' && count !== '1500 1500')).toEqual([])
  await on.expectEqual()
})

test('a transaction whose chunks are lost halfway is applied anew as a whole', async () => {
  await on.live({ limits: LIMITS })
  await on.read.unsafe(`
    create sequence chunks;
    create function lose() returns trigger language plpgsql as $$ begin
      if nextval('chunks') = 20 then perform pg_terminate_backend(pg_backend_pid()); end if;
      return null;
    end $$;
    create trigger lose after insert on generation_1.purchase_timeline for each statement execute function lose()`)

  await ringUpMany(on.source, 2_000, 1)

  await on.expectEqual()
  const [row] = await on.read`select last_value::int as pieces from chunks`
  expect(row?.pieces).toBeGreaterThan(60)
})

test('one transaction changes what it wrote itself, chunk after chunk', async () => {
  const [ann, ben] = [await put(on.source, 'customer'), await put(on.source, 'customer')]
  await on.live({ limits: LIMITS })

  await on.source.begin(async (tx) => {
    await ringUpMany(tx, 200, 2, ann)
    await tx`update sale_line set total = total + 1`
    await tx`update sale set customer_id = ${ben} where total % 2 = 0`
    await tx`delete from sale where total % 3 = 0`
    const id = await ringUpIn(tx, { customer_id: ann }, 120)
    await tx`delete from sale_line where sale_id = ${id} and line_no % 2 = 0`
  })

  await on.expectEqual()
  const [row] = await on.read`
    select sum(order_count)::int as orders from customer_metrics where customer_id = ${ben}`
  expect(row?.orders).toBe(67)
})
