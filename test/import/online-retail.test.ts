import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { DateOrder } from '../../cli/import/dates.ts'
import { readHeader, readLine } from '../../cli/import/online-retail.ts'

const HEADER = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
]
const positions = readHeader(HEADER) as Exclude<ReturnType<typeof readHeader>, string>

const GOOD = {
  InvoiceNo: '536365',
  StockCode: '85123A',
  Description: 'WHITE HANGING HEART',
  Quantity: '6',
  InvoiceDate: '2010-12-01 08:26:00',
  UnitPrice: '2.55',
  CustomerID: '17850.0',
  Country: 'United Kingdom',
}
const line = (fields: Partial<typeof GOOD> = {}) =>
  readLine(Object.values({ ...GOOD, ...fields }), positions, 'ymd')

describe('a header', () => {
  test('is known in both spellings and any order', () => {
    const other = 'Country,Customer ID,Price,InvoiceDate,Quantity,Description,StockCode,Invoice'

    expect(readHeader(HEADER)).toEqual({
      invoice: 0,
      sku: 1,
      description: 2,
      quantity: 3,
      date: 4,
      price: 5,
      customer: 6,
      country: 7,
    })
    expect(readHeader(other.split(','))).toMatchObject({ invoice: 7, price: 2, customer: 1 })
  })

  test('is refused with what is wrong with it', () => {
    expect(readHeader(['a', 'b'])).toMatchInlineSnapshot(`"its header has an unknown column "a""`)
    expect(readHeader([...HEADER, 'Margin'])).toMatchInlineSnapshot(
      `"its header has an unknown column "Margin""`,
    )
    expect(readHeader([...HEADER, 'Price'])).toMatchInlineSnapshot(
      `"its header has UnitPrice twice"`,
    )
    expect(readHeader(HEADER.slice(0, 6))).toMatchInlineSnapshot(
      `"its header lacks CustomerID or Customer ID, Country"`,
    )
  })
})

describe('a line', () => {
  test('is read with its money in pence', () => {
    expect(line()).toEqual({
      invoice: '536365',
      sku: '85123A',
      description: 'WHITE HANGING HEART',
      qty: '6',
      unitPrice: 255n,
      total: 1530n,
      soldAt: '2010-12-01T08:26:00.000Z',
      customer: '17850',
      country: 'United Kingdom',
    })
  })

  test('is rounded once, half away from zero, from the price with all its decimals', () => {
    expect(line({ Quantity: '5', UnitPrice: '0.001' })).toMatchObject({ unitPrice: 0n, total: 1n })
    expect(line({ Quantity: '-5', UnitPrice: '0.001' })).toMatchObject({ total: -1n })
    expect(line({ Quantity: '1', UnitPrice: '0.005' })).toMatchObject({ unitPrice: 1n, total: 1n })
    expect(line({ Quantity: '3', UnitPrice: '-1.115' })).toMatchObject({
      unitPrice: -112n,
      total: -335n,
    })
  })

  test('may lack a description, a customer and the seconds', () => {
    expect(line({ Description: '  ' })).toMatchObject({ description: null })
    expect(line({ CustomerID: ' ' })).toMatchObject({ customer: null })
    expect(line({ InvoiceDate: '2010-12-01 08:26' })).toMatchObject({
      soldAt: '2010-12-01T08:26:00.000Z',
    })
  })

  test('is dated in the order of its file', () => {
    const dated = (InvoiceDate: string, order: DateOrder) =>
      readLine(Object.values({ ...GOOD, InvoiceDate }), positions, order)

    expect(dated('1/7/2011 8:26', 'dmy')).toMatchObject({ soldAt: '2011-07-01T07:26:00.000Z' })
    expect(dated('1/7/2011 8:26', 'mdy')).toMatchObject({ soldAt: '2011-01-07T08:26:00.000Z' })
    expect(dated('31/4/2011 8:26', 'dmy')).toBe('InvoiceDate is not a date and time D/M/YYYY H:MM')
    expect(dated('4/31/2011 8:26', 'mdy')).toBe('InvoiceDate is not a date and time M/D/YYYY H:MM')
  })

  test('is trimmed', () => {
    expect(line({ StockCode: ' 85123a ', Country: ' EIRE ', CustomerID: ' 17850 ' })).toMatchObject(
      {
        sku: '85123a',
        country: 'EIRE',
        customer: '17850',
      },
    )
  })

  test('has a number however it is written', () => {
    expect(line({ Quantity: '+6.50', UnitPrice: '.5' })).toMatchObject({
      qty: '6.5',
      unitPrice: 50n,
      total: 325n,
    })
    expect(line({ Quantity: '-007', UnitPrice: '2.' })).toMatchObject({ total: -1400n })
  })

  test.each([
    [{ InvoiceNo: ' ' }, 'InvoiceNo is empty'],
    [{ InvoiceNo: 'x'.repeat(201) }, 'InvoiceNo is too long'],
    [{ StockCode: '' }, 'StockCode is empty'],
    [{ StockCode: 'x'.repeat(201) }, 'StockCode is too long'],
    [{ Quantity: '' }, 'Quantity is not a number'],
    [{ Quantity: '1,000' }, 'Quantity is not a number'],
    [{ Quantity: '1e3' }, 'Quantity is not a number'],
    [{ Quantity: '-' }, 'Quantity is not a number'],
    [{ Quantity: '.' }, 'Quantity is not a number'],
    [{ Quantity: 'six' }, 'Quantity is not a number'],
    [{ Quantity: '1'.repeat(2000) }, 'Quantity is not a number'],
    [{ Quantity: '1.2345' }, 'Quantity has more than three decimals'],
    [{ Quantity: '1000000000' }, 'Quantity is too large'],
    [{ Quantity: '-1000000000' }, 'Quantity is too large'],
    [{ UnitPrice: '' }, 'UnitPrice is not a number'],
    [{ UnitPrice: '£2.55' }, 'UnitPrice is not a number'],
    [{ UnitPrice: 'NaN' }, 'UnitPrice is not a number'],
    [{ UnitPrice: '92233720368547758.08' }, 'UnitPrice is too large'],
    [{ Quantity: '999999999', UnitPrice: '1000000000000' }, 'Quantity × UnitPrice is too large'],
    [{ InvoiceDate: '' }, 'InvoiceDate is not a date and time YYYY-MM-DD HH:MM:SS'],
    [{ InvoiceDate: '12/1/2010 8:26' }, 'InvoiceDate is not a date and time YYYY-MM-DD HH:MM:SS'],
    [{ InvoiceDate: '2011-02-29 08:00' }, 'InvoiceDate is not a date and time YYYY-MM-DD HH:MM:SS'],
    [{ InvoiceDate: '2011-13-01 08:00' }, 'InvoiceDate is not a date and time YYYY-MM-DD HH:MM:SS'],
    [{ InvoiceDate: '2011-01-01 24:00' }, 'InvoiceDate is not a date and time YYYY-MM-DD HH:MM:SS'],
    [{ InvoiceDate: '2011-01-01' }, 'InvoiceDate is not a date and time YYYY-MM-DD HH:MM:SS'],
    [{ InvoiceDate: '0000-01-01 08:00' }, 'InvoiceDate is not a date and time YYYY-MM-DD HH:MM:SS'],
    [{ CustomerID: 'nan' }, 'CustomerID is not a whole number'],
    [{ CustomerID: '17850.5' }, 'CustomerID is not a whole number'],
    [{ CustomerID: '-1' }, 'CustomerID is not a whole number'],
    [{ Country: '' }, 'Country is empty'],
  ])('is refused, with a reason (%#)', (fields, reason) => {
    expect(line(fields)).toBe(reason)
  })

  test('says the same when it is read again', () => {
    for (const UnitPrice of ['2.55', 'x', '2.55', 'x']) {
      expect(line({ UnitPrice })).toEqual(line({ UnitPrice }))
    }
    expect(line({ UnitPrice: 'x' })).toBe('UnitPrice is not a number')
  })

  test('never fails, whatever its fields hold', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { minLength: 8, maxLength: 8 }),
        fc.constantFrom('ymd', 'dmy', 'mdy'),
        (fields, order) => {
          const read = readLine(fields, positions, order)
          expect(typeof read === 'string' || read.invoice !== '').toBe(true)
        },
      ),
    )
  })
})
