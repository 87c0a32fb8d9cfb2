/** What single changes make of a purchase, of its customer's sums and of the directory. */
import { expect, test } from 'bun:test'
import { CATCHING_UP } from '../../projector/project/batch.ts'
import type { RowChange } from '../../projector/source/change.ts'
import { insert, remove, rowOf, SHOP, transaction, update, uuid } from './support/changes.ts'
import { MemoryStore } from './support/memory-store.ts'

const SALE = uuid(1)
const OTHER_SALE = uuid(2)
const ORDER = uuid(3)
const LINE = uuid(4)
const ANN = uuid(0xa)
const BEN = uuid(0xb)
const LONG_NAME = { product_name: 'A name beyond the limit of TOAST' }

const sale = (row = {}) => insert('sale', { id: SALE, customer_id: ANN, ...row })
const saleLine = (row = {}) => insert('sale_line', { id: LINE, sale_id: SALE, ...row })

/** A store after these transactions, each a batch of its own. */
async function after(...transactions: RowChange[][]): Promise<MemoryStore> {
  const store = new MemoryStore()
  for (const [n, changes] of transactions.entries())
    await store.fold([transaction(n + 1, ...changes)])
  return store
}

const linesOf = (store: MemoryStore, id = SALE) =>
  JSON.parse(store.purchases.get(id)!.lines!) as (string | null)[][]
const sumsOf = (store: MemoryStore, customer: string) =>
  store.metrics.get(`${customer}/${SHOP}/EUR`)

test('an update that does not send a long name again keeps it', async () => {
  const long = { id: LINE, sale_id: SALE, ...LONG_NAME }

  const store = await after(
    [sale(), saleLine(LONG_NAME)],
    [update('sale_line', { ...long, total: '700' }, { unsent: ['product_name'] })],
  )

  expect(linesOf(store)[0]?.[4]).toBe(LONG_NAME.product_name)
  expect(linesOf(store)[0]?.[14]).toBe('700')
})

test('a stored sale that goes and comes back in one transaction has none of its former lines', async () => {
  const store = await after([sale(), saleLine()], [remove('sale', { id: SALE }), sale()])

  expect(linesOf(store)).toEqual([])
})

test('a line takes a long name that was not sent along to another sale, stored or new', async () => {
  const moved = update(
    'sale_line',
    { id: LINE, sale_id: OTHER_SALE, ...LONG_NAME },
    { unsent: ['product_name'], old: { id: LINE, sale_id: SALE } },
  )
  const other = insert('sale', { id: OTHER_SALE })

  const stored = await after([sale(), other, saleLine(LONG_NAME)], [moved])
  const fresh = await after([sale(), saleLine(LONG_NAME)], [other, moved])
  const onlyOne = await after([sale(), other, saleLine(LONG_NAME), moved])

  for (const store of [stored, fresh, onlyOne]) {
    expect(linesOf(store)).toEqual([])
    expect(linesOf(store, OTHER_SALE)[0]?.[4]).toBe(LONG_NAME.product_name)
    expect(store.deadLetters).toEqual([])
  }
})

test('a line that changes its id keeps a long name that was not sent', async () => {
  const renamed = { id: uuid(9), sale_id: SALE, ...LONG_NAME }
  const change = { unsent: ['product_name'], old: { id: LINE, sale_id: SALE } }

  const store = await after([sale(), saleLine(LONG_NAME)], [update('sale_line', renamed, change)])

  expect(linesOf(store).map((line) => [line[0], line[4]])).toEqual([
    [uuid(9), LONG_NAME.product_name],
  ])
})

test('a sale that moves to another customer takes its sums along, and both are touched', async () => {
  const store = await after([sale()], [update('sale', { id: SALE, customer_id: BEN })])

  expect(sumsOf(store, ANN)).toBeUndefined()
  expect(sumsOf(store, BEN)).toMatchObject({ orders: 1, net: 1000n })
  expect([...store.touched].sort()).toEqual([ANN, BEN])
})

test('an order that a sale settles is not listed, and is again when the sale lets it go', async () => {
  const order = insert('order', { id: ORDER, customer_id: ANN })
  const settled = await after([order], [sale({ order_id: ORDER })])
  const free = await after([order], [sale({ order_id: ORDER })], [remove('sale', { id: SALE })])

  expect(settled.purchases.get(ORDER)).toMatchObject({
    listed: 'false',
    counted: 'false',
    settled_by: `{${SALE}}`,
  })
  expect(sumsOf(settled, ANN)).toMatchObject({ orders: 1, net: 1000n })
  expect(free.purchases.get(ORDER)).toMatchObject({ listed: 'true', counted: 'true' })
  expect(sumsOf(free, ANN)).toMatchObject({ orders: 1, net: 2000n })
})

test('a sale that was copied with its order settles it, also when the order comes by the stream', async () => {
  const store = new MemoryStore()
  await store.fold([transaction(0, sale({ order_id: ORDER }))])

  const order = insert('order', { id: ORDER, customer_id: ANN })
  await store.fold([transaction(1, order), transaction(2, sale({ order_id: ORDER }))], CATCHING_UP)

  expect(store.purchases.get(ORDER)).toMatchObject({ listed: 'false', settled_by: `{${SALE}}` })
})

test('a sale that settles an order of the same batch finds it, whichever was touched first', async () => {
  const store = new MemoryStore()
  const changes = [
    transaction(1, sale()),
    transaction(2, insert('order', { id: ORDER, customer_id: ANN })),
    transaction(3, update('sale', { id: SALE, customer_id: ANN, order_id: ORDER })),
  ]

  await store.fold(changes, CATCHING_UP)

  expect(store.purchases.get(ORDER)).toMatchObject({ listed: 'false', settled_by: `{${SALE}}` })
})

test('a sale whose time is infinite waits unlisted with its lines, and comes back whole', async () => {
  const hidden = await after([sale({ completed_at: 'infinity' }), saleLine()])
  const back = await after(
    [sale({ completed_at: 'infinity' }), saleLine()],
    [update('sale', { id: SALE, customer_id: ANN })],
  )

  expect(hidden.deadLetters).toEqual(['a sale whose time is infinity'])
  expect(hidden.purchases.get(SALE)).toMatchObject({ listed: 'false', counted: 'false' })
  expect(sumsOf(hidden, ANN)).toBeUndefined()
  expect(back.purchases.get(SALE)).toMatchObject({ listed: 'true', counted: 'true' })
  expect(linesOf(back)).toHaveLength(1)
  expect(sumsOf(back, ANN)).toMatchObject({ orders: 1, net: 1000n })
})

test('a purchase is as its last row says, whether or not it was ever as it should be', async () => {
  const late = update('sale', {
    id: SALE,
    customer_id: ANN,
    completed_at: '12026-01-01 00:00:00+00',
  })
  const nan = update('sale_line', { id: LINE, sale_id: SALE, qty: 'NaN' })

  const turned = await after([sale(), saleLine()], [late], [nan])
  const always = await after([
    sale({ completed_at: '12026-01-01 00:00:00+00' }),
    saleLine({ qty: 'NaN' }),
  ])

  const withoutLsn = (store: MemoryStore) => ({ ...store.purchases.get(SALE), lsn: null })
  expect(withoutLsn(turned)).toEqual(withoutLsn(always))
  expect(turned.deadLetters).toEqual(always.deadLetters)
})

test('a line whose quantity is NaN is a dead letter, and a line again once it is a number', async () => {
  const right = update('sale_line', { id: LINE, sale_id: SALE })

  const store = await after([sale(), saleLine({ qty: 'NaN' }), saleLine({ id: uuid(5) })])
  const repaired = await after([sale(), saleLine({ qty: 'NaN' })], [right])

  expect(store.deadLetters).toEqual(['sale_line.qty is NaN'])
  expect(linesOf(store).map(([id]) => id)).toEqual([uuid(5)])
  expect(linesOf(repaired)).toHaveLength(1)
})

const FLAWS: [Record<string, string | null>, string][] = [
  [
    { type: 'refund' },
    'sale.type is "refund", which is none of sale, return, exchange, layaway_completion',
  ],
  [
    { status: 'closed' },
    'sale.status is "closed", which is none of draft, parked, completed, voided',
  ],
  [{ status: null }, 'sale.status has no value'],
  [{ currency: null }, 'sale.currency has no value'],
  [{ location_id: null }, 'sale.location_id has no value'],
  [{ total: null }, 'sale.total has no value'],
  [{ tip_total: 'NaN' }, 'sale.tip_total is NaN'],
  [
    { status: 'x'.repeat(41) },
    `sale.status is "${'x'.repeat(40)}…", which is none of draft, parked, completed, voided`,
  ],
]
for (const [row, reason] of FLAWS)
  test(`neither listed nor counted until it is put right, with all of its lines: ${reason}`, async () => {
    const born = await after([sale(row), saleLine()], [saleLine({ id: uuid(5) })])
    const turned = await after(
      [sale(), saleLine()],
      [update('sale', { id: SALE, customer_id: ANN, ...row })],
      [saleLine({ id: uuid(5) })],
    )
    const right = update('sale', { id: SALE, customer_id: ANN })
    const healed = await after([sale(row), saleLine()], [saleLine({ id: uuid(5) })], [right])

    for (const store of [born, turned]) {
      expect(store.deadLetters).toEqual([reason])
      expect(store.purchases.get(SALE)).toMatchObject({ listed: 'false', counted: 'false' })
      expect(sumsOf(store, ANN)).toBeUndefined()
    }
    expect(healed.purchases.get(SALE)).toMatchObject({ listed: 'true', counted: 'true' })
    expect(linesOf(healed)).toHaveLength(2)
    expect(sumsOf(healed, ANN)).toMatchObject({ orders: 1, net: 1000n })
  })

test('of an order, too, and of the values that its lines and payments are made of', async () => {
  const order = (row = {}) => insert('order', { id: ORDER, customer_id: ANN, ...row })
  const store = await after(
    [order({ status: 'completed' })],
    [insert('order_item', { id: LINE, order_id: ORDER, total: null })],
    [insert('order_payment', { id: LINE, order_id: ORDER, amount: null })],
    [insert('sale_line', { id: LINE, sale_id: SALE, qty: null }), sale()],
  )

  expect(store.deadLetters).toEqual([
    'order.status is "completed", which is none of open, closed, cancelled',
    'order_item.total has no value',
    'order_payment.amount has no value',
    'sale_line.qty has no value',
  ])
  expect(store.purchases.get(ORDER)).toMatchObject({ listed: 'false', lines: '[]', payments: '[]' })
})

test('a customer whose status nobody knows has no card until it is put right', async () => {
  const ann = (status: string | null) => ({ id: ANN, name: 'Ann', status })
  const born = await after([insert('customer', ann('vip'))])
  const turned = await after([insert('customer', ann('active'))], [update('customer', ann('vip'))])
  const healed = await after([insert('customer', ann(null))], [update('customer', ann('blocked'))])

  for (const store of [born, turned]) {
    expect(store.cards.size).toBe(0)
    expect(store.touched).toContain(ANN)
    expect(store.deadLetters).toEqual([
      'customer.status is "vip", which is none of active, merged, blocked, erased',
    ])
  }
  expect(healed.deadLetters).toEqual(['customer.status has no value'])
  expect(healed.cards.get(`customer/${ANN}`)).toMatchObject({ status: 'blocked', name: 'Ann' })
})

test('a line without its sale is a dead letter in the tail, and no news while catching up', async () => {
  const live = await after([saleLine()])
  const behind = new MemoryStore()
  await behind.fold([transaction(1, saleLine())], CATCHING_UP)

  expect(live.deadLetters).toEqual(['a row of sale_line whose sale is not projected'])
  expect(behind.deadLetters).toEqual([])
})

test('while catching up, an update of a line that was deleted before the copy is no dead letter', async () => {
  const store = new MemoryStore()
  await store.fold([transaction(0, sale())])

  const stale = { id: LINE, sale_id: SALE, ...LONG_NAME }
  await store.fold(
    [
      transaction(1, update('sale_line', stale, { unsent: ['product_name'] })),
      transaction(2, remove('sale_line', { id: LINE, sale_id: SALE })),
    ],
    CATCHING_UP,
  )

  expect(store.deadLetters).toEqual([])
  expect(linesOf(store)).toEqual([])
})

test('a sale takes a long receipt number that was not sent along to its new id, stored or new', async () => {
  const long = { receipt_number: 'A number beyond the limit of TOAST' }
  const moved = update('sale', rowOf('sale', { id: OTHER_SALE, customer_id: ANN, ...long }), {
    unsent: ['receipt_number'],
    old: { id: SALE },
  })

  const stored = await after([sale(long)], [moved])
  const onlyOne = await after([sale(long), moved])

  for (const store of [stored, onlyOne]) {
    expect(store.purchases.get(SALE)).toBeUndefined()
    expect(store.purchases.get(OTHER_SALE)?.receipt_number).toBe(long.receipt_number)
    expect(store.deadLetters).toEqual([])
  }
})

test('while catching up, a line that moved and was deleted before the copy is no dead letter', async () => {
  const store = new MemoryStore()
  await store.fold([transaction(0, sale(), insert('sale', { id: OTHER_SALE }))])

  const moved = { id: LINE, sale_id: OTHER_SALE, ...LONG_NAME }
  await store.fold(
    [
      transaction(
        1,
        update('sale_line', moved, {
          unsent: ['product_name'],
          old: { id: LINE, sale_id: SALE },
        }),
      ),
      transaction(2, remove('sale_line', { id: LINE, sale_id: OTHER_SALE })),
    ],
    CATCHING_UP,
  )

  expect(store.deadLetters).toEqual([])
  expect(linesOf(store, OTHER_SALE)).toEqual([])
})

test('a sale that is rung up and deleted in one batch leaves nothing', async () => {
  const store = await after([sale(), saleLine(), remove('sale', { id: SALE })])

  expect(store.purchases.size).toBe(0)
  expect(store.metrics.size).toBe(0)
})

test('a return is refunded by its returned lines, and a voided item is in no sum', async () => {
  const store = await after([
    sale({ type: 'exchange', total: '-300' }),
    saleLine({ qty: '-1.000', total: '-1300' }),
    saleLine({ id: uuid(5), line_no: '2', total: '1000' }),
    insert('order', { id: ORDER }),
    insert('order_item', { id: uuid(6), order_id: ORDER, voided_at: '2026-01-01 20:00:00+00' }),
  ])

  expect(store.purchases.get(SALE)).toMatchObject({ refunded: '1300', item_count: '2' })
  expect(sumsOf(store, ANN)).toMatchObject({ orders: 1, exchanges: 1, net: -300n, refunded: 1300n })
  expect(store.purchases.get(ORDER)?.item_count).toBe('0')
})

test('the line of the largest amount is named, bought or returned, the first of several', async () => {
  const named = (no: number, total: string, more = {}) =>
    saleLine({
      ...{ id: uuid(10 + no), line_no: String(no), product_name: `Product ${no}`, total },
      ...{ variant_name: `Variant ${no}`, ...more },
    })
  const item = (no: number, total: string, more = {}) =>
    insert('order_item', {
      ...{ id: uuid(20 + no), order_id: ORDER, line_no: String(no), total },
      ...{ product_name: `Dish ${no}`, variant_name: null, ...more },
    })

  const store = await after(
    [sale(), named(1, '900'), named(2, '-1000'), named(3, '1000')],
    [insert('order', { id: ORDER }), item(1, '5'), item(2, '99', { comped_at: '2026-01-01Z' })],
  )
  const emptied = await after(
    [sale(), named(1, '900')],
    [remove('sale_line', { id: uuid(11), sale_id: SALE })],
  )

  const top = { top_product: 'Product 2', top_variant: 'Variant 2' }
  expect(store.purchases.get(SALE)).toMatchObject(top)
  expect(store.purchases.get(ORDER)).toMatchObject({ top_product: 'Dish 1', top_variant: null })
  expect(emptied.purchases.get(SALE)).toMatchObject({ top_product: null, top_variant: null })
})

test('a card keeps a long name that is not sent again, and is not lost in silence under a new id', async () => {
  const ann = { id: ANN, ...{ name: 'Ann' }, phone: '1' }
  const kept = await after(
    [insert('customer', ann), update('customer', { ...ann, phone: '2' }, { unsent: ['name'] })],
    [update('customer', { ...ann, email: 'a@b' }, { unsent: ['name'] })],
  )
  const lost = await after(
    [insert('customer', ann)],
    [update('customer', { id: BEN }, { unsent: ['name'], old: { id: ANN } })],
  )

  expect(kept.cards.get(`customer/${ANN}`)).toMatchObject({ name: 'Ann', email: 'a@b' })
  expect(lost.deadLetters).toEqual(['a row of customer under a new id, and not sent whole'])
})
