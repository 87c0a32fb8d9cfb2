/** A source that is not quite ours: what of it makes no difference, and what is refused. */
import { afterEach, expect, test } from 'bun:test'
import { reset } from '../../projector/reset.ts'
import { quoted } from '../../projector/source/contract.ts'
import { publicationSql } from '../../projector/source/publication.ts'
import { kindOf, TABLES, type TableName } from '../../projector/source/tables.ts'
import { connect, Projection } from './support/projection.ts'
import { openShop, put, ringUp, ringUpMany, serve } from './support/till.ts'

let on: Projection
afterEach(() => on.close())

/** Types that a real POS may well have, with the same texts as ours. */
const TYPES = {
  id: 'uuid',
  time: 'timestamptz(3)',
  money: 'integer',
  count: 'bigint',
  quantity: 'numeric',
  text: 'varchar(200)',
}
const OWN_TYPES: Record<string, string> = {
  status: '"Status"',
  currency: 'character(3)',
  total: 'minor_units',
}

/** The tables of docs/SOURCE.md in a schema of another name, among a POS's own tables and columns. */
async function openPos(schema: string) {
  on = await Projection.open(schema)
  await on.source.unsafe(`
    create schema ${quoted(schema)};
    create type "Status" as enum ('active', 'merged', 'blocked', 'erased', 'draft', 'parked', 'completed', 'voided', 'open', 'closed', 'cancelled');
    create domain minor_units as numeric(12, 0);
    create table business (id uuid primary key, name text, default_currency text, timezone text);
    create table audit_log (id bigint generated always as identity primary key, note text);
    create table "Loyalty" (customer_id uuid, points int)`)
  for (const { name, columns, key } of Object.values(TABLES)) {
    const defined = columns.map(
      (column) => `"${column}" ${OWN_TYPES[column] ?? TYPES[kindOf(column)]}`,
    )
    const business = columns.includes('business_id') ? [] : ['business_id uuid']
    const extra = ["allergies text not null default 'nuts'", 'till_state jsonb', ...business]
    await on.source.unsafe(`
      create table "${name}" (${[...extra, ...defined.reverse()].join(', ')}, role text, primary key (id));
      create unique index "${name}_key" on "${name}" (${key.map((column) => `"${column}"`).join(', ')})
        ${key.length > 1 ? `; alter table "${name}" alter id set not null, alter "${key[0]}" set not null, replica identity using index "${name}_key"` : ''}`)
  }
}

test('a schema of any name, with more tables and columns, in another order and of like types', async () => {
  await openPos(`Joe's "POS"`)
  await openShop(on.source)
  const customer = await put(on.source, 'customer', { name: 'Ann', status: 'active' })
  const zeroes = { discount_total: 0, tax_total: 0, tip_total: 0, customer_id: customer }
  const copied = await ringUp(on.source, zeroes, 0)
  await on.live()

  const streamed = await ringUp(on.source, zeroes, 0)
  const order = await put(on.source, 'order', { ...zeroes, guest_count: 4 })
  await put(on.source, 'sale_line', { sale_id: streamed, discount_total: 0, tax_total: 0 })
  await put(on.source, 'order_item', {
    order_id: order,
    discount_total: 0,
    tax_total: 0,
    seat_no: 3,
  })
  await on.source`update sale set till_state = '{"drawer": 1}', tip_total = 5 where id = ${copied}`
  await on.source`delete from sale_payment where sale_id = ${copied}`
  await on.source`insert into audit_log (note) values ('closed')`
  // The tables that are in our own schema there are no source.
  await on.source.unsafe(`insert into public.business (id, name, default_currency, timezone)
    values (gen_random_uuid(), 'Other', 'EUR', 'UTC')`)
  await on.source.unsafe(
    `insert into public.customer (business_id, name) select id, 'Eve' from public.business`,
  )

  await on.expectEqual()
  expect(await on.purchase(copied)).toMatchObject({ counted: true, payments: [] })
  expect(await on.purchase(streamed)).toMatchObject({ currency: 'EUR', total: '1000' })
  expect(await on.purchase(order)).toMatchObject({ guest_count: 4, item_count: 1 })
  expect(await on.deadLetters()).toHaveLength(0)
  const [card, ...others] = await on.read`select name from customer_card`
  expect(card).toEqual({ name: 'Ann' })
  expect(others).toHaveLength(0)
  expect((await on.rebuild()).switched).toBe(true)
  const published = await on.source`
    select 1 from pg_publication_tables where 'allergies' = any(attnames)`
  expect(published).toHaveLength(0)
})

test('a table in partitions is projected as one', async () => {
  await openPos('pos')
  await on.source.unsafe(`
    drop table sale_payment;
    create table sale_payment (business_id uuid, sale_id uuid, id uuid, method text, amount int, reference text,
      primary key (sale_id, id)) partition by hash (sale_id);
    create table sale_payment_0 partition of sale_payment for values with (modulus 2, remainder 0);
    create table sale_payment_1 partition of sale_payment for values with (modulus 2, remainder 1)`)
  await openShop(on.source)
  const zeroes = { discount_total: 0, tax_total: 0, tip_total: 0 }
  const copied = await ringUp(on.source, zeroes, 0)
  await on.live()

  const streamed = await ringUp(on.source, zeroes, 0)
  await on.source`delete from sale_payment where sale_id = ${copied}`

  await on.expectEqual()
  expect((await on.purchase(streamed))?.payments).toHaveLength(1)
  expect((await on.purchase(copied))?.payments).toHaveLength(0)
})

test('all that a source lacks is told at once, and nothing is made there', async () => {
  await openPos('pos')
  await on.source.unsafe(`
    drop table order_payment;
    alter table sale drop column tip_total, alter completed_at type timestamp;
    alter table customer drop column external_ref, drop column phone;
    alter table sale_line alter unit_price type numeric(12, 2), alter line_no type text;
    alter table location drop column kind, add kind text generated always as ('retail') stored;
    alter table employee rename to staff;
    create view employee as select * from staff`)

  const refusal = await on.start().finished.catch((error) => error.message)

  expect(
    refusal.replace('location.kind is generated: before PostgreSQL 18 it is not published; ', ''),
  ).toMatchInlineSnapshot(
    `"the source can't be projected: employee is no table in schema pos; table customer lacks external_ref (text), phone (text); there is no table order_payment in schema pos; table sale lacks tip_total (bigint, in minor units); sale.completed_at is timestamp without time zone, not timestamp with time zone; sale_line.line_no is text, not integer; sale_line.unit_price is numeric(12,2), not bigint, in minor units. See docs/SOURCE.md"`,
  )
  expect(await on.source`select 1 from pg_publication`).toHaveLength(0)
  expect(await on.slot()).toBeUndefined()
})

test('a generated column is projected where it can be published', async () => {
  on = await Projection.open()
  const [server] = await on.source<{ major: number }[]>`
    select current_setting('server_version_num')::int / 10000 as major`
  await on.source`alter table sale drop column tax_total`
  await on.source`alter table sale add tax_total bigint generated always as (total / 6) stored`
  await openShop(on.source)
  if (server!.major < 18) {
    await expect(on.start().finished).rejects.toThrow('sale.tax_total is generated: before')
    return
  }
  await ringUp(on.source)
  const projector = await on.live()

  const streamed = await ringUp(on.source)

  await on.expectEqual()
  expect((await on.purchase(streamed))?.tax_total).toBe('166')
  await projector.stop()
  await on.source`drop publication purchase_timeline`
  await on.source`alter table sale drop column tax_total`
  await on.source.unsafe(
    'alter table sale add tax_total bigint generated always as (total / 6) virtual',
  )
  await expect(on.start().finished).rejects.toThrow('sale.tax_total is generated when it is read')
})

test('a schema that is not there, or holds none of the tables, is named', async () => {
  on = await Projection.open()

  expect(on.start({ sourceSchema: 'shop' }).finished).rejects.toThrow(
    'the source has no schema "shop", or its role may not use it: GRANT USAGE ON SCHEMA "shop" TO …',
  )
  expect(on.start({ sourceSchema: 'pg_catalog' }).finished).rejects.toThrow(
    'schema pg_catalog has none of the projected tables: run `pt migrate` first, or name another schema',
  )
})

test('a column that goes away is named, before the start and while the stream runs', async () => {
  on = await Projection.open()
  await openShop(on.source)
  await on.live().then((projector) => projector.stop())
  await on.source`alter table sale rename tip_total to gratuity`
  await expect(on.start().finished).rejects.toThrow(
    'table sale lacks tip_total (bigint, in minor units)',
  )
  await on.source`alter table sale rename gratuity to tip_total`
  await ringUp(on.source)
  const projector = await on.live()
  await on.expectEqual()

  await on.source`alter table sale rename tip_total to gratuity`
  await ringUp(on.source)
  const unreadable = 'table sale of the source no longer publishes tip_total: give it back; '
  await expect(projector.finished).rejects.toThrow(unreadable)
  await on.source`alter table sale rename gratuity to tip_total`
  await expect(on.start().finished).rejects.toThrow(unreadable)

  await reset(on)
  await on.live()
  await on.expectEqual()
})

test('a publication of the DBA that publishes more is taken as it is, and the rest goes nowhere', async () => {
  on = await Projection.open()
  await openShop(on.source)
  await on.source`alter table "order" add allergies text`
  await on.source`alter table sale_line replica identity full`
  await on.source`create publication everything for all tables with (publish_via_partition_root = true)`
  await serve(on.source, { allergies: 'sesame' })
  await on.live({ publication: 'everything' })

  await serve(on.source, { allergies: 'sesame' })
  const sale = await ringUp(on.source, {}, 3)
  await on.source`update sale_line set qty = 2 where sale_id = ${sale} and line_no = 1`
  await on.source`delete from sale_line where sale_id = ${sale} and line_no = 2`
  await ringUpMany(on.source, 200)

  await on.expectEqual()
  const [publication, ...others] = await on.source`select pubname from pg_publication`
  expect(publication).toEqual({ pubname: 'everything' })
  expect(others).toHaveLength(0)
  for (const table of ['purchase_timeline', 'dead_letter'])
    expect(
      await on.read.unsafe(`select 1 from ${table} t where to_jsonb(t)::text like '%sesame%'`),
    ).toHaveLength(0)
})

test('a publication that lacks something is not changed: the SQL for its owner is said, and is right', async () => {
  on = await Projection.open()
  await openShop(on.source)
  await on.source`create publication "DBA's" for table customer, sale (id, total) where (total > 0)
    with (publish = 'insert')`

  const refusal: string = await on
    .start({ publication: "DBA's" })
    .finished.catch((error) => error.message)

  expect(refusal).toStartWith(
    "the publication DBA's lacks updates, deletes, truncates, location, employee, order, order_item, order_payment, sale.business_id, ",
  )
  const [unchanged] = await on.source`select pubinsert, pubupdate from pg_publication`
  expect(unchanged).toEqual({ pubinsert: true, pubupdate: false })
  const [, advice] = refusal.split('let its owner run ')
  expect(advice).toBe(publicationSql("DBA's", 'public', 'wrong').join('; '))
  await on.source.unsafe(advice!)
  await ringUp(on.source)
  await on.live({ publication: "DBA's" })
  await on.expectEqual()
})

test('the publication of another source in the same database is left alone', async () => {
  await openPos('pos')
  await on.live().then((projector) => projector.stop())
  const before = await on.source`select * from pg_publication_tables order by tablename`

  const { sourceUrl, readUrl } = on
  const other = connect(sourceUrl)
  await expect(
    on.start({
      sourceUrl,
      readUrl,
      sourceId: 'other',
      slotName: `${on.slotName}_o`,
      sourceSchema: 'public',
    }).finished,
  ).rejects.toThrow('publishes tables of another schema (pos.customer): name another one')

  await other.end()
  expect(await on.source`select * from pg_publication_tables order by tablename`).toEqual(before)
})

const names: TableName[] = ['customer', 'sale_line']
for (const name of names)
  test(`another replica identity of ${name} is refused with the SQL that gives the right one`, async () => {
    on = await Projection.open()
    await openShop(on.source)
    await on.source.unsafe(`alter table ${name} replica identity nothing`)

    const refusal: string = await on.start().finished.catch((error) => error.message)

    const [, remedy] = /\(run: (.*)\)\. See/.exec(refusal) ?? []
    await on.source.unsafe(remedy!)
    await on.live()
    await ringUp(on.source)
    await on.expectEqual()
  })
