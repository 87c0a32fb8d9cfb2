/**
 * When the read store refuses a batch's data: the batch is applied again, more carefully and in halves,
 * until the transaction that is at fault stands alone. That one becomes dead letters, whole; all others
 * are applied.
 */
import { formatLsn } from '../../src/domain/lsn.ts'
import { sqlState } from '../errors.ts'
import { Batch, CATCHING_UP, LIVE } from '../project/batch.ts'
import { describeChange, type Transaction } from '../source/change.ts'
import { foldInto } from '../stream/intake.ts'
import type { ReadStoreWriter } from './writer.ts'

/** SQLSTATE classes 22 (data exception) and 23 (integrity constraint violation). */
export function isDataError(error: unknown): boolean {
  return /^2[23]/.test(sqlState(error) ?? '')
}

/** Must commit what the writer holds; gets the customers that were touched. */
export type CommitPart = (transactions: Transaction[], customers: Set<string>) => Promise<void>

export async function applyCarefully(
  writer: ReadStoreWriter,
  transactions: Transaction[],
  commit: CommitPart,
): Promise<void> {
  const batch = new Batch({ ...LIVE, insertsAreNew: CATCHING_UP.insertsAreNew })
  for (const transaction of transactions) foldInto(batch, transaction)
  try {
    const { effects } = await writer.write(batch)
    await commit(transactions, effects.customers)
  } catch (error) {
    if (!isDataError(error)) throw error
    await writer.rollback()
    if (transactions.length === 1) {
      await bury(writer, transactions[0]!, sqlState(error)!)
      await commit(transactions, new Set())
      return
    }
    const middle = Math.ceil(transactions.length / 2)
    await applyCarefully(writer, transactions.slice(0, middle), commit)
    await applyCarefully(writer, transactions.slice(middle), commit)
  }
}

async function bury(writer: ReadStoreWriter, { commitLsn, changes }: Transaction, state: string) {
  for (const [ordinal, change] of changes.entries()) {
    await writer.writeDeadLetter({
      commitLsn: formatLsn(commitLsn),
      ordinal,
      // Not the server's message: it may repeat a value.
      reason: `the read store refused the transaction (SQLSTATE ${state})`,
      change: describeChange(change),
    })
  }
}
