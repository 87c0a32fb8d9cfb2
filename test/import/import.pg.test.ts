/** What an import makes of a file, on a real Postgres. */
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { csv, OTHER_HEADER, row, text } from './support/csv.ts'
import { openSource, type Source, sales } from './support/source.ts'

// A server is started here, on machines that have other things to do.
setDefaultTimeout(180_000)

let source: Source
beforeAll(async () => {
  source = await openSource()
})
beforeEach(() => source.clear())
afterAll(() => source.close())

describe('an invoice', () => {
  test('becomes a sale with its lines, its payment, its customer and its shop', async () => {
    const report = await source.load(
      csv([
        row(),
        row({ sku: '71053', description: ' WHITE "METAL" LANTERN, £3 ', price: '3.39' }),
        row(),
      ]),
    )

    expect(await sales(source.sql)).toEqual([
      {
        receipt: '536365',
        type: 'sale',
        customer: '17850',
        location: 'United Kingdom',
        createdAt: '2010-12-01 08:26:00',
        completedAt: '2010-12-01 08:26:00',
        total: 5094,
        paid: 5094,
        lines: [
          '85123A WHITE HANGING HEART T-LIGHT HOLDER 6 × 255 = 1530',
          '71053 WHITE "METAL" LANTERN, £3 6 × 339 = 2034',
          '85123A WHITE HANGING HEART T-LIGHT HOLDER 6 × 255 = 1530',
        ],
      },
    ])
    expect(report).toEqual({
      business: { id: expect.any(String), name: 'Online Retail' },
      file: expect.stringContaining('retail.csv'),
      lines: { total: 3, imported: 3, alreadyThere: 0, notImported: 0 },
      purchases: { sale: 1, return: 0 },
      new: { purchases: 1, customers: 1, products: 2, locations: 1 },
      guests: { lines: 0, purchases: 0 },
      customers: 1,
      products: 2,
      locations: 1,
      notImported: [],
      byReason: {},
      seconds: expect.any(Number),
    })
  })

  test('belongs to a business of its own, in pounds and on London time', async () => {
    await source.load(csv([row({ country: 'EIRE' })]))

    const [found] = await source.sql`
      select b.name, default_currency, b.timezone, l.name as location, region, kind, l.timezone as zone,
        s.status, s.currency, s.subtotal, s.discount_total, s.tax_total, s.tip_total, method,
        c.status as customer_status, c.created_at = s.created_at as known_since
      from business b join location l on l.business_id = b.id join sale s on s.business_id = b.id
      join sale_payment p on p.sale_id = s.id join customer c on c.id = s.customer_id`
    expect(found).toEqual({
      name: 'Online Retail',
      default_currency: 'GBP',
      timezone: 'Europe/London',
      location: 'EIRE',
      region: 'EIRE',
      kind: 'retail',
      zone: 'Europe/London',
      status: 'completed',
      currency: 'GBP',
      subtotal: '1530',
      discount_total: '0',
      tax_total: '0',
      tip_total: '0',
      method: 'unknown',
      customer_status: 'active',
      known_since: true,
    })
  })

  test('is a return when its number starts with C, and nothing else is', async () => {
    const report = await source.load(
      csv([
        row({ invoice: '1', quantity: '-3', customer: '' }),
        row({ invoice: 'C2', quantity: '-3' }),
        row({ invoice: 'A3', price: '-11062.06', quantity: '1', customer: '' }),
      ]),
    )

    const found = await sales(source.sql)
    expect(found.map(({ receipt, type, total, paid }) => [receipt, type, total, paid])).toEqual([
      ['1', 'sale', -765, -765],
      ['A3', 'sale', -1106206, -1106206],
      ['C2', 'return', -765, -765],
    ])
    expect(report.purchases).toEqual({ sale: 2, return: 1 })
    expect(report.guests).toEqual({ lines: 2, purchases: 2 })
  })

  test('keeps its lines together and in order when the file scatters them', async () => {
    await source.load(
      csv([
        row({ invoice: '2', sku: 'b', date: '2010-12-02 10:00:00' }),
        row({ invoice: '1', sku: 'x', date: '2010-12-01 10:00:00' }),
        row({ invoice: '2', sku: 'a', date: '2010-12-02 10:01:00' }),
        row({ invoice: '2', sku: 'c', date: '2010-12-02 09:59:00' }),
      ]),
    )

    const found = await sales(source.sql)
    expect(found.map((sale) => [sale.receipt, sale.lines.map((line) => line[0])])).toEqual([
      ['1', ['x']],
      ['2', ['b', 'a', 'c']],
    ])
    expect([found[1]!.createdAt, found[1]!.completedAt]).toEqual([
      '2010-12-02 09:59:00',
      '2010-12-02 10:01:00',
    ])
  })

  test('is written in the order of the times, whatever the order of the file', async () => {
    const days = ['05', '02', '09', '01', '07', '03']
    // Numbers that run the other way, so that they cannot stand for the times.
    const number = (day: string) => String(100 - Number(day))
    await source.load(
      csv(days.map((day) => row({ invoice: number(day), date: `2010-12-${day} 12:00:00` }))),
    )
    const inTime = [...days].sort().map(number)

    const written = await source.sql`select receipt_number from sale order by xmin::text::bigint`
    expect(written.map((sale) => sale.receipt_number)).toEqual(inTime)
    const byId = await source.sql`select receipt_number from sale order by id`
    expect(byId.map((sale) => sale.receipt_number)).toEqual(inTime)
  })

  test('is on London time, as Postgres knows it', async () => {
    const times = ['2011-03-27 00:59:59', '2011-03-27 02:00:00', '2011-06-30 23:30:00']
    await source.load(csv(times.map((date, i) => row({ invoice: String(i), date }))))

    const wrong = await source.sql`
      select receipt_number from sale
      join unnest(${times}::timestamp[]) with ordinality t (local, n)
        on n - 1 = receipt_number::integer
      where created_at <> local at time zone 'Europe/London'`
    expect([...wrong]).toEqual([])
  })

  test('of nothing has no payment', async () => {
    await source.load(csv([row({ price: '0', customer: '' })]))

    expect(await sales(source.sql)).toMatchObject([{ total: 0, paid: null, customer: null }])
  })

  test('has the customer that any of its lines names', async () => {
    const report = await source.load(csv([row({ customer: '' }), row({ customer: '12' })]))

    expect(await sales(source.sql)).toMatchObject([{ customer: '12' }])
    expect(report.guests).toEqual({ lines: 0, purchases: 0 })
  })
})

describe('a product', () => {
  test('is one whatever the case of its code; the line keeps the code as written', async () => {
    await source.load(csv([row({ sku: '85123A' }), row({ sku: '85123a' }), row({ sku: 'm' })]))

    const variants = await source.sql`select sku from product_variant order by sku`
    expect(variants.map(({ sku }) => sku)).toEqual(['85123A', 'M'])
    const lines = await source.sql`
      select l.sku, v.sku as variant, v.product_id = l.product_id as same
      from sale_line l join product_variant v on v.id = l.variant_id order by line_no`
    expect([...lines].map((line) => ({ ...line }))).toEqual([
      { sku: '85123A', variant: '85123A', same: true },
      { sku: '85123a', variant: '85123A', same: true },
      { sku: 'm', variant: 'M', same: true },
    ])
  })

  test('is called what most of its sales call it', async () => {
    const said = (description: string, price: string) => row({ description, price })
    await source.load(
      csv([
        said('damaged', '0'),
        said('damaged', '0'),
        said('', '0'),
        said('LANTERN', '1'),
        said('LANTERN RED', '1'),
        said('LANTERN RED', '2'),
        row({ sku: 'X', description: 'check', price: '0' }),
        row({ sku: 'Y', description: '' }),
      ]),
    )

    const names = await source.sql`select name from product join product_variant v
      on v.product_id = product.id order by sku`
    expect(names.map(({ name }) => name)).toEqual(['LANTERN RED', 'check', 'Y'])
    const lines = await source.sql`select product_name from sale_line order by line_no`
    expect(lines.map((line) => line.product_name)).toEqual([
      'damaged',
      'damaged',
      'LANTERN RED',
      'LANTERN',
      'LANTERN RED',
      'LANTERN RED',
      'check',
      'Y',
    ])
  })
})

describe('a file', () => {
  test('says the same in the other spelling, another order of columns, with CRLF and a BOM', async () => {
    const [a, b] = [row(), row({ sku: '71053', description: 'LANTERN, WHITE', customer: '' })]
    await source.load(csv([a, b]))
    const expected = await sales(source.sql)

    for (const other of [
      csv([a, { ...b, customer: '17850' }], OTHER_HEADER),
      `\uFEFF${csv([a, b]).replaceAll('\n', '\r\n')}`,
      csv([a, b]).trimEnd(),
      [
        'Country,Customer ID,Price,InvoiceDate,Quantity,Description,StockCode,Invoice',
        ...[a, b].map((line) => {
          const { invoice, sku, description, quantity, date, price, customer, country } = line
          return `${country},${customer},${price},${date},${quantity},"${description}",${sku},${invoice}`
        }),
      ].join('\n'),
    ]) {
      await source.clear()
      await source.load(other)
      expect(await sales(source.sql)).toEqual(expected)
    }
  })

  test('of a header alone imports nothing and makes nothing', async () => {
    const report = await source.load(csv([]))

    expect(report.lines).toEqual({ total: 0, imported: 0, alreadyThere: 0, notImported: 0 })
    expect([...(await source.sql`select * from business`)]).toEqual([])
  })
})

describe('a line that cannot be imported', () => {
  test('is named by its line and reason, and the others are imported', async () => {
    const bad = Buffer.from('536365,1,\xa3,6,2010-12-01 08:26:00,1,,EIRE', 'latin1')
    const file = Buffer.concat([
      Buffer.from(csv([row(), text(row()).replace(',6,', ',six,'), 'a,b', ''])),
      bad,
      Buffer.from('\n'),
      Buffer.from(
        [
          '536365,NUL\0,x,6,2010-12-01 08:26:00,1,,United Kingdom',
          '536365,85123A,"OPEN,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom',
          text(row({ description: 'over\ntwo lines' })),
          text(row({ customer: '99' })),
          text(row({ country: 'France' })),
          text(row({ customer: '' })),
        ].join('\n'),
      ),
    ])
    const report = await source.load(file)

    expect(report.lines).toEqual({ total: 11, imported: 3, alreadyThere: 0, notImported: 8 })
    expect(report.notImported).toEqual([
      { line: 3, reason: 'Quantity is not a number' },
      { line: 4, reason: 'wrong number of columns' },
      { line: 5, reason: 'empty line' },
      { line: 6, reason: 'not valid UTF-8' },
      { line: 7, reason: 'holds a NUL byte' },
      { line: 8, reason: 'broken quoting' },
      { line: 11, reason: 'a second CustomerID on the invoice' },
      { line: 12, reason: 'a second Country on the invoice' },
    ])
    expect(report.byReason['broken quoting']).toBe(1)
    expect(await sales(source.sql)).toMatchObject([
      {
        customer: '17850',
        location: 'United Kingdom',
        lines: [
          '85123A WHITE HANGING HEART T-LIGHT HOLDER 6 × 255 = 1530',
          '85123A over\ntwo lines 6 × 255 = 1530',
          '85123A WHITE HANGING HEART T-LIGHT HOLDER 6 × 255 = 1530',
        ],
      },
    ])
  })

  test('is counted when it is too late to be listed', async () => {
    const report = await source.load(csv([row(), ...Array.from({ length: 2500 }, () => 'x')]))

    expect(report.lines).toEqual({ total: 2501, imported: 1, alreadyThere: 0, notImported: 2500 })
    expect(report.byReason).toEqual({ 'wrong number of columns': 2500 })
    expect(report.notImported).toHaveLength(1000)
    expect(report.notImported.at(-1)).toEqual({ line: 1002, reason: 'wrong number of columns' })
  })

  test('may be a whole invoice whose total is too large, and only that', async () => {
    const large = row({ invoice: '2', quantity: '900000000', price: '90000000' })
    const report = await source.load(csv([row(), large, large]))

    expect(report.lines).toMatchObject({ imported: 1, notImported: 2 })
    expect(report.byReason).toEqual({ 'the total of the invoice is too large': 2 })
  })

  test('leaves no customer, product or country behind', async () => {
    await source.load(csv([row(), row({ customer: '99', sku: 'only there' }), 'C1,a,b,c,d,e,f,g']))

    expect(await source.sql`select 1 from customer`).toHaveLength(1)
    expect(await source.sql`select 1 from product`).toHaveLength(1)
    expect(await source.sql`select 1 from location`).toHaveLength(1)
  })
})
