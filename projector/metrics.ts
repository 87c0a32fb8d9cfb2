/**
 * A projector's metrics in the text format of Prometheus. What it did is counted in its process; how far
 * the source is, and what the slot keeps there, is asked at each scrape. No label and no value is taken
 * from a row.
 */
import type { Sql } from 'postgres'
import { parseLsn } from '../src/domain/lsn.ts'
import { EXPOSITION_TYPE, exposition, type MetricFamilies, type Sample } from '../src/exposition.ts'
import { connectReadStore } from './apply/writing-connection.ts'
import { readSlotHealth, type SlotHealth } from './doctor/slot.ts'
import { PROJECTOR_STATES, type RunningProjector } from './index.ts'
import { judgeFlow, SESSION_ENDS } from './meter.ts'
import { readPosition } from './position.ts'
import { connectSource } from './source/slot.ts'
import { type ProjectionStatus, readStatus } from './status.ts'

export interface MetricsOptions {
  projector: RunningProjector
  sourceUrl: string
  readUrl: string
  sourceId?: string
  /** This long without headway is a stall. */
  stalledMs?: number
}

const WAL_STATUSES = ['reserved', 'extended', 'unreserved', 'lost'] as const
/** A database that does not answer must not hold up the scraper, which has a limit of its own. */
const SCRAPE_MS = 5_000

const FAMILIES = {
  pt_projector_state: ['gauge', 'What the projector does now: 1 for one of the states'],
  pt_projector_flow: ['gauge', 'idle: nothing to do; stalled: something to do, and nothing moves'],
  pt_projector_pending_transactions: ['gauge', 'Transactions received and not yet durable'],
  pt_projector_transactions_total: ['counter', 'Source transactions applied'],
  pt_projector_changes_total: ['counter', 'Row changes written'],
  pt_projector_dead_letters_total: ['counter', 'Changes that could not be projected'],
  pt_projector_commit_seconds: ['summary', 'Time from the first statement of a commit to its end'],
  pt_projector_sessions_ended_total: ['counter', 'Sessions that ended, by what ended them'],
  pt_databases_up: ['gauge', 'Whether both databases answered this scrape'],
  pt_projection_applied_lsn_bytes: [
    'gauge',
    "How far the read model is, as a position in the source's WAL",
  ],
  pt_projection_lag_bytes: ['gauge', 'WAL of the source that is not yet applied'],
  pt_projection_lag_seconds: [
    'gauge',
    'Age of the last applied commit while something is outstanding',
  ],
  pt_projection_dead_letters: ['gauge', 'Dead letters that wait for somebody'],
  pt_slot_active: ['gauge', 'Whether somebody reads from the slot'],
  pt_slot_retained_bytes: ['gauge', 'WAL that the source keeps for the slot'],
  pt_slot_safe_bytes: ['gauge', 'WAL until the slot is lost; absent without a bound'],
  pt_slot_wal_status: ['gauge', 'reserved, extended, unreserved (about to be lost) or lost'],
} as const satisfies MetricFamilies

export class ProjectorMetrics {
  readonly #options: MetricsOptions
  readonly #source: Sql
  readonly #read: Sql
  /** Where the read model was when a scrape first saw it behind and standing still. */
  #still: { appliedLsn: string | null; since: number } | null = null

  constructor(options: MetricsOptions) {
    this.#options = options
    this.#source = connectSource(options.sourceUrl, 1)
    this.#read = connectReadStore(options.readUrl, { max: 1 })
  }

  /** One scrape. Databases that do not answer are told by `pt_databases_up`; what is theirs is left out. */
  async text(): Promise<string> {
    const asked = this.#ask().catch(() => null)
    const late = Bun.sleep(SCRAPE_MS).then(() => null)
    const outside = await Promise.race([asked, late])
    const samples = [
      ...this.#counted(outside?.status ?? null),
      ['pt_databases_up', outside ? 1 : 0] as Sample,
    ]
    if (outside) samples.push(...statusSamples(outside.status), ...slotSamples(outside.slot))
    return exposition(FAMILIES, samples, { source: this.#options.sourceId ?? 'main' })
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#source.end({ timeout: 1 }), this.#read.end({ timeout: 1 })])
  }

  async #ask() {
    const { sourceId = 'main' } = this.#options
    const status = await readStatus(this.#source, this.#read, sourceId, 0)
    const { checkpoint } = await readPosition(this.#source, this.#read, sourceId)
    const slot = checkpoint && (await readSlotHealth(this.#source, checkpoint.slotName))
    return { status, slot }
  }

  #counted(status: ProjectionStatus | null): Sample[] {
    const { projector, stalledMs } = this.#options
    const { meter } = projector
    const { state } = projector.status()
    const behind = status?.lagBytes ?? 0
    const stillMs = Math.max(meter.stillMs, this.#stillMs(status))
    // A standby has nothing to do, however far the leader is behind.
    const flow =
      state === 'standby'
        ? 'idle'
        : judgeFlow({ pending: meter.pending, behind, stillMs }, stalledMs)
    return [
      ...oneOf('pt_projector_state', 'state', PROJECTOR_STATES, state),
      ...oneOf('pt_projector_flow', 'flow', ['idle', 'busy', 'stalled'], flow),
      ['pt_projector_pending_transactions', meter.pending],
      ['pt_projector_transactions_total', meter.transactions],
      ['pt_projector_changes_total', meter.changes],
      ['pt_projector_dead_letters_total', meter.deadLetters],
      ['pt_projector_commit_seconds_sum', meter.commitSeconds],
      ['pt_projector_commit_seconds_count', meter.commits],
      ...SESSION_ENDS.map(
        (reason): Sample => [
          'pt_projector_sessions_ended_total',
          meter.sessionsEnded[reason],
          { reason },
        ],
      ),
    ]
  }

  /** For how long scrapes have seen the source ahead and the read model where it was; milliseconds. */
  #stillMs(status: ProjectionStatus | null): number {
    if (!status || status.lagBytes === 0) this.#still = null
    else if (this.#still?.appliedLsn !== status.appliedLsn)
      this.#still = { appliedLsn: status.appliedLsn, since: performance.now() }
    return this.#still ? performance.now() - this.#still.since : 0
  }
}

function statusSamples(status: ProjectionStatus): Sample[] {
  return [
    [
      'pt_projection_applied_lsn_bytes',
      status.appliedLsn ? Number(parseLsn(status.appliedLsn)) : 0,
    ],
    ['pt_projection_lag_bytes', status.lagBytes],
    ['pt_projection_lag_seconds', status.lagMs / 1_000],
    ['pt_projection_dead_letters', status.deadLetters],
  ]
}

function slotSamples(slot: SlotHealth | null): Sample[] {
  if (!slot) return []
  return [
    ['pt_slot_active', slot.active ? 1 : 0],
    ['pt_slot_retained_bytes', slot.retainedBytes],
    ...(slot.safeBytes === null ? [] : [['pt_slot_safe_bytes', slot.safeBytes] as Sample]),
    ...oneOf('pt_slot_wal_status', 'status', WAL_STATUSES, slot.walStatus ?? 'lost'),
  ]
}

function oneOf(name: string, label: string, values: readonly string[], is: string): Sample[] {
  return values.map((value) => [name, value === is ? 1 : 0, { [label]: value }])
}

/** Serves `/metrics` until `stop`. Throws when the port is taken. */
export function serveMetrics(metrics: ProjectorMetrics, port: number, hostname: string) {
  return Bun.serve({
    port,
    hostname,
    async fetch(request) {
      if (new URL(request.url).pathname !== '/metrics') return new Response('', { status: 404 })
      return new Response(await metrics.text(), {
        headers: { 'content-type': EXPOSITION_TYPE },
      })
    },
  })
}
