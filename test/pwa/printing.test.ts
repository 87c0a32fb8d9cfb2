import { beforeAll, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import type { PurchaseReceipt } from '../../pwa/src/api/types.ts'
import { DEVICE_ZONE, formatFullMoment } from '../../pwa/src/format/dates.ts'
import { inColumns } from '../../pwa/src/printing/columns.ts'
import { escposOf } from '../../pwa/src/printing/escpos.ts'
import { copyOf, originalOf, type Paper, requestOf } from '../../pwa/src/printing/paper.ts'

const AT = '2026-03-03T14:05:00.000000Z'
const gbp = (amount: number) => ({ amount, currency: 'GBP' })

const line = (productName: string, qty: number, total: number, more = {}) => ({
  productName,
  qty,
  unitPrice: gbp(Math.round(total / qty)),
  discount: gbp(0),
  tax: gbp(0),
  total: gbp(total),
  voided: false,
  comped: false,
  variantName: null,
  size: null,
  color: null,
  ...more,
})

const sale = {
  type: 'exchange',
  kind: 'sale',
  status: 'completed',
  occurredAt: AT,
  location: { id: 'l', name: 'Café Núñez' },
  receiptNumber: 'LDN-2026-000634',
  employee: { id: 'e', name: 'Zoë O’Brien' },
  parent: { receiptNumber: 'LDN-2026-000611' },
  subtotal: gbp(123456789),
  discount: gbp(1225),
  tax: gbp(4000),
  tip: gbp(0),
  total: gbp(-123456789),
  lines: [
    line('Quilted liner jacket with removable hood and two-way zip', 2, 19800, { size: 'M' }),
    line('Oxford shirt', -1, -2925, { discount: gbp(-975), variantName: 'White / L' }),
    line('Manchego', 0.352, 704),
  ],
  payments: [{ method: 'card', amount: gbp(-123456789), reference: 'AUTH Y3DY8B' }],
} as unknown as PurchaseReceipt

/** Whatever language the machine has, the words are English and the amounts British. */
beforeAll(() => {
  Object.defineProperty(navigator, 'languages', { value: ['en-GB'], configurable: true })
})

const text = (paper: Paper, columns: number) =>
  inColumns(paper, columns)
    .map((line) => line.text)
    .join('\n')

test('a receipt as a printer of 42 columns prints it', () => {
  const moment = formatFullMoment(AT, DEVICE_ZONE).replace(/\s/g, ' ')
  const printed = text(originalOf(sale), 42)

  expect(printed).toContain(moment)
  expect(printed.replace(new RegExp(` *${moment}`), '<moment>')).toMatchInlineSnapshot(`
    "                Café Núñez
        Exchange · Receipt LDN-2026-000634
    <moment>
              Served by Zoë O’Brien
            Came from: LDN-2026-000611
    ------------------------------------------
    Quilted liner jacket with          £198.00
    removable hood and two-way zip
      M · 2 × £99.00
    Oxford shirt                       -£39.00
      White / L · Return
      Discount £9.75
    Manchego                             £7.04
      0.352 × £20.00
    ------------------------------------------
    Subtotal                     £1,234,567.89
    Discount                           -£12.25
    Tax                                 £40.00
    Total                       -£1,234,567.89
    ------------------------------------------
    Card · AUTH Y3DY8B          -£1,234,567.89"
  `)
})

test('on narrow paper an amount that leaves no room stands below its name', () => {
  const paper: Paper = [
    { kind: 'sum', name: 'Total', amount: '−1,234,567,890,123.45 GBP', strong: true },
  ]
  expect(text(paper, 32)).toBe(`Total\n${'-1,234,567,890,123.45 GBP'.padStart(32)}`)
})

test('no line is longer than the paper is wide, and none loses a character', () => {
  const words = fc.string({ unit: 'grapheme', maxLength: 80 })
  const paperLine = fc.oneof(
    fc.record({ kind: fc.constantFrom('mark', 'title', 'centre', 'detail'), text: words }),
    fc.record({ kind: fc.constant('sum'), name: words, amount: words, strong: fc.boolean() }),
    fc.constant({ kind: 'rule' }),
  ) as fc.Arbitrary<Paper[number]>
  fc.assert(
    fc.property(fc.array(paperLine), fc.constantFrom(48, 42, 32), (paper, columns) => {
      for (const { text } of inColumns(paper, columns)) {
        expect(text.length).toBeLessThanOrEqual(columns)
      }
    }),
  )
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z€ñ ]{0,200}$/),
      fc.constantFrom(48, 42, 32),
      (words, columns) => {
        const printed = text([{ kind: 'centre', text: words }], columns)
        expect(printed.replace(/\s/g, '')).toBe(words.replaceAll(' ', ''))
      },
    ),
  )
})

test('the slip of a request says that nothing is settled, and names no amount', () => {
  const [jacket] = sale.lines
  const slip = { lines: [{ line: jacket!, qty: 2 }], reason: 'Wrong size', at: 'Café Núñez' }

  expect(text(requestOf(sale, slip, Date.parse(AT)).slice(0, 4), 32)).toMatchInlineSnapshot(`
    "    *** RETURN REQUESTED ***
          *** NOT SETTLED ***
               Café Núñez
        Receipt LDN-2026-000634"
  `)
  expect(text(requestOf(sale, slip, Date.parse(AT)).slice(5), 32)).toMatchInlineSnapshot(`
    "--------------------------------
    Quilted liner jacket with      2
    removable hood and two-way zip
      M
    --------------------------------
               Wrong size
      No money was paid. Keep this
     slip and your receipt until it
              is settled."
  `)
})

test('a copy says so above and below, twice as high', () => {
  const marks = inColumns(copyOf(sale, Date.parse(AT)), 48).filter(({ style }) => style === 'mark')
  expect(marks.map(({ text }) => text.trim())).toEqual(['*** COPY ***', '*** COPY ***'])
})

test('a printer gets its code page, é, ñ, € and £, a question mark for what it has not, and a cut', () => {
  const bytes = escposOf([{ kind: 'detail', text: 'Peña é £1 €2 漢 −3' }], 32)
  const hex = Buffer.from(bytes).toString('hex')

  // ESC @; ESC t 16: windows-1252.
  expect(hex).toStartWith('1b40')
  expect(hex).toContain('1b7410')
  const printed = Buffer.from('  Pe\xf1a \xe9 \xa31 \x802 ? -3\n', 'latin1').toString('hex')
  expect(hex).toContain(printed)
  // GS V 1
  expect(hex).toContain('1d5601')
})
