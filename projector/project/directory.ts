/**
 * The fold of the directory: customers, locations and employees, one row to one card. Pure.
 */
import { CUSTOMER_STATUSES, LOCATION_KINDS } from '../../src/domain/purchase.ts'
import type { RowChange, Values } from '../source/change.ts'
import { type SourceTable, TABLES } from '../source/tables.ts'
import { ProjectionError, unknownWord } from './purchase.ts'

/** For each source table: its table in the read model, and that table's columns in source order. */
export const CARDS = {
  customer: {
    table: 'customer_card',
    columns: [
      'customer_id',
      'business_id',
      'external_ref',
      'name',
      'phone',
      'email',
      'status',
      'merged_into',
    ],
  },
  location: {
    table: 'location_card',
    columns: ['location_id', 'business_id', 'name', 'region', 'timezone', 'kind'],
  },
  employee: {
    table: 'employee_card',
    columns: ['employee_id', 'business_id', 'display_name'],
  },
} as const
type CardTable = keyof typeof CARDS
export const CARD_TABLES = Object.keys(CARDS) as CardTable[]

export function isCardTable(name: string): name is CardTable {
  return Object.hasOwn(CARDS, name)
}

/** The last values of each row that changed, by its id; null once it is deleted. */
export class Directory {
  readonly rows: Record<CardTable, Map<string, Values | null>> = {
    customer: new Map(),
    location: new Map(),
    employee: new Map(),
  }

  /** Customers whom the source deleted; a card may also go because nobody can show it. */
  readonly deletedCustomers = new Set<string>()

  add(name: CardTable, change: RowChange): void {
    const rows = this.rows[name]
    if (change.op === 'delete') {
      const id = idOf(change.table, change.old)
      rows.set(id, null)
      if (name === 'customer') this.deletedCustomers.add(id)
      return
    }
    const id = idOf(change.table, change.values)
    const formerId = change.op === 'update' && change.old ? idOf(change.table, change.old) : id
    const former = rows.get(formerId)
    const values = former
      ? change.values.map((value, at) => (value === undefined ? former[at] : value))
      : change.values
    if (formerId !== id) {
      rows.set(formerId, null)
      if (values.includes(undefined))
        throw new ProjectionError(`a row of ${name} under a new id, and not sent whole`)
    }
    if (name === 'customer') this.deletedCustomers.delete(id)
    const flaw = flawOfCard(name, values)
    rows.set(id, flaw ? null : values)
    if (flaw) throw new ProjectionError(flaw)
  }

  customers(): IterableIterator<string> {
    return this.rows.customer.keys()
  }
}

/** Columns whose value must be one of a few words. */
const WORDS: Partial<Record<CardTable, { column: string; at: number; known: Set<string> }>> = {
  customer: {
    column: 'customer.status',
    at: TABLES.customer.at.status,
    known: new Set(CUSTOMER_STATUSES),
  },
  location: {
    column: 'location.kind',
    at: TABLES.location.at.kind,
    known: new Set(LOCATION_KINDS),
  },
}

/**
 * Why a row can't be a card; null when it can. A status that nobody knows may mean that the person must
 * not be shown, so there is no card at all until the source says a better one.
 */
export function flawOfCard(name: CardTable, values: Values): string | null {
  const words = WORDS[name]
  const word = words && values[words.at]
  if (!words || word === undefined || words.known.has(word ?? '')) return null
  return unknownWord(words.column, word ?? '', words.known)
}

function idOf(table: SourceTable, values: Values): string {
  const id = values[TABLES.customer.at.id]
  if (!id) throw new ProjectionError(`a row of ${table.name} without an id`)
  return id
}
