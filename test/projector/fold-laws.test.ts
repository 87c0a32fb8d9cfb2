/**
 * Laws of the fold: whatever the order in which tills write, and however the stream is cut, the rows are
 * those that follow from the source's last state.
 */
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { CATCHING_UP, LIVE } from '../../projector/project/batch.ts'
import type { TableName } from '../../projector/source/tables.ts'
import { insert, type Row, transaction, uuid } from './support/changes.ts'
import { MemoryStore, metricsOf } from './support/memory-store.ts'
import { cardsOf, timelineOf } from './support/oracle.ts'
import { historyOf, type SourceModel } from './support/source-model.ts'

const seed = Number(process.env.PT_SEED ?? Date.now() % 2 ** 31)
const numRuns = Number(process.env.PT_LAW_RUNS ?? 200)
const check = <Ts>(property: fc.IAsyncProperty<Ts>) => fc.assert(property, { seed, numRuns })

const number = fc.nat(9_999)
const commands = fc.array(
  fc.record({ op: number, a: number, b: number, c: number, commits: fc.boolean() }),
  { minLength: 1, maxLength: 40 },
)
/** Where batches end: behind the nth transaction of each slice. */
const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 10 })

function slices<T>(items: readonly T[], sizes: readonly number[]): T[][] {
  const found: T[][] = []
  for (let at = 0, n = 0; at < items.length; n++) {
    const size = sizes[n % sizes.length]!
    found.push(items.slice(at, at + size))
    at += size
  }
  return found
}

function rows(store: MemoryStore): Map<string, Row> {
  return new Map([...store.purchases].map(([id, { lsn: _, ...row }]) => [id, row as Row]))
}

const sorted = <T>(map: Map<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))

function expectEqual(store: MemoryStore, source: SourceModel) {
  expect(sorted(rows(store))).toEqual(sorted(timelineOf(source)))
  expect(sorted(store.cards)).toEqual(sorted(cardsOf(source)))
  expect(sorted(store.metrics)).toEqual(sorted(metricsOf(store.purchases.values())))
  expect(store.deadLetters).toEqual([])
}

test('any partition into batches ends in the rows and sums of the last state of the source', async () => {
  await check(
    fc.asyncProperty(commands, sizes, async (commands, sizes) => {
      const { transactions, states } = historyOf(commands)
      const store = new MemoryStore()

      for (const batch of slices(transactions, sizes)) await store.fold(batch)

      expectEqual(store, states.at(-1)!)
    }),
  )
})

test('the changes of one transaction may be cut into chunks anywhere', async () => {
  await check(
    fc.asyncProperty(commands, sizes, async (commands, sizes) => {
      const { transactions, states } = historyOf(commands.map((c) => ({ ...c, commits: false })))
      const [whole] = transactions
      const store = new MemoryStore()

      for (const changes of slices(whole!.changes, sizes))
        await store.fold([{ ...whole!, changes }])

      expectEqual(store, states.at(-1)!)
    }),
  )
})

test('the order in which lines and payments are written does not matter, not even before their sale', async () => {
  const inserts = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 })
  await check(
    fc.asyncProperty(inserts, fc.integer({ min: 1, max: 3 }), async (order, sales) => {
      const changes = Array.from({ length: sales }, (_, n) => [
        insert('order', { id: uuid(n + 1), customer_id: uuid(0xc) }),
        insert('order_item', { id: uuid(n + 100), order_id: uuid(n + 1) }),
        insert('sale', { id: uuid(n + 200), order_id: uuid(n + 1), customer_id: uuid(0xc) }),
        insert('sale_line', { id: uuid(n + 300), sale_id: uuid(n + 200), line_no: '2' }),
        insert('sale_line', { id: uuid(n + 400), sale_id: uuid(n + 200), line_no: '1' }),
        insert('sale_payment', { id: uuid(n + 500), sale_id: uuid(n + 200) }),
      ])
      const straight = new MemoryStore()
      const shuffled = new MemoryStore()

      await straight.fold([transaction(1, ...changes.flat())])
      await shuffled.fold([transaction(1, ...order.flatMap((at) => changes.map((c) => c[at]!)))])

      expect(shuffled.deadLetters).toEqual([])
      expect(sorted(rows(shuffled))).toEqual(sorted(rows(straight)))
      expect(sorted(shuffled.metrics)).toEqual(sorted(straight.metrics))
    }),
  )
})

test('a stream that repeats what is applied already ends where it was', async () => {
  await check(
    fc.asyncProperty(commands, sizes, fc.nat(39), async (commands, sizes, back) => {
      const { transactions, states } = historyOf(commands, false)
      const store = new MemoryStore()
      for (const batch of slices(transactions, sizes)) await store.fold(batch)

      const again = transactions.slice(Math.max(0, transactions.length - back))
      for (const batch of slices(again, sizes)) await store.fold(batch, CATCHING_UP)

      expectEqual(store, states.at(-1)!)
    }),
  )
})

test('a first copy in pages, read while the tills write, and the stream since its slot give the source', async () => {
  const moments = fc.array(fc.nat(99), { minLength: 8, maxLength: 8 })
  await check(
    fc.asyncProperty(commands, sizes, moments, async (commands, sizes, moments) => {
      const { transactions, states } = historyOf(commands, false)
      const [slot, ...reads] = moments.map((n) => n % states.length).sort((a, b) => a - b)
      const store = new MemoryStore()

      const barrier = await copyInPages(store, states, reads)

      const behind = transactions.slice(slot, barrier)
      for (const batch of slices(behind, sizes)) await store.fold(batch, CATCHING_UP)
      for (const batch of slices(transactions.slice(barrier), sizes)) await store.fold(batch, LIVE)
      expectEqual(store, states.at(-1)!)
    }),
  )
})

/** @returns which state was read last: what commits up to there may be in the copy already */
async function copyInPages(
  store: MemoryStore,
  states: SourceModel[],
  reads: number[],
): Promise<number> {
  const paged = ['customer', 'order', 'sale'] as const
  let last = 0
  for (const name of paged) {
    let after = ''
    for (const page of ['first', 'last']) {
      last = reads.shift() ?? last
      const { tables } = states[last]!
      const ids = [...tables[name].keys()].filter((id) => id > after).sort()
      const keys = new Set(page === 'first' ? ids.slice(0, 2) : ids)
      after = [...keys].at(-1) ?? after
      const headers = [...keys].map((id) => insert(name, tables[name].get(id)!))
      const parts = (CHILDREN[name] ?? []).flatMap(([child, parent]) =>
        [...tables[child].values()]
          .filter((row) => keys.has(row[parent]!))
          .map((row) => insert(child, row)),
      )
      await store.fold([transaction(0, ...headers, ...parts)], LIVE)
    }
  }
  return last
}

const CHILDREN: Partial<Record<TableName, [TableName, string][]>> = {
  order: [
    ['order_item', 'order_id'],
    ['order_payment', 'order_id'],
  ],
  sale: [
    ['sale_line', 'sale_id'],
    ['sale_payment', 'sale_id'],
  ],
}
