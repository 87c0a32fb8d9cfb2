/** What the source says has changed: the input of the fold, live or from a recording. */
import type { Lsn } from '../../src/domain/lsn.ts'
import type { SourceTable, TableName } from './tables.ts'

/**
 * A row's values as the source's own texts, in the column order of its `SourceTable`. `undefined` is a
 * value that was not sent: unchanged TOAST, or a column that is no part of a delete's key.
 */
export type Values = (string | null | undefined)[]

export type RowChange =
  | { op: 'insert'; table: SourceTable; values: Values }
  /** `old` holds the former key, only when the key changed. */
  | { op: 'update'; table: SourceTable; values: Values; old: Values | null }
  | { op: 'delete'; table: SourceTable; old: Values }

export type Change = RowChange | { op: 'truncate'; tables: readonly TableName[] }

/** Changes of one source transaction that follow each other. */
export interface Changes {
  commitLsn: Lsn
  /** Position of the first one in its transaction. */
  ordinal: number
  changes: RowChange[]
}

/** One source transaction, in the order of its commit. */
export interface Transaction {
  /** LSN of the commit record. */
  commitLsn: Lsn
  /** LSN behind the commit record: where the next transaction's commit may already start. */
  endLsn: Lsn
  /** Commit time, microseconds since 1970. */
  committedAt: bigint
  changes: Change[]
}

/** What a decoder tells, message by message; a transaction may be too large to be held at once. */
export interface TransactionSink {
  begin(commitLsn: Lsn, committedAt: bigint): void
  change(change: Change): void
  commit(commitLsn: Lsn, endLsn: Lsn, committedAt: bigint): void
}

/** A change as plain JSON, for dead letters and recordings. Values that were not sent are left out. */
export function describeChange(change: Change): Record<string, unknown> {
  if (change.op === 'truncate') return { op: change.op, tables: change.tables }
  const { op, table } = change
  const described: Record<string, unknown> = { op, table: table.name }
  if (change.op !== 'delete') described.new = named(table, change.values)
  if (change.op !== 'insert' && change.old) described.old = named(table, change.old)
  return described
}

function named(table: SourceTable, values: Values): Record<string, string | null> {
  const result: Record<string, string | null> = {}
  for (const [at, column] of table.columns.entries()) {
    const value = values[at]
    if (value !== undefined) result[column] = value
  }
  return result
}
