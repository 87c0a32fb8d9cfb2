/**
 * The format of a recording: NDJSON, values as the source's texts. docs/RECORDING.md describes it.
 *
 *   {"format":"purchase-timeline/recording","version":2,"start":"empty","redacted":false}
 *   {"commitLsn":"0/1A2B","endLsn":"0/1A5C","committedAt":"2026-01-01T09:00:00.000000Z","changes":[…]}
 *   {"transactions":1}
 *
 * A change is `{op, table, new?, old?}` with columns by name, or `{op: "truncate", tables}`. Columns that
 * were not sent (unchanged TOAST) are left out. A line without `endLsn` is a piece of a transaction that
 * the next line carries on: no transaction has to be held at once. The last line says that the recording
 * is whole.
 */
import { createReadStream } from 'node:fs'
import { formatLsn, LSN_ZERO, type Lsn, parseLsn } from '../../src/domain/lsn.ts'
import { timestampOfMicros } from '../apply/checkpoint.ts'
import { FatalProjectorError } from '../errors.ts'
import type { Change, Values } from '../source/change.ts'
import { type SourceTable, type TableName, tableNamed } from '../source/tables.ts'
import type { Position } from '../stream/intake.ts'

const RECORDING_VERSION = 2
const FORMAT = 'purchase-timeline/recording'

/**
 * What the source held when the recording began: nothing; rows, which are its first transaction; or rows
 * that are not in it, so that its replay can't give the source's tables. Version 1 does not say.
 */
const STARTS = ['empty', 'snapshot', 'midway'] as const
export type RecordingStart = (typeof STARTS)[number] | 'unknown'

export interface RecordingHeader {
  start: RecordingStart
  redacted: boolean
}

/** A transaction, or a piece of one. */
export interface Piece {
  commitLsn: Lsn
  changes: Change[]
  /** null: the next piece carries the transaction on. */
  end: Position | null
}

interface OpenRecording extends RecordingHeader {
  /** In commit order. Throws a FatalProjectorError that names the line at fault. */
  pieces: AsyncGenerator<Piece>
}

export interface ReadOptions {
  /**
   * Takes a recording that breaks off for what it holds: the last piece may then be one that is never
   * carried on. Default: it is refused.
   */
  cutOff?: boolean
}

export function headerLine({ start, redacted }: RecordingHeader): string {
  return `${JSON.stringify({ format: FORMAT, version: RECORDING_VERSION, start, redacted })}\n`
}

/** @param changes each as JSON, of its `describeChange` */
export function pieceLine(commitLsn: Lsn, changes: readonly string[], end: Position | null) {
  const head = JSON.stringify({
    commitLsn: formatLsn(commitLsn),
    ...(end && {
      endLsn: formatLsn(end.endLsn),
      committedAt: timestampOfMicros(end.committedAt),
    }),
  })
  return `${head.slice(0, -1)},"changes":[${changes.join(',')}]}\n`
}

export function endLine(transactions: number): string {
  return `${JSON.stringify({ transactions })}\n`
}

/**
 * The lines of a file, read as they are asked for. Only LF ends a line: readline would also end one at
 * U+2028, which JSON leaves as it is.
 */
export async function* linesOfFile(file: string): AsyncGenerator<string> {
  let parts: Buffer[] = []
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let at = 0
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, at)) {
      parts.push(chunk.subarray(at, end))
      yield Buffer.concat(parts).toString('utf8')
      parts = []
      at = end + 1
    }
    if (at < chunk.length) parts.push(chunk.subarray(at))
  }
  if (parts.length > 0) yield Buffer.concat(parts).toString('utf8')
}

/** Throws a FatalProjectorError when this is no recording, or one of another version. */
export async function openRecording(
  lines: AsyncIterable<string>,
  { cutOff = false }: ReadOptions = {},
): Promise<OpenRecording> {
  const iterator = lines[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (first.done) throw new FatalProjectorError('the recording is empty')
  const { version, ...header } = onLine(1, () => parseHeader(JSON.parse(first.value)))
  return { ...header, pieces: piecesOf(iterator, version > 1, cutOff) }
}

/** @param ends whether a last line must say that the recording is whole */
async function* piecesOf(
  lines: AsyncIterator<string>,
  ends: boolean,
  cutOff: boolean,
): AsyncGenerator<Piece> {
  let number = 1
  let transactions = 0
  let open: Lsn | null = null
  let last = LSN_ZERO
  let ended = false
  /** Whether the last line is only the beginning of one. */
  let torn = false
  let line = await lines.next()
  while (!line.done) {
    number++
    const text = line.value
    line = await lines.next()
    if (text === '') continue
    torn = line.done === true && !isJson(text)
    if (torn) break
    const piece: Piece | null = onLine(number, () => {
      if (ended) throw new Error('it stands behind the end')
      const parsed = JSON.parse(text) as ParsedPiece & { transactions?: number }
      if (ends && parsed.transactions !== undefined) {
        if (open !== null || parsed.transactions !== transactions)
          throw new Error(
            `${parsed.transactions} transactions are said to be in it, ${transactions} are: lines are missing`,
          )
        return null
      }
      const piece = parsePiece(parsed)
      const { commitLsn, end } = piece
      if (open === null ? commitLsn < last : commitLsn !== open)
        throw new Error(`the transaction of ${formatLsn(commitLsn)} is not in its place`)
      if (end && end.endLsn < commitLsn) throw new Error('its transaction ends before its commit')
      return piece
    })
    if (!piece) {
      ended = true
      continue
    }
    yield piece
    open = piece.end ? null : piece.commitLsn
    if (piece.end) {
      transactions++
      last = piece.end.endLsn
    }
  }
  // Version 1 has no end: of it, only half a line tells.
  if ((torn || (ends && !ended)) && !cutOff)
    throw new FatalProjectorError(
      `the recording breaks off ${torn ? 'in' : 'behind'} line ${number}: its recorder did not end, or the file was not copied whole (--cut-off replays what there is)`,
    )
}

function onLine<T>(number: number, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new FatalProjectorError(`line ${number} of the recording: ${reason}`)
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

interface ParsedChange {
  op: string
  table?: string
  tables?: string[]
  new?: Record<string, unknown>
  old?: Record<string, unknown>
}

interface ParsedPiece {
  commitLsn: string
  endLsn?: string
  committedAt?: string
  changes: ParsedChange[]
}

function parseHeader(parsed: unknown): RecordingHeader & { version: number } {
  const { format, version, start, redacted } = (parsed ?? {}) as Record<string, unknown>
  if (format !== FORMAT) throw new Error('this is no recording of the purchase timeline')
  if (version === 1) return { version, start: 'unknown', redacted: false }
  if (version !== RECORDING_VERSION)
    throw new Error(
      `version ${version} of the format; this code reads versions 1 and ${RECORDING_VERSION}`,
    )
  const known = STARTS.find((name) => name === start)
  return { version, start: known ?? 'unknown', redacted: redacted === true }
}

function parsePiece({ commitLsn, endLsn, committedAt, changes }: ParsedPiece): Piece {
  return {
    commitLsn: parseLsn(String(commitLsn)),
    changes: changes.map(parseChange),
    end:
      endLsn === undefined
        ? null
        : { endLsn: parseLsn(endLsn), committedAt: microsOfTimestamp(String(committedAt)) },
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

function valuesOf(table: SourceTable, row: Record<string, unknown> | undefined): Values {
  if (!row) throw new Error(`a change of ${table.name} without its row`)
  return table.columns.map((column) => {
    const value = row[column]
    if (value === undefined || value === null) return value
    // Postgres has no NUL in a text: such a file was not written by a recorder.
    if (typeof value === 'string' && !value.includes('\0')) return value
    throw new Error(`${table.name}.${column} is no text of a source`)
  })
}

/** The inverse of `timestampOfMicros`. */
function microsOfTimestamp(text: string): bigint {
  const match = /^(.+)\.(\d{6})Z$/.exec(text)
  if (!match) throw new Error(`not a commit time: ${JSON.stringify(text)}`)
  return BigInt(Date.parse(`${match[1]}Z`)) * 1000n + BigInt(match[2]!)
}
