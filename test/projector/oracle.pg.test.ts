/**
 * Tills write at random while the projector is stopped, cut off and started again at random: in the end
 * the read model is what the source says. PT_SEED repeats a run's choices, PT_ORACLE_SECONDS its length.
 */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { Projection } from './support/projection.ts'
import { openShop } from './support/till.ts'
import { type Random, randomOf, Workload } from './support/workload.ts'

const seed = Number(process.env.PT_SEED ?? Date.now() % 2 ** 31)
const seconds = Number(process.env.PT_ORACLE_SECONDS ?? 10)

let on: Projection

beforeEach(async () => {
  on = await Projection.open()
  await openShop(on.source)
})
afterEach(() => on.close())

/** Small limits, so that batches, chunks and pauses are many. */
const LIMITS = { batch: 60, chunk: 25, pending: 120 }

test(
  `any workload, through any number of stops and losses, ends equal (PT_SEED=${seed})`,
  async () => {
    const random = randomOf(seed)
    const tills = new Workload(on.sourceUrl, random, { tills: 3 }).start()

    const end = performance.now() + seconds * 1_000
    await disturb(random, (count) => performance.now() < end || count < 4 || tills.commits <= 100)
    await tills.stop()

    const projector = await on.live()
    await on.expectEqual()
    await expectSums()
    expect(projector.status().state).toBe('live')
  },
  seconds * 3_000 + 180_000,
)

/** Stops, starts and cuts off the projector, and again, until it has been done often enough. */
async function disturb(random: Random, goesOn: (count: number) => boolean): Promise<void> {
  let projector = on.start({ limits: LIMITS })
  let count = 0
  while (goesOn(count)) {
    await Bun.sleep(random() * 400)
    count++
    const choice = random()
    if (choice < 0.3) {
      await projector.stop()
      projector = on.start(random() < 0.5 ? { limits: LIMITS } : {})
    } else if (choice < 0.65) await cutOff(on.sourceUrl)
    else await cutOff(on.readUrl)
  }
  await projector.stop()
}

/** Ends every backend of a projector in this database, at whatever it is. */
async function cutOff(url: string): Promise<void> {
  await on.source`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = ${new URL(url).pathname.slice(1)}
      and application_name = 'purchase-timeline projector'`
}

/** The sums of the customers, straight from the source, in other words than the fold's. */
async function expectSums(): Promise<void> {
  const expected = await on.source`
    with counted as (
      select customer_id, location_id, currency, type, total from sale
      where status = 'completed' and customer_id is not null
        and isfinite(coalesce(completed_at, created_at))
      union all
      select customer_id, location_id, currency, type, total from "order" o
      where status = 'closed' and customer_id is not null
        and not exists (select from sale where order_id = o.id))
    select customer_id, location_id, currency, sum(total)::text as net,
      count(*) filter (where type <> 'return')::int as orders,
      count(*) filter (where type = 'return')::int as returns
    from counted group by 1, 2, 3 order by 1, 2, 3`
  const actual = await on.read`
    select customer_id, location_id, currency, net::text, order_count as orders, return_count as returns
    from customer_metrics order by 1, 2, 3`
  expect([...actual]).toEqual([...expected])
}
