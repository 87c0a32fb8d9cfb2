/** Values as tills write them, through a real slot: nothing rounded, nothing escaped wrongly, none lost. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readStatus } from '../../projector/status.ts'
import { Projection, type PurchaseLine } from './support/projection.ts'
import { openShop, put, ringUp, ringUpIn } from './support/till.ts'

let on: Projection
const INT64_MAX = 9_223_372_036_854_775_807n

const TEXTS = [
  'Crème brûlée 🍮 für zwei 二人',
  'back\\slash \\N \\. \\t',
  'tab\there, line\nfeed, carriage\rreturn',
  '"quoted", \'quoted\', {braced}, [1]',
  '\ufeffbyte order mark',
  '\u2028 separator \u0001 control \u007f',
  ' leading and trailing ',
  'null',
  '',
]

beforeAll(async () => {
  on = await Projection.open()
  await openShop(on.source)
  await on.live()
})
afterAll(() => on.close())

async function namesOf(sale: string): Promise<(string | null)[]> {
  const lines = (await on.purchase(sale))?.lines as PurchaseLine[]
  return lines.map((line) => line[4] ?? null)
}

test('texts of any kind come through, one by one and in bulk', async () => {
  const few = await ringUp(on.source, { receipt_number: TEXTS[1]! }, 0)
  for (const [at, product_name] of TEXTS.entries())
    await put(on.source, 'sale_line', { sale_id: few, line_no: at, product_name })
  // Many new purchases at once are written in another way.
  const ids = (await on.source.begin(async (tx) => {
    const ids: string[] = []
    for (let n = 0; n < 120; n++)
      ids.push(await put(tx, 'sale', { receipt_number: TEXTS[n % TEXTS.length]! }))
    for (const [at, product_name] of TEXTS.entries())
      await put(tx, 'sale_line', { sale_id: ids[0]!, line_no: at, product_name })
    return ids
  })) as string[]
  const customers = await Promise.all(
    TEXTS.map((name) => put(on.source, 'customer', { name, phone: name })),
  )

  await on.expectEqual()
  expect(await namesOf(few)).toEqual(TEXTS)
  expect(await namesOf(ids[0]!)).toEqual(TEXTS)
  for (const [at, text] of TEXTS.entries())
    expect(await on.purchase(ids[at]!)).toMatchObject({ receipt_number: text })
  const cards = await on.read`select customer_id, name, phone from customer_card`
  for (const [at, name] of TEXTS.entries())
    expect(cards).toContainEqual({ customer_id: customers[at]!, name, phone: name })
})

test('the largest amounts are exact, and their sum is more than a bigint', async () => {
  const ann = await put(on.source, 'customer')
  const largest = { customer_id: ann, total: INT64_MAX, subtotal: INT64_MAX }
  const id = await ringUp(on.source, largest, 0)
  await put(on.source, 'sale_line', { sale_id: id, unit_price: INT64_MAX, total: -INT64_MAX })
  await ringUp(on.source, largest, 0)

  await on.expectEqual()
  expect(await on.purchase(id)).toMatchObject({ total: INT64_MAX.toString() })
  const [sum] = await on.read`
    select net::text from customer_metrics where customer_id = ${ann}`
  expect(sum?.net).toBe((2n * INT64_MAX).toString())
})

test('microseconds and times before 1970 are kept', async () => {
  const times = [
    '2026-03-29 00:59:59.999999+00',
    '1969-12-31 23:59:59.000001+00',
    '0999-01-01 00:00:00+00',
  ]

  for (const completed_at of times) {
    const id = await ringUp(on.source, { completed_at })
    await on.caughtUp()
    expect((await on.purchase(id))?.at).toBe(completed_at)
  }
  await on.expectEqual()
})

test('what no timeline can show becomes a dead letter, whole, and the others go on', async () => {
  const before = (await on.deadLetters()).length
  const [never, nan, fine] = (await on.source.begin(async (tx) => [
    await ringUpIn(tx, { completed_at: 'infinity' }),
    await ringUpIn(tx),
    await ringUpIn(tx),
  ])) as [string, string, string]
  await on.source`update sale_line set qty = 'NaN' where sale_id = ${nan}`
  const later = await ringUp(on.source)

  await on.expectEqual()
  const letters = (await on.deadLetters()).slice(before)
  expect(letters.map(({ reason }) => reason)).toEqual([
    'a sale whose time is infinity',
    'sale_line.qty is NaN',
  ])
  expect(letters[0]?.change).toMatchObject({ op: 'insert', table: 'sale', new: { id: never } })
  expect(letters[1]?.change).toMatchObject({ table: 'sale_line', new: { sale_id: nan } })
  expect(await on.purchase(never)).toMatchObject({ listed: false, counted: false })
  expect(await on.purchase(fine)).toMatchObject({ listed: true })
  expect(await on.purchase(later)).toMatchObject({ listed: true })
  expect((await readStatus(on.source, on.read)).deadLetters).toBe(before + 2)
})

test('a purchase that is put right on the source is right in the read model', async () => {
  const id = await ringUp(on.source, { completed_at: 'infinity' }, 2)
  await on.source`update sale_line set qty = 'NaN' where sale_id = ${id} and line_no = 1`
  await on.expectEqual()

  await on.source`update sale set completed_at = '2026-01-05' where id = ${id}`
  await on.source`update sale_line set qty = 1 where sale_id = ${id} and line_no = 1`

  await on.expectEqual()
  expect(await on.purchase(id)).toMatchObject({ listed: true, counted: true, item_count: 2 })
})
