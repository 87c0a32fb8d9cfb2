/** The state of a projection as an operator asks for it. */
import type { Sql } from 'postgres'
import { formatLsn } from '../src/domain/lsn.ts'
import { type ProjectionPosition, readPosition } from './position.ts'
import { APPLICATION_NAME } from './source/slot.ts'

export interface ProjectionStatus {
  /**
   * `none`: never started. `creating`, `copying`, `catching_up`: on the way to a whole read model.
   * `live`: whole, and a projector follows. `stalled`: it follows, the source is ahead, and nothing has
   * moved for a while. `stopped`: whole up to `appliedLsn`, and nobody follows.
   * `lost`: the slot has lost WAL that was needed.
   */
  state: 'none' | 'creating' | 'copying' | 'catching_up' | 'live' | 'stalled' | 'stopped' | 'lost'
  appliedLsn: string | null
  sourceLsn: string
  /** WAL of the source that is not yet known to be applied, bytes. */
  lagBytes: number
  /** Age of the last applied commit while something is outstanding; else 0. Milliseconds. */
  lagMs: number
  deadLetters: number
}

/** Only a projector that stands still makes somebody who asks wait for so long. */
const PATIENCE_MS = 3_000
const LOOK_AGAIN_MS = 100

/** @param patienceMs how long a live projection may stand still before it is called stalled; 0: never */
export async function readStatus(
  source: Sql,
  read: Sql,
  sourceId = 'main',
  patienceMs = PATIENCE_MS,
): Promise<ProjectionStatus> {
  const position = await readPosition(source, read, sourceId)
  const { checkpoint, appliedLsn, sourceLsn, streaming, walStatus } = position
  const [letters] = await read<{ n: number }[]>`
    select count(*)::int as n from dead_letter
    where source_id = ${sourceId} and generation = ${checkpoint?.generation ?? 0}
      and discarded_at is null`
  const [clock] = await source<{ age_ms: number | null }[]>`
    select (extract(epoch from now() - ${checkpoint?.committedAt ?? null}::text::timestamptz) * 1000)::float8 as age_ms`
  const lagBytes = appliedLsn >= sourceLsn ? 0 : Number(sourceLsn - appliedLsn)
  const state = stateOf(checkpoint?.phase ?? null, streaming, walStatus)
  const stalled =
    state === 'live' && patienceMs > 0 && (await standsStill(source, read, position, patienceMs))
  return {
    state: stalled ? 'stalled' : state,
    appliedLsn: checkpoint ? formatLsn(appliedLsn) : null,
    sourceLsn: formatLsn(sourceLsn),
    lagBytes: checkpoint ? lagBytes : Number(sourceLsn),
    lagMs: lagBytes === 0 ? 0 : Math.max(0, Math.round(clock?.age_ms ?? 0)),
    deadLetters: letters!.n,
  }
}

/**
 * Whether a source that is ahead sees no headway: the position stays, and the projector's transaction in
 * the read store, if it has one, begins no statement. (One large transaction keeps the position for
 * minutes, and a statement never takes so long.) An idle one is not behind: it answers the keepalives.
 */
async function standsStill(
  source: Sql,
  read: Sql,
  from: ProjectionPosition,
  patienceMs: number,
): Promise<boolean> {
  const [clock] = await read<{ now: string }[]>`select clock_timestamp()::text as now`
  for (const end = performance.now() + patienceMs; ; await Bun.sleep(LOOK_AGAIN_MS)) {
    if (from.appliedLsn >= from.sourceLsn) return false
    const now = await readPosition(source, read, from.checkpoint!.sourceId)
    if (!now.streaming || now.appliedLsn > from.appliedLsn) return false
    if (performance.now() > end) break
  }
  const [work] = await read`
    select 1 from pg_stat_activity where datname = current_database() and xact_start is not null
      and application_name = ${APPLICATION_NAME} and query_start > ${clock!.now}::text::timestamptz`
  return work === undefined
}

function stateOf(
  phase: 'creating' | 'copying' | 'catching_up' | 'live' | null,
  streaming: boolean,
  walStatus: string | null,
): ProjectionStatus['state'] {
  if (phase === null) return 'none'
  if (walStatus === 'lost') return 'lost'
  if (phase === 'live') return streaming ? 'live' : 'stopped'
  return phase
}
