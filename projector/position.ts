/** How far a source is and how far it is projected, seen from outside of the projector's process. */
import type { Sql } from 'postgres'
import { LSN_ZERO, type Lsn, maxLsn, parseLsn } from '../src/domain/lsn.ts'
import { type Checkpoint, readCheckpoint, type Which } from './apply/checkpoint.ts'

export interface ProjectionPosition {
  checkpoint: Checkpoint | null
  /** Everything below is in the read model. Of an idle stream this runs ahead of the checkpoint. */
  appliedLsn: Lsn
  /** Where the source's WAL ends. */
  sourceLsn: Lsn
  /** Whether a projector streams from the slot now. */
  streaming: boolean
  /** `reserved`, `extended`, `unreserved`, `lost`; null without a slot. */
  walStatus: string | null
}

export async function readPosition(
  source: Sql,
  read: Sql,
  sourceId: string,
  which: Which = 'serving',
): Promise<ProjectionPosition> {
  const checkpoint = await readCheckpoint(read, sourceId, which)
  // The end is read first: what is applied is then never behind it by WAL of this very moment.
  const [row] = await source<
    { source_lsn: string; streaming: boolean; wal_status: string | null; applied: string | null }[]
  >`
    with wal as materialized (select pg_current_wal_flush_lsn() as lsn)
    select wal.lsn::text as source_lsn, coalesce(s.active, false) as streaming, s.wal_status,
      r.replay_lsn::text as applied
    from wal left join pg_replication_slots s on s.slot_name = ${checkpoint?.slotName ?? ''}
      left join pg_stat_replication r on r.pid = s.active_pid`
  return {
    checkpoint,
    appliedLsn: maxLsn(
      checkpoint?.appliedLsn ?? LSN_ZERO,
      row!.applied ? parseLsn(row!.applied) : LSN_ZERO,
    ),
    sourceLsn: parseLsn(row!.source_lsn),
    streaming: row!.streaming,
    walStatus: row!.wal_status,
  }
}

const POLL_MS = 50

/**
 * Waits until everything below `lsn` is in the read model.
 * @returns false when no projector streams, or it makes no headway for `patienceMs`
 */
export async function waitUntilApplied(
  source: Sql,
  read: Sql,
  sourceId: string,
  lsn: Lsn,
  { which = 'serving', patienceMs = 30_000 }: { which?: Which; patienceMs?: number } = {},
): Promise<boolean> {
  let last = LSN_ZERO
  let since = Date.now()
  for (;;) {
    const { checkpoint, appliedLsn, streaming } = await readPosition(source, read, sourceId, which)
    // A first copy may have come this far, and is read by nobody yet.
    const isRead = which === 'building' || checkpoint?.serving === true
    if (isRead && appliedLsn >= lsn) return true
    if (appliedLsn > last) {
      last = appliedLsn
      since = Date.now()
    }
    const waitedMs = Date.now() - since
    if (waitedMs > (streaming ? patienceMs : Math.min(patienceMs, 5_000))) return false
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
