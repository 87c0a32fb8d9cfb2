/** Dead letters as an operator sees them: of the generation that serves. */
import type { Sql } from 'postgres'
import { readCheckpoint } from '../apply/checkpoint.ts'
import { readPosition } from '../position.ts'

/** What is told of a letter without showing what was in it. */
export interface LetterHead {
  id: string
  /** When it was put aside; UTC, microseconds. */
  createdAt: string
  table: string
  op: string
  /** Never personal data. */
  reason: string
  commitLsn: string
  /** How often it was tried again in vain. */
  attempts: number
  retryRequested: boolean
  discarded: { at: string; why: string } | null
}

export interface Letter extends LetterHead {
  /** The whole change as it came: `{op, table, new?, old?}`. It may hold personal data. */
  change: Record<string, unknown>
}

/** Open letters, or those that were discarded; oldest first. */
export async function listLetters(
  read: Sql,
  sourceId: string,
  { discarded = false } = {},
): Promise<LetterHead[]> {
  const letters = await select(read, sourceId, null)
  return letters
    .filter((letter) => (letter.discarded !== null) === discarded)
    .map(({ change: _, ...head }) => head)
}

/** A letter, whole; null when there is none of this id. */
export async function readLetter(read: Sql, sourceId: string, id: string): Promise<Letter | null> {
  const [letter] = await select(read, sourceId, id)
  return letter ?? null
}

/**
 * Asks for letters to be tried again. The projector does so as soon as it can, or when it is started.
 * @returns the ids of those that it will try: open ones
 */
export async function requestRetry(
  read: Sql,
  sourceId: string,
  which: readonly string[] | 'all',
): Promise<string[]> {
  const generation = await generationOf(read, sourceId)
  const ids = which === 'all' ? null : `{${which.join(',')}}`
  // Locked in the order in which the projector locks them: else one of the two would be a deadlock's victim.
  const rows = await read<{ id: string }[]>`
    with wanted as materialized (
      select id from dead_letter
      where source_id = ${sourceId} and generation = ${generation} and discarded_at is null
        and (${ids}::text is null or id = any(${ids}::text::bigint[]))
      order by id for update)
    update dead_letter set retry_requested_at = now() from wanted where dead_letter.id = wanted.id
    returning dead_letter.id::text`
  return rows.map(({ id }) => id)
}

export interface RetryAnswer {
  projected: string[]
  failed: { id: string; reason: string }[]
  /** Not tried: no projector runs. They are tried when one does. */
  waiting: string[]
}

const POLL_MS = 100
/** A projector that has lost its connection is back within this time. */
const ABSENCE_MS = 6_000

/** Waits until each of these letters was tried, or there is nobody who could. */
export async function untilRetried(
  source: Sql,
  read: Sql,
  sourceId: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<RetryAnswer> {
  let seen = Date.now()
  for (;;) {
    const rows = await read<{ id: string; reason: string; waits: boolean }[]>`
      select id::text, reason, retry_requested_at is not null as waits from dead_letter
      where id = any(${`{${ids.join(',')}}`}::text::bigint[])`
    const waiting = rows.filter(({ waits }) => waits).map(({ id }) => id)
    const { streaming } = await readPosition(source, read, sourceId)
    if (streaming) seen = Date.now()
    if (waiting.length === 0 || Date.now() - seen > ABSENCE_MS || signal.aborted) {
      const left = new Set(rows.map(({ id }) => id))
      return {
        projected: ids.filter((id) => !left.has(id)),
        failed: rows.flatMap(({ id, reason, waits }) => (waits ? [] : [{ id, reason }])),
        waiting,
      }
    }
    await Bun.sleep(POLL_MS)
  }
}

/**
 * Puts a letter away for good: it is kept, with the reason, and no longer counted.
 * @returns false when there is no open letter of this id
 */
export async function discardLetter(
  read: Sql,
  sourceId: string,
  id: string,
  why: string,
): Promise<boolean> {
  const generation = await generationOf(read, sourceId)
  const rows = await read`
    update dead_letter set discarded_at = now(), discard_reason = ${why}, retry_requested_at = null
    where source_id = ${sourceId} and generation = ${generation} and id = ${id}::text::bigint
      and discarded_at is null
    returning 1`
  return rows.length > 0
}

async function generationOf(read: Sql, sourceId: string): Promise<number> {
  return (await readCheckpoint(read, sourceId))?.generation ?? 0
}

interface Row {
  id: string
  created_at: string
  reason: string
  commit_lsn: string
  attempts: number
  requested: boolean
  discarded_at: string | null
  discard_reason: string | null
  change: string
}

async function select(read: Sql, sourceId: string, id: string | null): Promise<Letter[]> {
  const generation = await generationOf(read, sourceId)
  const rows = await read<Row[]>`
    select id::text, created_at::text, reason, commit_lsn::text, attempts, change::text,
      retry_requested_at is not null as requested, discarded_at::text, discard_reason
    from dead_letter
    where source_id = ${sourceId} and generation = ${generation}
      and (${id}::text is null or id = ${id}::text::bigint)
    order by dead_letter.id`
  return rows.map((row) => {
    const change = JSON.parse(row.change) as Letter['change']
    return {
      id: row.id,
      createdAt: row.created_at,
      table: String(change.table),
      op: String(change.op),
      reason: row.reason,
      commitLsn: row.commit_lsn,
      attempts: row.attempts,
      retryRequested: row.requested,
      discarded: row.discarded_at ? { at: row.discarded_at, why: row.discard_reason ?? '' } : null,
      change,
    }
  })
}
