/** Importing again: the same file, a part of it, another year, and after the POS went on working. */
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { csv, OTHER_HEADER, row } from './support/csv.ts'
import { dump, openSource, type Source, sales } from './support/source.ts'

// A server is started here, on machines that have other things to do.
setDefaultTimeout(180_000)

let source: Source
beforeAll(async () => {
  source = await openSource()
})
beforeEach(() => source.clear())
afterAll(() => source.close())

const YEAR = [
  row({ invoice: '1', customer: '7', date: '2010-12-01 10:00:00' }),
  row({ invoice: '1', customer: '7', date: '2010-12-01 10:00:00', sku: '71053', description: '' }),
  row({ invoice: '2', customer: '', date: '2010-12-01 10:01:00', country: 'EIRE' }),
  row({ invoice: 'C3', customer: '8', date: '2010-12-01 10:02:00', quantity: '-6' }),
]
const NOTHING_NEW = { purchases: 0, customers: 0, products: 0, locations: 0 }

describe('the same file again', () => {
  test('writes no row, not even with the same values', async () => {
    await source.load(csv(YEAR))
    const before = await dump(source.sql, { versions: true })

    const report = await source.load(csv(YEAR))

    expect(await dump(source.sql, { versions: true })).toEqual(before)
    expect(report).toMatchObject({
      lines: { total: 4, imported: 0, alreadyThere: 4, notImported: 0 },
      purchases: { sale: 2, return: 1 },
      new: NOTHING_NEW,
      customers: 2,
      products: 2,
      locations: 2,
    })
  })

  test('is the same however its numbers are written and its lines are ordered', async () => {
    await source.load(csv(YEAR))
    const before = await dump(source.sql, { versions: true })
    const rewritten = YEAR.toReversed().map((line) => ({
      ...line,
      quantity: `${line.quantity}.0`,
      price: `${line.price}00`,
      customer: line.customer && `${line.customer}.0`,
      description: ` ${line.description} `,
    }))

    const report = await source.load(csv(rewritten, OTHER_HEADER))

    expect(report.lines).toMatchObject({ total: 4, alreadyThere: 4 })
    expect(await dump(source.sql, { versions: true })).toEqual(before)
  })

  test('is the same with its dates as a spreadsheet writes them, in either order', async () => {
    const later = row({ invoice: '4', date: '2010-12-13 17:05:00' })
    await source.load(csv([...YEAR, later]))
    const before = await dump(source.sql, { versions: true })
    const dated = (write: (y: string, m: string, d: string, time: string) => string) =>
      [...YEAR, later].map((line) => {
        const [y, m, d, ...time] = line.date.split(/\D/)
        return { ...line, date: write(y!, m!, String(Number(d)), time.slice(0, 2).join(':')) }
      })

    for (const rows of [
      dated((y, m, d, time) => `${d}/${m}/${y} ${time}`),
      dated((y, m, d, time) => `${m}/${d}/${y.slice(2)} ${time}`),
    ]) {
      expect((await source.load(csv(rows))).lines).toMatchObject({ total: 5, alreadyThere: 5 })
      expect(await dump(source.sql, { versions: true })).toEqual(before)
    }
  })

  test('gives a second database the same rows, ids and all', async () => {
    const other = await openSource()
    try {
      await source.load(csv(YEAR))
      await other.load(csv(YEAR))

      expect(await dump(other.sql)).toEqual(await dump(source.sql))
    } finally {
      await other.close()
    }
  })
})

describe('another file of the format', () => {
  test('adds what is new, and shares customers, products and countries', async () => {
    await source.load(csv(YEAR.slice(0, 2)))
    const before = await dump(source.sql, { versions: true })

    const report = await source.load(
      csv([
        ...YEAR,
        row({ invoice: '4', customer: '7', sku: '71053', date: '2011-12-01 10:00:00' }),
      ]),
    )

    expect(report).toMatchObject({
      lines: { total: 5, imported: 3, alreadyThere: 2, notImported: 0 },
      new: { purchases: 3, customers: 1, products: 0, locations: 1 },
    })
    const after = await dump(source.sql, { versions: true })
    for (const [table, rows] of Object.entries(before)) {
      expect(after[table as keyof typeof after]).toEqual(expect.arrayContaining(rows))
    }
    expect(after.customer).toHaveLength(2)
    expect(after.product).toEqual(before.product)
  })

  test('does not change an invoice that is there with something else in it', async () => {
    await source.load(csv(YEAR))
    const before = await dump(source.sql, { versions: true })

    for (const other of [
      { quantity: '7' },
      { price: '2.56' },
      { customer: '9' },
      { customer: '' },
      { description: 'LANTERN' },
      { country: 'EIRE' },
      { date: '2010-12-01 10:03:00' },
    ]) {
      const changed = YEAR.slice(0, 2).map((line) => ({ ...line, ...other }))
      const report = await source.load(csv([YEAR[2]!, ...changed, YEAR[3]!]))

      expect(report.lines).toEqual({ total: 4, imported: 0, alreadyThere: 2, notImported: 2 })
      expect(report.notImported).toEqual([
        { line: 3, reason: 'the invoice is there already, and says something else' },
        { line: 4, reason: 'the invoice is there already, and says something else' },
      ])
      expect(report).toMatchObject({ purchases: { sale: 1, return: 1 }, new: NOTHING_NEW })
    }
    const longer = await source.load(csv([...YEAR, YEAR[0]!]))
    expect(longer.lines).toMatchObject({ alreadyThere: 2, notImported: 3 })
    expect(await dump(source.sql, { versions: true })).toEqual(before)

    const beside = await source.load(
      csv([...YEAR, YEAR[0]!, row({ invoice: '5', date: '2011-01-01 10:00:00' })]),
    )
    expect(beside.lines).toMatchObject({ imported: 1, alreadyThere: 2, notImported: 3 })
    const receipts = (await sales(source.sql)).map(({ receipt }) => receipt)
    expect(receipts).toEqual(['1', '2', 'C3', '5'])
  })
})

describe('after the POS has gone on', () => {
  test('a merge, a late link, an erasure and a void stay as they are', async () => {
    await source.load(csv(YEAR))
    await source.sql`
      update sale set customer_id = (select id from customer where external_ref = '7')
      where receipt_number in ('2', 'C3')`
    await source.sql`update sale set status = 'voided' where receipt_number = '2'`
    await source.sql`delete from customer where external_ref = '8'`
    await source.sql`update product set name = 'renamed'`
    const before = await dump(source.sql, { versions: true })

    const report = await source.load(csv(YEAR))

    expect(report.lines).toMatchObject({ total: 4, alreadyThere: 4 })
    expect(report.new).toEqual(NOTHING_NEW)
    expect(await dump(source.sql, { versions: true })).toEqual(before)
  })

  test('a new purchase of a merged customer is the survivor’s', async () => {
    await source.load(csv(YEAR))
    const ids = await source.sql`select external_ref, id from customer`
    const id = (ref: string) => ids.find((customer) => customer.external_ref === ref)!.id
    await source.sql`insert into customer (business_id, external_ref)
      select business_id, 'survivor' from customer limit 1`
    await source.sql`update customer set status = 'merged', merged_into_id = ${id('8')}
      where id = ${id('7')}`
    await source.sql`update customer set status = 'merged', merged_into_id =
      (select id from customer where external_ref = 'survivor') where id = ${id('8')}`

    await source.load(csv([row({ invoice: '5', customer: '7' })]))

    expect((await sales(source.sql)).find(({ receipt }) => receipt === '5')).toMatchObject({
      customer: 'survivor',
    })
  })

  test('a new purchase of an erased customer is a guest’s, and nobody comes back', async () => {
    await source.load(csv(YEAR))
    await source.sql`update customer set status = 'erased', external_ref = null
      where external_ref = '8'`

    const report = await source.load(csv([...YEAR, row({ invoice: '5', customer: '8' })]))

    expect(report.new).toEqual({ ...NOTHING_NEW, purchases: 1 })
    const [fifth] = (await sales(source.sql)).filter(({ receipt }) => receipt === '5')
    expect(fifth!.customer).toBeNull()
    const [link] = await source.sql`select customer_id from sale where receipt_number = '5'`
    expect(link!.customer_id).toBeNull()
  })

  test('rows that it made itself under the same names are used', async () => {
    const [shop] = await source.sql`
      insert into business (name, default_currency, timezone)
      values ('Online Retail', 'GBP', 'Europe/London') returning id`
    const business = shop!.id
    await source.sql`insert into location (business_id, name, region, timezone, kind)
      values (${business}, 'EIRE', 'Ireland', 'Europe/Dublin', 'retail')`
    await source.sql`insert into customer (business_id, external_ref) values (${business}, '8')`
    await source.sql`with made as (
        insert into product (business_id, name) values (${business}, 'Lantern') returning id
      ) insert into product_variant (business_id, product_id, sku)
        select ${business}, id, '71053' from made`

    const report = await source.load(csv(YEAR))

    expect(report.business.id).toBe(business)
    expect(report.new).toEqual({ purchases: 3, customers: 1, products: 1, locations: 1 })
    const found = await sales(source.sql)
    expect(found[0]!.lines[1]).toBe('71053 Lantern 6 × 255 = 1530')
    expect(found).toMatchObject([{ customer: '7' }, { location: 'EIRE' }, { customer: '8' }])
  })
})
