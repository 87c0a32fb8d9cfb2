/**
 * What the read store refuses. A piece of work is written as a whole; when its data is refused, it is
 * written again in halves, until the change that is at fault stands alone. That one becomes a dead
 * letter, all others are written.
 */
import { formatLsn } from '../../src/domain/lsn.ts'
import { sqlState } from '../errors.ts'
import { Batch, type BatchOptions, type BatchResult } from '../project/batch.ts'
import { type Changes, describeChange } from '../source/change.ts'
import type { LetterHandling, ReadStoreWriter } from './writer.ts'

export interface Written {
  /** Customers of whom anything changed. */
  customers: Set<string>
  deadLetters: number
}

/** SQLSTATE classes 22 (data exception), 23 (constraint violation) and 54 (a row or key too large). */
const REFUSALS = /^(22|23|54)/

/**
 * Writes into the current transaction. Throws for anything but refused data; the transaction then has
 * to be rolled back.
 * @param batch `parts`, folded
 */
export async function writeOrBury(
  writer: ReadStoreWriter,
  batch: Batch,
  parts: readonly Changes[],
): Promise<Written> {
  const whole = await attempt(writer, batch)
  if (typeof whole !== 'string')
    return { customers: whole.effects.customers, deadLetters: whole.deadLetters.length }
  // What is new to a whole batch need not be new to a part of it.
  const fold = { ...batch.options, insertsAreNew: false }
  const written: Written = { customers: new Set(), deadLetters: 0 }
  await writeHalves(writer, parts, fold, written)
  return written
}

async function writeHalves(
  writer: ReadStoreWriter,
  parts: readonly Changes[],
  fold: BatchOptions,
  written: Written,
): Promise<void> {
  for (const half of halvesOf(parts)) {
    const batch = new Batch(fold)
    for (const part of half) batch.addAll(part)
    const result = await attempt(writer, batch)
    if (typeof result !== 'string') {
      for (const id of result.effects.customers) written.customers.add(id)
      written.deadLetters += result.deadLetters.length
    } else if (batch.size > 1) await writeHalves(writer, half, fold, written)
    else await bury(writer, half[0]!, result, written)
  }
}

/**
 * Writes into the current transaction.
 * @returns the SQLSTATE when the read store refuses the data; the transaction is then as it was before
 */
export async function attempt(
  writer: ReadStoreWriter,
  batch: Batch,
  letters?: LetterHandling,
): Promise<BatchResult | string> {
  const first = !writer.inTransaction
  if (!first) await writer.savepoint()
  try {
    return await writer.write(batch, letters)
  } catch (error) {
    const state = sqlState(error) ?? ''
    if (!REFUSALS.test(state)) throw error
    await (first ? writer.rollback() : writer.rollbackToSavepoint())
    return state
  }
}

/** Transactions stay whole for as long as there are several. */
function halvesOf(parts: readonly Changes[]): Changes[][] {
  const half = (length: number) => Math.ceil(length / 2)
  if (parts.length !== 1) {
    const middle = half(parts.length)
    return [parts.slice(0, middle), parts.slice(middle)].filter((part) => part.length > 0)
  }
  const { commitLsn, ordinal, changes } = parts[0]!
  const middle = half(changes.length)
  return [
    [{ commitLsn, ordinal, changes: changes.slice(0, middle) }],
    [{ commitLsn, ordinal: ordinal + middle, changes: changes.slice(middle) }],
  ].filter(([part]) => part!.changes.length > 0)
}

async function bury(
  writer: ReadStoreWriter,
  { commitLsn, ordinal, changes }: Changes,
  state: string,
  written: Written,
) {
  written.deadLetters++
  await writer.writeDeadLetter({
    commitLsn: formatLsn(commitLsn),
    ordinal,
    reason: refusal(state),
    change: describeChange(changes[0]!),
  })
}

/** The reason of a dead letter. It is not the server's message, which may repeat a value. */
export function refusal(state: string): string {
  return `the read store refused it (SQLSTATE ${state})`
}
