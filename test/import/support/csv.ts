/** Builders of Online Retail files. */

export interface Row {
  invoice: string
  sku: string
  description: string
  quantity: string
  date: string
  price: string
  customer: string
  country: string
}

const ORDINARY: Row = {
  invoice: '536365',
  sku: '85123A',
  description: 'WHITE HANGING HEART T-LIGHT HOLDER',
  quantity: '6',
  date: '2010-12-01 08:26:00',
  price: '2.55',
  customer: '17850.0',
  country: 'United Kingdom',
}

/** An ordinary line, but for what the test is about. */
export const row = (fields: Partial<Row> = {}): Row => ({ ...ORDINARY, ...fields })

export const HEADER =
  'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'
export const OTHER_HEADER =
  'Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country'

/** One line of a file, quoted where it must be. */
export function text(fields: Row): string {
  const { invoice, sku, description, quantity, date, price, customer, country } = fields
  return [invoice, sku, description, quantity, date, price, customer, country]
    .map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',')
}

/** A file of these lines: rows, or texts as they are. */
export function csv(lines: readonly (Row | string)[], header = HEADER): string {
  return `${[header, ...lines.map((line) => (typeof line === 'string' ? line : text(line)))].join('\n')}\n`
}
