/** Dead letters: tried again they end equal to the source, whatever happens meanwhile. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  discardLetter,
  listLetters,
  requestRetry,
  untilRetried,
} from '../../projector/letters/letters.ts'
import { readStatus } from '../../projector/status.ts'
import { verify } from '../../projector/verify/verify.ts'
import { silentLog } from '../../src/log.ts'
import { Projection } from './support/projection.ts'
import { KIM, openShop, put, ringUp, SHOP, serve } from './support/till.ts'
import { until } from './support/until.ts'
import { type Random, randomOf, Workload } from './support/workload.ts'

// Thousands of round trips, on machines that have other things to do.
setDefaultTimeout(600_000)

const seed = Number(process.env.PT_SEED ?? Date.now() % 2 ** 31)
const seconds = Number(process.env.PT_ORACLE_SECONDS ?? 8)

/** What takes longer does not end. */
const HANGS_MS = 90_000

let on: Projection

beforeEach(async () => {
  on = await Projection.open()
  await openShop(on.source)
})
afterEach(() => on.close())

/** From now on the read store takes no purchase in this currency. */
async function refuse(currency: string) {
  await on.read.unsafe(`
    create function refuse() returns trigger language plpgsql as $$ begin
      if new.currency = '${currency}' then raise exception 'refused' using errcode = '22000'; end if;
      return new;
    end $$;
    create trigger refuse before insert or update on purchase_timeline
      for each row execute function refuse()`)
}

const letters = () => listLetters(on.read, 'main')

async function retry(ids: string[] | 'all' = 'all') {
  await on.caughtUp()
  const requested = await requestRetry(on.read, 'main', ids)
  return untilRetried(on.source, on.read, 'main', requested, AbortSignal.timeout(HANGS_MS))
}

describe('a letter whose cause is mended', () => {
  test('a sale that was refused with its lines is whole after a retry, and so is the order it settles', async () => {
    const raised: { to: bigint; ids: readonly string[] }[] = []
    const raise = async (to: bigint, ids: readonly string[]) => void raised.push({ to, ids })
    await on.live({ floors: { raise, raiseAll: async () => {}, forget: async () => {} } })
    await refuse('XXX')
    const ann = await put(on.source, 'customer')
    const order = await serve(on.source)
    const sale = await ringUp(on.source, { currency: 'XXX', customer_id: ann, order_id: order }, 3)
    await on.caughtUp()
    expect((await letters()).map(({ table }) => table).sort()).toEqual([
      'sale',
      ...['sale_line', 'sale_line', 'sale_line', 'sale_payment'],
    ])
    expect((await verify(on)).equal).toBe(false)

    await on.source`update sale set currency = 'EUR' where id = ${sale}`
    await on.caughtUp()
    expect(await on.purchase(sale)).toMatchObject({ item_count: 0 })
    const positionBefore = await position()
    raised.length = 0
    const answer = await retry()

    expect(answer).toMatchObject({ failed: [], waiting: [] })
    expect(answer.projected).toHaveLength(5)
    await on.expectEqual()
    expect(await on.purchase(sale)).toMatchObject({ item_count: 3 })
    expect(await on.purchase(order)).toMatchObject({ listed: false, settled_by: [sale] })
    expect(await letters()).toEqual([])
    // No answer from before the retry passes for one from after.
    const floor = await until(() => raised.find(({ ids }) => ids.includes(ann)), 'a raise')
    expect(floor.to).toBeGreaterThan(positionBefore)
  })

  test('an order that was refused knows the sales that settle it', async () => {
    await on.live()
    await refuse('XXX')
    const order = await serve(on.source, { currency: 'XXX' }, 2)
    const sale = await ringUp(on.source, { order_id: order })

    await on.source`update "order" set currency = 'EUR' where id = ${order}`

    expect(await retry()).toMatchObject({ failed: [], waiting: [] })
    await on.expectEqual()
    expect(await on.purchase(order)).toMatchObject({ settled_by: [sale], item_count: 2 })
  })

  test('a line that was refused where it went to is where it is, and nowhere else', async () => {
    await on.live()
    await refuse('XXX')
    const [from, to] = [await ringUp(on.source, {}, 2), await ringUp(on.source, {}, 0)]
    await on.source`update sale set currency = 'XXX' where id = ${to}`
    await on.source`update sale_line set qty = 'NaN', sale_id = ${to} where sale_id = ${from} and line_no = 1`
    await on.caughtUp()

    await on.source`update sale set currency = 'EUR' where id = ${to}`
    await on.source`update sale_line set qty = 2 where sale_id = ${to}`

    expect(await retry()).toMatchObject({ failed: [], waiting: [] })
    await on.expectEqual()
    expect(await on.purchase(from)).toMatchObject({ item_count: 1 })
    expect(await on.purchase(to)).toMatchObject({ item_count: 1 })
  })

  test('of what is gone at the source nothing is left', async () => {
    await on.live()
    const phone = Array.from({ length: 6_000 }, () => Math.floor(Math.random() * 10)).join('')
    const customer = await put(on.source, 'customer', { phone })
    const sale = await ringUp(on.source, { completed_at: 'infinity' })
    await on.caughtUp()
    expect(await letters()).toHaveLength(2)

    await on.source`delete from sale where id = ${sale}`
    await on.source`delete from customer where id = ${customer}`

    expect((await retry()).projected).toHaveLength(1)
    await on.expectEqual()
    expect(await letters()).toEqual([])
  })
})

test('a letter whose cause is still there stays, with what is wrong now', async () => {
  await on.live()
  const bad = await ringUp(on.source, { completed_at: 'infinity' })
  await on.source`update sale_line set qty = 'NaN' where sale_id = ${bad}`
  await on.source`update sale set completed_at = '-infinity' where id = ${bad}`
  await on.caughtUp()
  const [never, nan] = await letters()

  const answer = await retry([never!.id, nan!.id])

  expect(answer.failed).toEqual([
    { id: never!.id, reason: 'a sale whose time is -infinity' },
    { id: nan!.id, reason: 'sale_line.qty is NaN' },
  ])
  await on.source`update sale_line set qty = 1 where sale_id = ${bad}`
  expect((await retry([nan!.id])).projected).toEqual([nan!.id])
  expect(await letters()).toMatchObject([{ id: never!.id, attempts: 1 }, { attempts: 0 }])
  await on.expectEqual()
})

test('what is discarded is kept with its reason, and neither counted nor tried again', async () => {
  await on.live()
  await ringUp(on.source, { completed_at: 'infinity' })
  await on.caughtUp()
  const [letter] = await letters()

  expect(await discardLetter(on.read, 'main', letter!.id, 'a training receipt')).toBe(true)

  expect(await discardLetter(on.read, 'main', letter!.id, 'again')).toBe(false)
  expect(await requestRetry(on.read, 'main', 'all')).toEqual([])
  expect((await readStatus(on.source, on.read)).deadLetters).toBe(0)
  expect(await listLetters(on.read, 'main', { discarded: true })).toMatchObject([
    { id: letter!.id, discarded: { why: 'a training receipt' } },
  ])
})

test('of a person who is erased or deleted no letter is left, open or discarded', async () => {
  await on.live()
  const phone = () => Array.from({ length: 6_000 }, () => Math.floor(Math.random() * 10)).join('')
  const [erased, deleted, other] = [
    await put(on.source, 'customer', { name: 'Elspeth', phone: phone() }),
    await put(on.source, 'customer', { phone: phone() }),
    await put(on.source, 'customer', { phone: phone() }),
  ]
  await on.caughtUp()
  const [first] = await letters()
  await discardLetter(on.read, 'main', first!.id, 'a typing error')

  await on.source`
    update customer set status = 'erased', name = null, phone = null where id = ${erased}`
  await on.source`delete from customer where id = ${deleted}`
  await on.caughtUp()

  const kept = await on.read<
    { id: string }[]
  >`select change -> 'new' ->> 'id' as id from dead_letter`
  expect(kept.map(({ id }) => id)).toEqual([other])
})

test('of an erased person’s purchase the letter stays as a guest’s, and can be tried again', async () => {
  await on.live()
  const ann = await put(on.source, 'customer', { name: 'Ann' })
  const before = await ringUp(on.source, { customer_id: ann, completed_at: 'infinity' })
  await on.caughtUp()

  // One more in the transaction that erases: its letter is written in the same batch.
  await on.source.begin(async (tx) => {
    await put(tx, 'order', { customer_id: ann, closed_at: 'infinity' })
    await tx`update customer set status = 'erased' where id = ${ann}`
  })
  await on.caughtUp()

  expect(JSON.stringify(await on.read`select change from dead_letter`)).not.toContain(ann)
  expect(await on.deadLetters()).toContainEqual(
    expect.objectContaining({
      change: expect.objectContaining({ new: expect.objectContaining({ id: before }) }),
    }),
  )
  await on.source`update sale set completed_at = now()`
  await on.source`update "order" set closed_at = now()`
  expect((await retry()).failed).toEqual([])
  await on.expectEqual()
})

test('asked for while no projector runs, they are tried when one does', async () => {
  const projector = await on.live()
  await ringUp(on.source, { completed_at: 'infinity' })
  await on.caughtUp()
  await on.source`update sale set completed_at = now()`
  await projector.stop()

  const ids = await requestRetry(on.read, 'main', 'all')
  const answer = await untilRetried(on.source, on.read, 'main', ids, AbortSignal.timeout(HANGS_MS))

  expect(answer).toEqual({ projected: [], failed: [], waiting: ids })
  await on.live()
  await until(async () => (await letters()).length === 0, 'they are tried')
  await on.expectEqual()
})

for (const killed of [false, true])
  test(`a stream that lags repeats older changes of what was retried${killed ? ', also after a kill' : ''}`, async () => {
    // One transaction at a time, and only a few wait: most are still unread at the retry.
    const limits = { batch: 1, chunk: 5, pending: 10 }
    const told: string[] = []
    const log = { ...silentLog, info: (message: string) => void told.push(message) }
    const projector = await on.live({ limits, log })
    const gone = await ringUp(on.source, { completed_at: 'infinity' })
    const there = await ringUp(on.source, { completed_at: 'infinity' })
    await on.caughtUp()
    const release = await stall()
    for (let n = 0; n < 300; n++) {
      await put(on.source, 'sale_line', { sale_id: gone, line_no: n })
      await put(on.source, 'sale_line', { sale_id: there, line_no: n })
    }
    await on.source`delete from sale where id = ${gone}`
    await on.source`update sale set completed_at = now(), employee_id = ${KIM} where id = ${there}`
    await on.source`delete from sale_line where sale_id = ${there} and line_no % 2 = 0`

    await requestRetry(on.read, 'main', 'all')
    await until(() => told.includes('dead letters are to be tried again'), 'the request is seen')
    await release()
    await until(async () => (await letters()).length === 0, 'they are tried')
    if (killed) {
      expect(await phase()).toBe('catching_up')
      await projector.stop()
      on.start({ limits })
    }

    await on.expectEqual()
    expect(await letters()).toEqual([])
    await until(async () => (await phase()) === 'live', 'it is live')
  })

test(
  `any sequence of poison, cures and retries, through losses of the projector, ends equal (PT_SEED=${seed})`,
  async () => {
    const random = randomOf(seed)
    await on.live({ limits: LIMITS }).then((projector) => projector.stop())
    await refuse('XXX')
    const tills = new Workload(on.sourceUrl, random).start()
    const end = performance.now() + seconds * 1_000
    const done = { disturbances: 0, retries: 0 }
    const goesOn = () => performance.now() < end || done.disturbances < 4 || done.retries < 4

    await Promise.all([
      disturb(random, done, goesOn),
      retryNowAndThen(random, done, goesOn),
      poison(random, goesOn),
    ])
    await tills.stop()
    await on.live()
    await on.source`update sale set currency = 'EUR' where currency = 'XXX'`
    await on.source`update sale set completed_at = now() where completed_at = 'infinity'`
    const answer = await retry()

    expect(answer).toMatchObject({ failed: [], waiting: [] })
    await on.expectEqual()
    expect(await letters()).toEqual([])
  },
  seconds * 3_000 + 180_000,
)

const LIMITS = { batch: 60, chunk: 25, pending: 120 }

/** Sales become such as the read store refuses, or others again. */
async function poison(random: Random, goesOn: () => boolean) {
  const some = () => `(select id from sale where id >= '${hex(random)}' order by id limit 1)`
  while (goesOn()) {
    const choice = random()
    const statement =
      choice < 0.3
        ? `update sale set currency = 'XXX' where id = ${some()}`
        : choice < 0.6
          ? `update sale set currency = 'EUR' where currency = 'XXX' and random() < 0.7`
          : choice < 0.7
            ? `insert into sale (business_id, location_id, type, status, currency, subtotal, total, order_id)
               select business_id, '${SHOP}', 'sale', 'completed', 'XXX', 1, 1, id from "order" limit 1`
            : choice < 0.85
              ? `update sale set completed_at = 'infinity' where id = ${some()}`
              : `update sale set completed_at = now() where completed_at = 'infinity'`
    await on.source.unsafe(statement).catch((error) => {
      // A deadlock with a till, or a connection that was cut off.
      if (!/^(40|23|57|CONN|ECONN)/.test(error.code ?? '')) throw error
    })
    await Bun.sleep(random() * 30)
  }
}

async function retryNowAndThen(
  random: Random,
  done: { retries: number },
  goesOn: () => boolean,
): Promise<void> {
  while (goesOn()) {
    await Bun.sleep(random() * 600)
    const open = (await letters()).map(({ id }) => id)
    const some = open.filter(() => random() < 0.7)
    if (some.length === 0) continue
    await requestRetry(on.read, 'main', some)
    done.retries++
  }
}

/** Stops, starts and cuts off the projector until the time has come. */
async function disturb(
  random: Random,
  done: { disturbances: number },
  goesOn: () => boolean,
): Promise<void> {
  let projector = on.start({ limits: LIMITS })
  while (goesOn()) {
    await Bun.sleep(300 + random() * 1_500)
    done.disturbances++
    if (random() < 0.5) {
      await projector.stop()
      projector = on.start({ limits: LIMITS })
    } else
      await on.source`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname in (${new URL(on.sourceUrl).pathname.slice(1)}, ${new URL(on.readUrl).pathname.slice(1)})
          and application_name = 'purchase-timeline projector'`
  }
  await projector.stop()
}

const hex = (random: Random) =>
  `${Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0')}-0000-4000-8000-000000000000`

async function position(): Promise<bigint> {
  const [row] = await on.read<{ position: string }[]>`
    select (position - '0/0'::pg_lsn)::text as position from read_model`
  return BigInt(row!.position)
}

const phase = async () => (await on.position()).checkpoint!.phase

/** Keeps the projector from committing. @returns lets it go on */
async function stall(): Promise<() => Promise<unknown>> {
  const holder = await on.read.reserve()
  await holder`begin`
  await holder`select from projection_checkpoint for update`
  return async () => {
    await holder`commit`
    holder.release()
  }
}
