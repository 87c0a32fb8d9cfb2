/** The state of a projection as an operator asks for it. */
import type { Sql } from 'postgres'
import { formatLsn } from '../src/domain/lsn.ts'
import { readPosition } from './position.ts'

export interface ProjectionStatus {
  /**
   * `none`: never started. `creating`, `copying`, `catching_up`: on the way to a whole read model.
   * `live`: whole, and a projector follows. `stopped`: whole up to `appliedLsn`, and nobody follows.
   * `lost`: the slot has lost WAL that was needed.
   */
  state: 'none' | 'creating' | 'copying' | 'catching_up' | 'live' | 'stopped' | 'lost'
  appliedLsn: string | null
  sourceLsn: string
  /** WAL of the source that is not yet known to be applied, bytes. */
  lagBytes: number
  /** Age of the last applied commit while something is outstanding; else 0. Milliseconds. */
  lagMs: number
  deadLetters: number
}

export async function readStatus(
  source: Sql,
  read: Sql,
  sourceId = 'main',
): Promise<ProjectionStatus> {
  const { checkpoint, appliedLsn, sourceLsn, streaming, walStatus } = await readPosition(
    source,
    read,
    sourceId,
  )
  const [letters] = await read<{ n: number }[]>`
    select count(*)::int as n from dead_letter
    where source_id = ${sourceId} and generation = ${checkpoint?.generation ?? 0}
      and discarded_at is null`
  const [clock] = await source<{ age_ms: number | null }[]>`
    select (extract(epoch from now() - ${checkpoint?.committedAt ?? null}::text::timestamptz) * 1000)::float8 as age_ms`
  const lagBytes = appliedLsn >= sourceLsn ? 0 : Number(sourceLsn - appliedLsn)
  return {
    state: stateOf(checkpoint?.phase ?? null, streaming, walStatus),
    appliedLsn: checkpoint ? formatLsn(appliedLsn) : null,
    sourceLsn: formatLsn(sourceLsn),
    lagBytes: checkpoint ? lagBytes : Number(sourceLsn),
    lagMs: lagBytes === 0 ? 0 : Math.max(0, Math.round(clock?.age_ms ?? 0)),
    deadLetters: letters!.n,
  }
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
