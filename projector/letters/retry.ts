/**
 * Tries dead letters again: the purchases and cards that they are about are written anew from the
 * source's current rows, whatever the read model holds of them.
 *
 * It is a first copy of a few rows, and what holds there holds here (`copy/first-copy.ts`): a mark that
 * is written behind the reading says from where on the stream has told everything that the rows may
 * already hold. Until it is passed the generation is `catching_up`, as its checkpoint says in the same
 * transaction: rows go back and forth, also over a kill, and end equal.
 */
import type { Sql } from 'postgres'
import { emitMark } from '../../src/postgres/mark.ts'
import type { Checkpoint } from '../apply/checkpoint.ts'
import { raisePosition } from '../apply/generation.ts'
import { attempt, refusal } from '../apply/isolate.ts'
import type { ReadStoreWriter } from '../apply/writer.ts'
import type { SourceReader } from '../copy/source-pages.ts'
import { Batch, CATCHING_UP } from '../project/batch.ts'
import type { RowChange } from '../source/change.ts'
import { TABLES } from '../source/tables.ts'
import { type KeptChange, type Target, targetsOf } from './targets.ts'

interface RetryOptions {
  source: Sql
  /** Of that source. */
  reader: SourceReader
  writer: ReadStoreWriter
  /** Whether cache floors are to be noted for raising. */
  raises: boolean
}

interface Retried {
  projected: number
  failed: number
}

/** Letters of one transaction. */
const AT_ONCE = 100

interface Letter {
  id: string
  change: KeptChange
  reason: string
}

/** Why rows of a target can't be projected: all of them, or some, by `table/id`. */
type Outcome = string | Map<string, string>

/**
 * Tries letters that somebody wants tried, and commits. No transaction may be open, and what was folded
 * as `LIVE` before must have been written: from now on the stream repeats what the read model holds.
 * @returns null when nobody wants any
 */
export async function retryLetters(options: RetryOptions): Promise<Retried | null> {
  const { source, writer, raises } = options
  const letters = await takeRequested(writer)
  if (letters.length === 0) {
    await writer.rollback()
    return null
  }
  const customers = new Set<string>()
  const outcomes = new Map<string, Outcome>()
  for (const letter of letters)
    for (const target of targetsOf(letter.change)) {
      const key = `${target.name}/${target.id}`
      if (outcomes.has(key)) continue
      outcomes.set(key, await writeAnew(options, target, customers))
    }
  const failed = letters.flatMap((letter) => {
    const reason = whyNot(letter, outcomes)
    return reason === null ? [] : [{ id: letter.id, reason }]
  })
  const stay = new Set(failed.map(({ id }) => id))
  const projected = letters.filter(({ id }) => !stay.has(id)).map(({ id }) => id)
  await writer.run(async (sql) => {
    await sql`delete from dead_letter where id = any(${`{${projected.join(',')}}`}::text::bigint[])`
    for (const { id, reason } of failed)
      await sql`
        update dead_letter
        set attempts = attempts + 1, reason = ${reason}, retry_requested_at = null
        where id = ${id}::text::bigint`
    await raisePosition(sql)
  })
  const to: Checkpoint = {
    ...writer.checkpoint,
    phase: 'catching_up',
    barrierLsn: await emitMark(source),
  }
  await writer.commit(to, raises && customers.size > 0 ? customers : undefined)
  return { projected: projected.length, failed: failed.length }
}

async function takeRequested(writer: ReadStoreWriter): Promise<Letter[]> {
  const { sourceId, generation } = writer.checkpoint
  const rows = await writer.run(
    (sql) => sql<{ id: string; reason: string; change: string }[]>`
      select id::text, reason, change::text from dead_letter
      where source_id = ${sourceId} and generation = ${generation}
        and retry_requested_at is not null and discarded_at is null
      order by dead_letter.id limit ${AT_ONCE} for update`,
  )
  return rows.map((row) => ({ ...row, change: JSON.parse(row.change) as KeptChange }))
}

async function writeAnew(
  options: RetryOptions,
  target: Target,
  customers: Set<string>,
): Promise<Outcome> {
  const { writer } = options
  const batch = new Batch(CATCHING_UP)
  const changes = await currentRows(options, target)
  batch.addAll({ commitLsn: writer.checkpoint.appliedLsn, ordinal: 0, changes })
  const result = await attempt(writer, batch, 'return')
  if (typeof result === 'string') return refusal(result)
  for (const id of result.effects.customers) customers.add(id)
  return new Map(
    result.deadLetters.map(({ change, reason }) => [
      rowOf(change as unknown as KeptChange),
      reason,
    ]),
  )
}

/** What makes of the read model's rows the source's: they go, and those that are there come. */
async function currentRows({ source, reader }: RetryOptions, target: Target): Promise<RowChange[]> {
  const targets = [target]
  if (target.name === 'order') {
    // An order that comes anew knows nothing of the sales that settle it: they say so again.
    const sales = await source<{ id: string }[]>`
      select id::text from sale where order_id = ${target.id}`
    targets.push(...sales.map(({ id }): Target => ({ name: 'sale', id })))
  }
  const changes: RowChange[] = []
  for (const { name, id } of targets) {
    const table = TABLES[name]
    changes.push({
      op: 'delete',
      table,
      old: table.columns.map((c) => (c === 'id' ? id : undefined)),
    })
    changes.push(...(await reader.rows(name, [id])))
  }
  return changes
}

function whyNot({ change, reason }: Letter, outcomes: Map<string, Outcome>): string | null {
  const targets = targetsOf(change)
  // Nothing says where it belongs.
  if (targets.length === 0) return reason
  for (const { name, id } of targets) {
    const outcome = outcomes.get(`${name}/${id}`)!
    if (typeof outcome === 'string') return outcome
    const still = outcome.get(rowOf(change))
    if (still !== undefined) return still
  }
  return null
}

function rowOf({ table, new: row, old }: KeptChange): string {
  return `${table}/${row?.id ?? old?.id}`
}
