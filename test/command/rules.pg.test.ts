/** What the source holds against any writer: a till's own SQL, an offline till, two at the same moment. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import type { TransactionSql } from 'postgres'
import { migrateDatabase } from '../../cli/migrate/migrate-database.ts'
import { commit } from '../../src/command/commit.ts'
import { mergeCustomers } from '../../src/command/merge-customers.ts'
import { Refusal } from '../../src/command/refusal.ts'
import { parseLsn } from '../../src/domain/lsn.ts'
import { connect } from '../projector/support/projection.ts'
import { BUSINESS, openShop, put } from '../projector/support/till.ts'
import { until } from '../projector/support/until.ts'
import { createDatabase } from '../support/postgres.ts'
import { CHAIN, Shop } from './support/shop.ts'

const OTHER = '00000000-0000-4000-8000-0000000000fe'
let shop: Shop

beforeAll(async () => {
  shop = await Shop.open()
  await shop.sql`insert into business (id, name, default_currency, timezone)
    values (${OTHER}, 'Other', 'EUR', 'UTC')`
})
afterAll(() => shop.close())

/** A merge as a till may write it. */
const rawMerge = (from: string, into: string, sql = shop.sql) => sql`
  update customer set status = 'merged', merged_into_id = ${into} where id = ${from}`
const failure = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error) => `${error.code} ${error.constraint_name}`,
  )
const people = (count: number) =>
  Promise.all(Array.from({ length: count }, () => shop.person())) as Promise<
    [string, string, string, ...string[]]
  >

/** Resolves once some backend of this source waits for a lock. */
const untilSomeoneWaits = () =>
  until(async () => {
    const rows = await shop.sql`select 1 from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`
    return rows.length > 0
  }, 'nobody waits for a lock')

/** Runs `work` in a transaction that is left open until `end` is called. */
async function openTransaction(work: (tx: TransactionSql) => Promise<unknown>) {
  const [done, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const whole = shop.sql.begin(async (tx) => {
    await work(tx)
    done.resolve()
    await ended.promise
  })
  await Promise.race([done.promise, whole])
  return async () => {
    ended.resolve()
    await whole
  }
}

describe('a till’s own merge', () => {
  test('moves the purchases, whether the till does or not', async () => {
    const [ann, bea] = await people(2)
    const purchases = [await shop.sale(ann), await shop.order(ann)]

    await rawMerge(ann, bea)

    expect(await shop.owners(...purchases)).toEqual([bea, bea])
  })

  test('is refused with the reason that the commands give', async () => {
    const [ann, bea, merged, erased, blocked] = await people(5)
    await rawMerge(merged, bea)
    await shop.erase(erased!)
    await shop.sql`update customer set status = 'blocked' where id = ${blocked!}`
    const foreign = await put(shop.sql, 'customer', { business_id: OTHER })

    const cases = [
      [ann, ann, 'into-itself'],
      [ann, foreign, 'customer-not-found'],
      [ann, merged, 'target-merged'],
      [ann, erased, 'erased'],
      [ann, blocked, 'blocked'],
      [merged, ann, 'already-merged'],
      [erased, ann, 'erased'],
      [blocked, ann, 'blocked'],
    ] as const
    for (const [from, into, reason] of cases) {
      expect(await failure(rawMerge(from!, into!))).toBe(`23514 ${reason}`)
      const inCommand = commit(shop.url, (tx) => rawMerge(from!, into!, tx as never))
      expect(await inCommand.catch((error) => error)).toMatchObject({ name: 'Refusal', reason })
    }
    const newborn = put(shop.sql, 'customer', { status: 'merged', merged_into_id: merged })
    expect(await failure(newborn)).toBe('23514 target-merged')
  })
})

describe('an erased customer', () => {
  test('is erased whole by a till that only says so, with all predecessors', async () => {
    const [ann, bea] = await people(2)
    const purchase = await shop.sale(ann)
    await shop.merge(ann, bea, 'Ann said so')

    await shop.sql`update customer set status = 'erased' where id = ${bea}`

    expect(await shop.owner(purchase)).toBeNull()
    for (const id of [ann, bea]) {
      expect(await shop.customer(id)).toMatchObject({ status: 'erased', name: null, phone: null })
    }
    const [left] = await shop.sql`
      select count(*)::int as erasures, (select count(*)::int from customer_merge
        where from_customer_id = ${ann} and reason is not null) as reasons
      from customer_erasure where customer_id in (${ann}, ${bea})`
    expect(left).toEqual({ erasures: 2, reasons: 0 })
  })

  test('never comes back: not by a status, a name, nor under the same id', async () => {
    const [ann] = await people(1)
    await shop.erase(ann)

    const revivals = [
      shop.sql`update customer set status = 'active' where id = ${ann}`,
      shop.sql`update customer set name = 'Ann' where id = ${ann}`,
      shop.sql`update customer set external_ref = 'A-1' where id = ${ann}`,
    ]
    for (const revival of revivals) expect(await failure(revival)).toBe('23514 erased')
    await shop.sql`delete from customer where id = ${ann}`
    expect(await failure(put(shop.sql, 'customer', { id: ann }))).toBe('23514 erased')
  })
})

describe('a purchase of a till that was offline', () => {
  test('for a merged customer is the survivor’s, for an erased one a guest’s', async () => {
    const [ann, bea, cleo] = await people(3)
    await shop.merge(ann, bea)
    await shop.merge(bea, cleo)
    const linked = await shop.order(null)

    const late = [await shop.sale(ann), await shop.order(bea), linked]
    await shop.sql`update "order" set customer_id = ${ann} where id = ${linked}`
    expect(await shop.owners(...late)).toEqual([cleo, cleo, cleo])

    await shop.erase(cleo)
    const afterwards = [await shop.sale(ann), await shop.order(cleo), linked]
    await shop.sql`update "order" set customer_id = ${cleo} where id = ${linked}`
    expect(await shop.owners(...afterwards)).toEqual([null, null, null])
  })

  test('for nobody known is refused as ever', async () => {
    expect(await failure(shop.sale(OTHER))).toBe('23503 sale_customer_id_customer_id_fk')
  })
})

describe('at the same moment', () => {
  test('a merge waits for a sale that is being rung up, and takes it along', async () => {
    const [ann, bea] = await people(2)
    let purchase = ''
    const end = await openTransaction(async (tx) => {
      purchase = await put(tx, 'sale', { customer_id: ann })
    })

    const merge = shop.merge(ann, bea)
    await untilSomeoneWaits()
    await end()

    await shop.unmerge(await merge)
    expect(await shop.owner(purchase)).toBe(ann)
  })

  test('a sale waits for a merge or an erasure, and ends with the survivor or nobody', async () => {
    const [ann, bea] = await people(2)
    for (const [become, owner] of [
      [(tx: TransactionSql) => rawMerge(ann, bea, tx as never), bea],
      [(tx: TransactionSql) => tx`update customer set status = 'erased' where id = ${bea}`, null],
    ] as const) {
      const end = await openTransaction(become)
      const purchase = shop.sale(ann)
      await untilSomeoneWaits()
      await end()
      expect(await shop.owner(await purchase)).toBe(owner)
    }
  })

  test('tills go on selling to the survivor of a merge that is not through', async () => {
    const [ann, bea] = await people(2)
    const end = await openTransaction((tx) =>
      mergeCustomers(tx, {
        scope: CHAIN,
        fromCustomerId: ann,
        intoCustomerId: bea,
        mergedBy: null,
        reason: null,
      }),
    )

    const purchase = await shop.sale(bea)

    await end()
    expect(await shop.owner(purchase)).toBe(bea)
  })

  test('of merges that would close a circle one at least is refused', async () => {
    const refused = ['already-merged', 'target-merged']
    for (let round = 0; round < 12; round++) {
      const circle = (await people(3)).slice(0, 2 + (round % 2))
      const outcomes = await Promise.allSettled(
        circle.map((from, at) => shop.merge(from, circle[(at + 1) % circle.length]!)),
      )
      const errors = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      expect(errors.length).toBeGreaterThan(0)
      expect(errors.length).toBeLessThan(circle.length)
      for (const error of errors) {
        expect(error).toBeInstanceOf(Refusal)
        expect(refused).toContain(error.reason)
      }
      await expectNoCircle()
    }
  })

  test('of tills’ own merges the second is refused, or one of two that wait for each other', async () => {
    const [ann, bea] = await people(2)
    const end = await openTransaction((tx) => rawMerge(ann, bea, tx as never))
    const second = failure(rawMerge(bea, ann))
    await untilSomeoneWaits()
    await end()
    expect(await second).toBe('23514 target-merged')

    const [cleo, dora] = await people(2)
    const bothAreIn = Promise.withResolvers<void>()
    let inside = 0
    const outcomes = await Promise.all(
      [
        [cleo, dora],
        [dora, cleo],
      ].map(([from, into]) =>
        failure(
          shop.sql.begin(async (tx) => {
            await tx`update customer set phone = null where id = ${from!}`
            if (++inside === 2) bothAreIn.resolve()
            await bothAreIn.promise
            await rawMerge(from!, into!, tx as never)
          }),
        ),
      ),
    )
    expect(outcomes).toContain(null)
    expect(outcomes.find((outcome) => outcome !== null)).toStartWith('40P01')
    await expectNoCircle()
  })

  test('an erasure and a merge into the same person leave no purchase with an erased one', async () => {
    for (let round = 0; round < 6; round++) {
      const [ann, bea] = await people(2)
      const purchase = await shop.sale(ann)

      const [merged] = await Promise.allSettled([shop.merge(ann, bea), shop.erase(bea)])

      expect(await shop.owner(purchase)).toBe(merged.status === 'fulfilled' ? null : ann)
    }
  })
})

async function expectNoCircle() {
  const [row] = await shop.sql`
    with recursive walk as (
      select id as start, merged_into_id as at from customer where merged_into_id is not null
      union select start, merged_into_id from walk join customer on id = at where merged_into_id is not null)
    select count(*)::int as circles from walk where start = at`
  expect(row).toEqual({ circles: 0 })
}

test('the token is at or behind the end of the commit, on a till that does not wait for the disk too', async () => {
  const hasty = `${shop.url}?synchronous_commit=off`

  const { result, lsn } = await commit(hasty, async (tx) => {
    await tx`insert into customer (business_id, name) values (${BUSINESS}, 'Ann')`
    const [row] = await tx<{ lsn: string; habit: string }[]>`
      select pg_current_wal_insert_lsn()::text as lsn, current_setting('synchronous_commit') as habit`
    return row!
  })

  expect(result.habit).toBe('on')
  expect(lsn > parseLsn(result.lsn)).toBe(true)
})

test('a source from before the rules is brought under them', async () => {
  const url = await createDatabase()
  const sql = connect(url)
  const folder = await mkdtemp(join(tmpdir(), 'pt-migrations-'))
  try {
    await cp(new URL('../../migrations/source', import.meta.url).pathname, folder, {
      recursive: true,
    })
    const journal = JSON.parse(await readFile(`${folder}/meta/_journal.json`, 'utf8'))
    const before = { ...journal, entries: journal.entries.slice(0, 2) }
    await writeFile(`${folder}/meta/_journal.json`, JSON.stringify(before))
    await migrate(drizzle(sql), { migrationsFolder: folder })
    const old = new Shop(sql, url)
    await openShop(sql)
    const [ann, bea, cleo, dora] = [
      await old.person(),
      await old.person(),
      await old.person(),
      await old.person(),
    ]
    const purchases = [await old.sale(ann), await old.order(bea), await old.sale(dora)]
    await sql`update customer set status = 'merged', merged_into_id = ${bea} where id = ${ann}`
    await sql`update customer set status = 'merged', merged_into_id = ${cleo} where id = ${dora}`
    await sql`update customer set status = 'erased', name = null where id = ${cleo}`
    await sql`insert into customer_merge (business_id, from_customer_id, into_customer_id, reason)
      values (${BUSINESS}, ${dora}, ${cleo}, 'Dora said so')`

    await migrateDatabase(url, 'source')

    expect(await old.owners(...purchases)).toEqual([bea, bea, null])
    expect(await old.customer(dora)).toMatchObject({ status: 'erased', phone: null })
    const [left] = await sql`select (select count(*)::int from customer_erasure) as erasures, reason
      from customer_merge`
    expect(left).toEqual({ erasures: 2, reason: null })
  } finally {
    await sql.end({ timeout: 1 })
    await rm(folder, { recursive: true, force: true })
  }
})
