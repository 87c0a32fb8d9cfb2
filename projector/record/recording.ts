/**
 * The format of a recording: NDJSON, values as the source's texts. docs/RECORDING.md describes it.
 *
 *   {"format":"purchase-timeline/recording","version":1}
 *   {"commitLsn":"0/1A2B","endLsn":"0/1A5C","committedAt":"2026-01-01T09:00:00.000000Z","changes":[…]}
 *
 * A change is `{op, table, new?, old?}` with columns by name, or `{op: "truncate", tables}`. Columns that
 * were not sent (unchanged TOAST) are left out.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { formatLsn, parseLsn } from '../../src/domain/lsn.ts'
import { timestampOfMicros } from '../apply/checkpoint.ts'
import { FatalProjectorError } from '../errors.ts'
import { type Change, describeChange, type Transaction, type Values } from '../source/change.ts'
import { type SourceTable, type TableName, tableNamed } from '../source/tables.ts'

export const RECORDING_VERSION = 1
const FORMAT = 'purchase-timeline/recording'

export function headerLine(): string {
  return `${JSON.stringify({ format: FORMAT, version: RECORDING_VERSION })}\n`
}

export function transactionLine(transaction: Transaction): string {
  const { commitLsn, endLsn, committedAt, changes } = transaction
  return `${JSON.stringify({
    commitLsn: formatLsn(commitLsn),
    endLsn: formatLsn(endLsn),
    committedAt: timestampOfMicros(committedAt),
    changes: changes.map(describeChange),
  })}\n`
}

/**
 * The lines of a file, read as they are asked for. The reader is made with the first of them: one that
 * waits would drop what it reads meanwhile.
 */
export async function* linesOfFile(file: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })
}

/** Reads a recording line by line. Throws a FatalProjectorError that names the line at fault. */
export async function* readRecording(lines: AsyncIterable<string>): AsyncGenerator<Transaction> {
  let number = 0
  for await (const line of lines) {
    number++
    if (line === '') continue
    try {
      const parsed: unknown = JSON.parse(line)
      if (number === 1) checkHeader(parsed)
      else yield parseTransaction(parsed as Parsed)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new FatalProjectorError(`line ${number} of the recording: ${reason}`)
    }
  }
  if (number === 0) throw new FatalProjectorError('the recording is empty')
}

interface ParsedChange {
  op: string
  table?: string
  tables?: string[]
  new?: Record<string, string | null>
  old?: Record<string, string | null>
}

interface Parsed {
  commitLsn: string
  endLsn: string
  committedAt: string
  changes: ParsedChange[]
}

function checkHeader(header: unknown) {
  const { format, version } = (header ?? {}) as { format?: unknown; version?: unknown }
  if (format !== FORMAT) throw new Error('this is no recording of the purchase timeline')
  if (version !== RECORDING_VERSION)
    throw new Error(
      `version ${version} of the format; this code reads version ${RECORDING_VERSION}`,
    )
}

function parseTransaction({ commitLsn, endLsn, committedAt, changes }: Parsed): Transaction {
  return {
    commitLsn: parseLsn(commitLsn),
    endLsn: parseLsn(endLsn),
    committedAt: microsOfTimestamp(committedAt),
    changes: changes.map(parseChange),
  }
}

function parseChange({ op, table: name, tables, new: values, old }: ParsedChange): Change {
  if (op === 'truncate') return { op, tables: (tables ?? []).filter(isProjected) }
  const table = tableNamed(name ?? '')
  if (!table) throw new Error(`unknown table ${JSON.stringify(name)}`)
  if (op === 'delete') return { op, table, old: valuesOf(table, old) }
  if (op === 'insert') return { op, table, values: valuesOf(table, values) }
  if (op === 'update')
    return { op, table, values: valuesOf(table, values), old: old ? valuesOf(table, old) : null }
  throw new Error(`unknown operation ${JSON.stringify(op)}`)
}

function isProjected(name: string): name is TableName {
  return tableNamed(name) !== undefined
}

function valuesOf(table: SourceTable, row: Record<string, string | null> | undefined): Values {
  if (!row) throw new Error(`a change of ${table.name} without its row`)
  return table.columns.map((column) => row[column])
}

/** The inverse of `timestampOfMicros`. */
function microsOfTimestamp(text: string): bigint {
  const match = /^(.+)\.(\d{6})Z$/.exec(text)
  if (!match) throw new Error(`not a commit time: ${JSON.stringify(text)}`)
  return BigInt(Date.parse(`${match[1]}Z`)) * 1000n + BigInt(match[2]!)
}
