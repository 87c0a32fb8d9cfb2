/** The second wall: row security in the read store (11 of the list in security.md). */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdir } from 'node:fs/promises'
import postgres from 'postgres'
import { type Scope, scopeOf } from '../../src/domain/scope.ts'
import { searchCustomers } from '../../src/read/search.ts'
import { READ_CLIENT_OPTIONS, type ReadSql } from '../../src/read/store.ts'
import { tenantRows } from '../../src/read/tenant.ts'
import { BOOT_MS, makeId, ReadModel } from '../http/support/read-model.ts'

const TENANT_TABLES = [
  'purchase_timeline',
  'customer_metrics',
  'customer_card',
  'location_card',
  'employee_card',
  'token_revocation',
]
let model: ReadModel
/** One connection of the API's role: whatever a statement leaves behind, the next one meets. */
let sql: ReadSql
let mine: Scope
let theirs: Scope

beforeAll(async () => {
  model = await ReadModel.create()
  sql = postgres(model.url, {
    ...READ_CLIENT_OPTIONS,
    max: 1,
    onnotice() {},
    connection: { plan_cache_mode: 'force_generic_plan' },
  })
  ;[mine, theirs] = [await chain('Anna Mine'), await chain('Anna Theirs')]
}, BOOT_MS)
afterAll(async () => {
  await sql.end({ timeout: 1 })
  await model.drop()
})

/** A chain that has a row in each table. */
async function chain(name: string): Promise<Scope> {
  const businessId = makeId('biz')
  const customerId = await model.customer(businessId, { name, phone: '+44 20 7946 0000' })
  const locationId = await model.location(businessId)
  const employeeId = await model.employee(businessId, 'Kim')
  await model.purchases([
    { businessId, customerId, locationId, employeeId, total: 100, receiptNumber: 'R-1' },
  ])
  await model.owner`insert into token_revocation values (${businessId}, ${employeeId}, now())`
  return scopeOf(businessId, '*')
}

const businessesIn = async (scope: Scope, table: string) => {
  const rows = await tenantRows<{ business_id: string }>(
    sql,
    scope,
    sql`select business_id from ${sql(table)}`,
  )
  return rows.map((row) => row.business_id)
}

describe('attack 11: a statement', () => {
  test.each(TENANT_TABLES)('that names no tenant sees nothing of %s', async (table) => {
    expect(await sql`select * from ${sql(table)}`).toHaveLength(0)
    expect(
      await sql`select * from ${sql(table)} where business_id = ${mine.businessId}`,
    ).toHaveLength(0)
    expect(await model.owner`select * from ${sql(table)}`).toHaveLength(2)
  })

  test.each(TENANT_TABLES)('that forgets its condition sees one tenant of %s', async (table) => {
    expect(await businessesIn(mine, table)).toEqual([mine.businessId])
    expect(await businessesIn(theirs, table)).toEqual([theirs.businessId])
  })

  test('that names no tenant finds no customer by a search', async () => {
    expect(await sql`select * from search_customer_ids('', '{}', 'anna:*', 20)`).toHaveLength(0)
    expect(await sql`select * from customer_ids_with_email('anna@example.com', 20)`).toHaveLength(0)
    expect(await sql`select * from purchase_ids_with_receipt('R-1', null, 20)`).toHaveLength(0)
    expect((await searchCustomers(sql, mine, 'anna')).value.map(({ name }) => name)).toEqual([
      'Anna Mine',
    ])
  })

  test('that names a tenant by something else than an id fails', async () => {
    const broken = { ...mine, businessId: `${mine.businessId}' or true --` } as Scope
    const failure = businessesIn(broken, 'purchase_timeline')

    await expect(failure).rejects.toMatchObject({ code: '22P02' })
    expect(await businessesIn({ ...mine, businessId: '' } as Scope, 'customer_card')).toEqual([])
  })

  test('leaves nothing behind for the next one on its connection', async () => {
    const named = () => sql`select nullif(current_setting('pt.business_id', true), '') as name`

    await businessesIn(mine, 'customer_card')
    expect(await named()).toEqual([{ name: null }] as never)
    expect(await sql`select * from customer_card`).toHaveLength(0)
    const broken = tenantRows(sql, mine, sql`select 1 / (total - 100) from purchase_timeline`)
    await expect(broken).rejects.toMatchObject({ code: '22012' })
    expect(await named()).toEqual([{ name: null }] as never)
    expect(await sql`select * from customer_card`).toHaveLength(0)
  })

  test('is not mistaken for another that was sent along with it', async () => {
    const scopes = Array.from({ length: 100 }, (_, n) => (n % 3 === 0 ? mine : theirs))

    const seen = await Promise.all(scopes.map((scope) => businessesIn(scope, 'customer_card')))

    expect(seen).toEqual(scopes.map((scope) => [scope.businessId]))
  })

  test('keeps the order of its rows', async () => {
    const order = sql`select n from generate_series(1, 1000) n order by n * 7919 % 1000 desc`
    const rows = await tenantRows<{ n: number }>(sql, mine, order)

    expect(rows.map(({ n }) => n)).toEqual((await order).map(({ n }) => n))
  })
})

describe('attack 11: the role of the API', () => {
  test.each([
    ['switches row security off', 'set row_security = off; select * from customer_card', '42501'],
    ['becomes the owner', 'set role postgres', '42501'],
    ['becomes another user', 'set session authorization postgres', '42501'],
    ['changes a policy', 'drop policy tenant on customer_card', '42501'],
    ['lets itself out', 'alter table customer_card disable row level security', '42501'],
    ['writes', `update customer_card set name = 'x'`, '42501'],
    ['revokes', `delete from token_revocation`, '42501'],
    ['reads a generation', 'select * from generation_1.customer_card', '42501'],
    ['reads what could not be projected', 'select * from dead_letter', '42501'],
    ['reads the outbox', 'select * from cache_outbox', '42501'],
    ['reads the slots', 'select slot_name from projection_checkpoint', '42501'],
    ['makes a function', 'create function f() returns int language sql as $$select 1$$', '42501'],
    ['makes a schema', 'create schema mine', '42501'],
  ])('can not do it when it %s', async (_what, statement, code) => {
    const own = postgres(model.url, { ...READ_CLIENT_OPTIONS, max: 1, onnotice() {} })
    await expect(own.unsafe(statement)).rejects.toMatchObject({ code })
    await own.end({ timeout: 1 })
  })

  test('reaches nothing that row security does not cover', async () => {
    const open = await model.owner`
      select n.nspname || '.' || c.relname as name from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'
        and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and has_schema_privilege('purchase_timeline_api', n.oid, 'usage')
        and has_any_column_privilege('purchase_timeline_api', c.oid, 'select,insert,update,references')
        and not (c.relrowsecurity and c.relforcerowsecurity)
        and not (c.relkind = 'v' and 'security_invoker=true' = any (c.reloptions))`
    const writable = await model.owner`
      select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname not in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'p', 'v')
        and (has_any_column_privilege('purchase_timeline_api', c.oid, 'insert,update')
          or has_table_privilege('purchase_timeline_api', c.oid, 'delete,truncate,trigger'))`
    const covered = await model.owner`
      select relname as name from pg_class
      where relrowsecurity and relforcerowsecurity and relnamespace = 'public'::regnamespace
        and exists (select from pg_policy where polrelid = pg_class.oid and polname = 'tenant')`

    expect({ open: [...open], writable: [...writable] }).toEqual({ open: [], writable: [] })
    expect(covered.map(({ name }) => name).sort()).toEqual([...TENANT_TABLES].sort())
  })

  test('has three functions that run with the rights of their owner, and one that does not', async () => {
    const functions = await model.owner`
      select p.proname as name, p.prosecdef as definer from pg_proc p
      where p.pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      order by name`

    expect(functions.map(({ name, definer }) => [name, definer])).toEqual([
      ['customer_ids_with_email', true],
      ['known_time_zone', false],
      ['purchase_ids_with_receipt', true],
      ['search_customer_ids', true],
    ])
  })
})

test('attack 11: no query of the API goes round the wall', async () => {
  const directory = new URL('../../src/read/', import.meta.url).pathname
  const names = await readdir(directory)
  const executing = await Promise.all(
    names.map(async (name) => {
      const text = await Bun.file(directory + name).text()
      // A fragment is neither typed nor awaited.
      return /\bsql<|await sql`/.test(text) ? name : null
    }),
  )

  // How far the read model is belongs to no tenant.
  expect(executing.filter((name) => name !== null).sort()).toEqual([
    'position.ts',
    'readiness.ts',
    'tenant.ts',
  ])
})
