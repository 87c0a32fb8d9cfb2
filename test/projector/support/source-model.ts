/**
 * A source database in memory: legal changes of a till, and the messages that Postgres would send of
 * them. Deletes cascade, a deleted customer's purchases become a guest's, values beyond TOAST's limit
 * are not sent again.
 */
import type { RowChange, Transaction } from '../../../projector/source/change.ts'
import type { TableName } from '../../../projector/source/tables.ts'
import { insert, type Row, remove, rowOf, SHOP, transaction, update, uuid } from './changes.ts'

export interface Command {
  op: number
  a: number
  b: number
  c: number
  /** The source transaction ends behind it. */
  commits: boolean
}

const TYPES = ['sale', 'sale', 'return', 'exchange', 'layaway_completion']
const STATUSES = ['completed', 'completed', 'voided', 'draft', 'parked']
const ORDER_STATUSES = ['closed', 'closed', 'open', 'cancelled']
const CURRENCIES = ['EUR', 'EUR', 'JPY']
/** Stands for a value beyond TOAST's limit. */
const LONG = 'A very long name'

export class SourceModel {
  readonly tables: Record<TableName, Map<string, Row>>
  /** Whether a moved row's unchanged long value is left out, as Postgres leaves it out. */
  readonly sparseMoves: boolean
  #serial: number

  constructor(of?: SourceModel, sparseMoves = true) {
    this.sparseMoves = sparseMoves
    const copy = (name: TableName) =>
      new Map([...(of?.tables[name] ?? [])].map(([id, row]) => [id, { ...row }]))
    this.tables = {
      location: copy('location'),
      employee: copy('employee'),
      customer: copy('customer'),
      order: copy('order'),
      order_item: copy('order_item'),
      order_payment: copy('order_payment'),
      sale: copy('sale'),
      sale_line: copy('sale_line'),
      sale_payment: copy('sale_payment'),
    }
    this.#serial = of ? of.#serial : 0x100
  }

  /** Runs one command; one that finds nothing to act on makes a sale. */
  run({ op, a, b, c }: Command): RowChange[] {
    const step = STEPS[op % STEPS.length]!
    return step(this, a, b, c) ?? ringUp(this, a, b, c)
  }

  id(): string {
    return uuid(this.#serial++)
  }

  pick(name: TableName, n: number): Row | undefined {
    const rows = [...this.tables[name].values()]
    return rows[n % rows.length]
  }

  add(name: TableName, row: Row): RowChange {
    const whole = rowOf(name, row)
    this.tables[name].set(whole.id!, whole)
    return insert(name, whole)
  }

  set(name: TableName, id: string, changes: Row): RowChange {
    const row = this.tables[name].get(id)!
    const next = { ...row, ...changes }
    const moved = KEYS.some((key) => key in row && row[key] !== next[key])
    this.tables[name].delete(id)
    this.tables[name].set(next.id!, next)
    const sparse = next.product_name === LONG && row.product_name === LONG
    const unsent = sparse && (this.sparseMoves || !moved) ? ['product_name'] : []
    return update(name, next, { unsent, ...(moved && { old: row }) })
  }

  drop(name: TableName, id: string): RowChange[] {
    const row = this.tables[name].get(id)!
    this.tables[name].delete(id)
    const changes = [remove(name, row)]
    for (const [child, parent] of CASCADES[name] ?? [])
      for (const row of [...this.tables[child].values()])
        if (row[parent] === id) changes.push(...this.drop(child, row.id!))
    return changes
  }
}

/** Columns of replica identities: a change of one is sent with the former key. */
const KEYS = ['id', 'sale_id']
const CASCADES: Partial<Record<TableName, [TableName, string][]>> = {
  sale: [
    ['sale_line', 'sale_id'],
    ['sale_payment', 'sale_id'],
  ],
  order: [
    ['order_item', 'order_id'],
    ['order_payment', 'order_id'],
  ],
}

const at = (n: number) =>
  `2026-01-${String((n % 28) + 1).padStart(2, '0')} 10:00:00${['', '.5', '.000001', '.25'][n % 4]}+00`
const amount = (n: number) => String((n % 5_000) - 1_000)

function line(n: number): Row {
  const qty = ((n % 7) - 3 || 1).toString()
  return {
    line_no: String((n % 5) + 1),
    product_name: n % 3 === 0 ? LONG : `Item ${n}`,
    variant_id: n % 2 ? uuid(0x50 + (n % 4)) : null,
    qty: `${qty}.000`,
    unit_price: amount(n),
    total: amount(n * 3),
  }
}

function ringUp(source: SourceModel, a: number, b: number, c: number): RowChange[] {
  const id = source.id()
  const order = c % 4 === 0 ? source.pick('order', a) : undefined
  const changes = [
    source.add('sale', {
      id,
      customer_id: b % 5 ? (source.pick('customer', b)?.id ?? null) : null,
      location_id: c % 3 ? SHOP : uuid(0x11),
      type: TYPES[a % 5]!,
      status: STATUSES[b % 5]!,
      currency: CURRENCIES[c % 3]!,
      total: amount(a),
      created_at: at(a),
      completed_at: b % 3 ? at(b) : null,
      order_id: order?.id ?? null,
    }),
  ]
  for (let n = 0; n < c % 4; n++)
    changes.push(source.add('sale_line', { id: source.id(), sale_id: id, ...line(a + n) }))
  if (a % 2)
    changes.push(source.add('sale_payment', { id: source.id(), sale_id: id, amount: amount(b) }))
  return changes
}

function openTable(source: SourceModel, a: number, b: number, c: number): RowChange[] {
  const id = source.id()
  const changes = [
    source.add('order', {
      id,
      customer_id: source.pick('customer', a)?.id ?? null,
      status: ORDER_STATUSES[b % 4]!,
      total: amount(c),
      guest_count: String(a % 6),
      opened_at: at(a),
      closed_at: b % 4 < 2 ? at(c) : null,
    }),
  ]
  for (let n = 0; n < b % 3; n++)
    changes.push(
      source.add('order_item', {
        id: source.id(),
        order_id: id,
        ...line(b + n),
        seat_no: String(n),
      }),
    )
  if (c % 2)
    changes.push(source.add('order_payment', { id: source.id(), order_id: id, amount: amount(a) }))
  return changes
}

type Step = (source: SourceModel, a: number, b: number, c: number) => RowChange[] | undefined

/** A step on a row of a table, if there is one. */
const on =
  (
    name: TableName,
    step: (source: SourceModel, row: Row, b: number, c: number) => RowChange[],
  ): Step =>
  (source, a, b, c) => {
    const row = source.pick(name, a)
    return row && step(source, row, b, c)
  }

const STEPS: Step[] = [
  ringUp,
  ringUp,
  openTable,
  (source, a) => [source.add('customer', { id: source.id(), name: `Customer ${a}` })],
  on('sale', (source, { id }, b, c) => [
    source.set('sale', id!, { status: STATUSES[b % 5]!, type: TYPES[c % 5]!, total: amount(b) }),
  ]),
  on('sale', (source, { id }, b, c) => [
    source.set('sale', id!, { completed_at: at(b), currency: CURRENCIES[c % 3]! }),
  ]),
  on('sale', (source, { id }, b) => [
    source.set('sale', id!, { customer_id: source.pick('customer', b)?.id ?? null }),
  ]),
  on('sale', (source, { id }, b, c) => [
    source.set('sale', id!, { order_id: c % 3 ? (source.pick('order', b)?.id ?? null) : null }),
  ]),
  on('sale', (source, { id }, b) => [
    source.add('sale_line', { id: source.id(), sale_id: id!, ...line(b) }),
  ]),
  on('sale', (source, { id }) => source.drop('sale', id!)),
  on('sale', (source, { id }) => {
    // A key change goes through only while nothing refers to the row.
    const used = [...source.tables.sale_line.values(), ...source.tables.sale_payment.values()]
    return used.some((row) => row.sale_id === id)
      ? []
      : [source.set('sale', id!, { id: source.id() })]
  }),
  on('sale_line', (source, { id }, b) => [source.set('sale_line', id!, { total: amount(b) })]),
  on('sale_line', (source, { id }, b) => [source.set('sale_line', id!, line(b))]),
  on('sale_line', (source, { id }, b) => [
    source.set('sale_line', id!, { sale_id: source.pick('sale', b)!.id! }),
  ]),
  on('sale_line', (source, { id }) => [source.set('sale_line', id!, { id: source.id() })]),
  on('sale_line', (source, { id }) => source.drop('sale_line', id!)),
  on('sale_payment', (source, { id }, b) => [
    source.set('sale_payment', id!, { sale_id: source.pick('sale', b)!.id!, amount: amount(b) }),
  ]),
  on('order', (source, { id }, b, c) => [
    source.set('order', id!, { status: ORDER_STATUSES[b % 4]!, closed_at: at(c) }),
  ]),
  on('order', (source, { id }) => {
    const settled = [...source.tables.sale.values()].some((sale) => sale.order_id === id)
    return settled ? [] : source.drop('order', id!)
  }),
  on('order_item', (source, { id }, b) => [
    source.set('order_item', id!, b % 2 ? { voided_at: at(b) } : { comped_at: at(b) }),
  ]),
  on('customer', (source, from, b) => {
    const into = source.pick('customer', b)!
    if (into.id === from.id || from.status === 'merged') return []
    const changes = [
      source.set('customer', from.id!, { status: 'merged', merged_into_id: into.id! }),
    ]
    for (const name of ['sale', 'order'] as const)
      for (const row of [...source.tables[name].values()])
        if (row.customer_id === from.id)
          changes.push(source.set(name, row.id!, { customer_id: into.id! }))
    return changes
  }),
  on('customer', (source, { id }) => {
    const changes = source.drop('customer', id!)
    for (const name of ['sale', 'order'] as const)
      for (const row of [...source.tables[name].values()])
        if (row.customer_id === id) changes.push(source.set(name, row.id!, { customer_id: null }))
    return changes
  }),
]

export interface History {
  transactions: Transaction[]
  /** The source before the first transaction and after each. */
  states: SourceModel[]
}

export function historyOf(commands: readonly Command[], sparseMoves = true): History {
  const source = new SourceModel(undefined, sparseMoves)
  const history: History = { transactions: [], states: [new SourceModel(source)] }
  let changes: RowChange[] = []
  for (const [n, command] of commands.entries()) {
    changes.push(...source.run(command))
    if (!command.commits && n < commands.length - 1) continue
    history.transactions.push(transaction(history.transactions.length + 1, ...changes))
    history.states.push(new SourceModel(source))
    changes = []
  }
  return history
}
