/**
 * An Online Retail file → the source tables, in four steps on one session:
 *
 *   read   the file's lines into temporary tables          (flat memory, nothing written yet)
 *   lock   one import at a time
 *   plan   what of it is new, under which ids               (temporary tables, nothing written yet)
 *   write  the new rows, one transaction a sale, in time order
 *
 * A file that turns out to be broken while it is read leaves the source as it was.
 */
import type { ReservedSql } from 'postgres'
import { CliError } from '../command.ts'
import { DATE_FORMS, type DateOrder, ordersOf } from './dates.ts'
import { type FileBytes, openFile } from './file-bytes.ts'
import { physicalLines } from './lines.ts'
import { type Positions, readHeader, readLine } from './online-retail.ts'
import { makePlan } from './plan.ts'
import type { Progress } from './progress.ts'
import { type CsvRecord, RecordReader, splitRecord } from './records.ts'
import { type ImportReport, makeReport } from './report.ts'
import { lockImports, withSession } from './session.ts'
import { createStage, Stage } from './stage.ts'
import { writePlan } from './write.ts'

export interface ImportOptions {
  file: string
  sourceUrl: string
  signal: AbortSignal
  progress: Progress
  /** For tests: sales written between two looks at the signal. */
  salesACall?: number
}

/**
 * Imports the file. What the report counts is durable when this resolves; what was written when it
 * rejects stays, whole sale by whole sale, and the next run of the same file goes on from there.
 * @throws CliError for what the user can mend, and when the signal stops it
 */
export async function importOnlineRetail(options: ImportOptions): Promise<ImportReport> {
  const { file, signal, progress } = options
  const start = performance.now()
  const order = await findDateOrder(options)
  const bytes = await openFile(file)
  try {
    return await withSession(options.sourceUrl, async (sql) => {
      const linesRead = await stageFile(sql, bytes, order, options)
      await lockImports(sql, signal, () =>
        progress.say('Another import writes to this database: waiting for it to end'),
      )
      progress.say(`Read ${linesRead.toLocaleString('en')} lines; working out what is new`)
      const plan = await makePlan(sql)
      if (signal.aborted) throw stopped(signal, 'Stopped before anything was written')

      const total = plan.newPurchases.sale + plan.newPurchases.return
      progress.phase('Writing', total)
      const written = await writePlan(sql, plan, {
        signal,
        onProgress: (purchases, lines) => progress.at(purchases, lines),
        ...(options.salesACall !== undefined && { salesACall: options.salesACall }),
      })
      if (written.purchases < total) {
        throw stopped(
          signal,
          `Stopped after ${written.purchases} of ${total} purchases; run the same command again to write the rest`,
        )
      }
      progress.stop()
      const seconds = (performance.now() - start) / 1000
      return await makeReport(sql, { file, linesRead, plan, written, seconds })
    })
  } finally {
    progress.stop()
  }
}

/** Stages the whole file; resolves to the number of its lines, the header apart. */
async function stageFile(
  sql: ReservedSql,
  bytes: FileBytes,
  order: DateOrder,
  options: ImportOptions,
): Promise<number> {
  const { progress } = options
  await createStage(sql)
  const stage = new Stage(sql)
  let lines = 0
  progress.phase('Reading', bytes.size)
  for await (const { records, positions } of recordsOf(bytes, options)) {
    for (const record of records) {
      lines++
      if ('reason' in record) {
        await stage.reject(record.line, record.reason)
        continue
      }
      const line = readLine(record.fields, positions, order)
      if (typeof line !== 'string') {
        await stage.add(record.line, line)
        continue
      }
      refuseOtherOrder(dateOf(record.fields, positions), order, record.line, options.file)
      await stage.reject(record.line, line)
    }
    progress.at(bytes.consumed, lines)
  }
  await stage.flush()
  progress.stop()
  return lines
}

/**
 * The order of the file's dates, as the first date that allows no other tells it.
 * @throws CliError when none does, and a wrong guess would change days into months in silence
 */
async function findDateOrder(options: ImportOptions): Promise<DateOrder> {
  let open = false
  for await (const { records, positions } of recordsOf(await openFile(options.file), options))
    for (const record of records) {
      if ('reason' in record) continue
      const [order, other] = ordersOf(dateOf(record.fields, positions))
      if (order && !other) return order
      open ||= order !== undefined
    }
  if (!open) return 'ymd'
  throw new CliError(
    `${options.file} has no day above 12, so its dates may be day/month or month/day: write them as ${DATE_FORMS.ymd}`,
  )
}

/** @throws CliError for a date that is one in another order than the file's, and in that one none */
function refuseOtherOrder(date: string, order: DateOrder, line: number, file: string): void {
  const orders = ordersOf(date)
  if (orders.length === 0 || orders.includes(order)) return
  throw new CliError(
    `${file} mixes its dates: others are ${DATE_FORMS[order]}, line ${line} is not; nothing was imported`,
  )
}

const dateOf = (fields: readonly string[], positions: Positions) => fields[positions.date]!.trim()

interface RecordBatch {
  records: CsvRecord[]
  positions: Positions
}

/**
 * The records behind the file's header, as they are read.
 * @throws CliError for a file of another format, and when the signal stops it
 */
async function* recordsOf(
  bytes: FileBytes,
  { file, signal }: ImportOptions,
): AsyncGenerator<RecordBatch> {
  let header: { positions: Positions; reader: RecordReader } | undefined
  for await (let batch of physicalLines(bytes.chunks)) {
    if (signal.aborted) throw stopped(signal, 'Stopped before anything was written')
    if (!header) {
      const [first, ...others] = batch
      const fields = first!.fault ? 'no text' : splitRecord(first!.text)
      const positions =
        typeof fields === 'string' ? 'its first line is no header' : readHeader(fields)
      if (typeof positions === 'string') {
        throw new CliError(`${file} is no Online Retail file: ${positions}`)
      }
      header = { positions, reader: new RecordReader(fields.length) }
      batch = others
    }
    yield { records: header.reader.read(batch), positions: header.positions }
  }
  if (header) yield { records: header.reader.end(), positions: header.positions }
}

function stopped(signal: AbortSignal, message: string): CliError {
  const { reason } = signal
  return new CliError(message, reason instanceof CliError ? reason.exitCode : 130)
}
