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
import { type FileBytes, openFile } from './file-bytes.ts'
import { physicalLines } from './lines.ts'
import { type Positions, readHeader, readLine } from './online-retail.ts'
import { makePlan } from './plan.ts'
import type { Progress } from './progress.ts'
import { RecordReader, splitRecord } from './records.ts'
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
  const bytes = await openFile(file)
  try {
    return await withSession(options.sourceUrl, async (sql) => {
      const linesRead = await stageFile(sql, bytes, options)
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
  options: ImportOptions,
): Promise<number> {
  const { signal, progress } = options
  await createStage(sql)
  const stage = new Stage(sql)
  let header: { positions: Positions; reader: RecordReader } | undefined
  let lines = 0

  const keep = async (records: ReturnType<RecordReader['read']>, positions: Positions) => {
    for (const record of records) {
      lines++
      if ('reason' in record) {
        await stage.reject(record.line, record.reason)
        continue
      }
      const line = readLine(record.fields, positions)
      await (typeof line === 'string'
        ? stage.reject(record.line, line)
        : stage.add(record.line, line))
    }
  }

  progress.phase('Reading', bytes.size)
  for await (let batch of physicalLines(bytes.chunks)) {
    if (signal.aborted) throw stopped(signal, 'Stopped before anything was written')
    if (!header) {
      const [first, ...others] = batch
      const fields = first!.fault ? 'no text' : splitRecord(first!.text)
      const positions =
        typeof fields === 'string' ? 'its first line is no header' : readHeader(fields)
      if (typeof positions === 'string') {
        throw new CliError(`${options.file} is no Online Retail file: ${positions}`)
      }
      header = { positions, reader: new RecordReader(fields.length) }
      batch = others
    }
    await keep(header.reader.read(batch), header.positions)
    progress.at(bytes.consumed, lines)
  }
  if (header) await keep(header.reader.end(), header.positions)
  await stage.flush()
  progress.stop()
  return lines
}

function stopped(signal: AbortSignal, message: string): CliError {
  const { reason } = signal
  return new CliError(message, reason instanceof CliError ? reason.exitCode : 130)
}
