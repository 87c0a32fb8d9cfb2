/** A source and a read store of a test's own, and projectors between them. */
import { expect } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import {
  type ProjectorOptions,
  type RunningProjector,
  startProjector,
} from '../../../projector/index.ts'
import { readPosition, waitUntilApplied } from '../../../projector/position.ts'
import { type RebuildOptions, type RebuildReport, rebuild } from '../../../projector/rebuild.ts'
import { reset } from '../../../projector/reset.ts'
import { quoted } from '../../../projector/source/contract.ts'
import { type VerifyReport, verify } from '../../../projector/verify/verify.ts'
import { emitMark } from '../../../src/postgres/mark.ts'
import { createTestDatabases } from '../../support/postgres.ts'
import { until } from './until.ts'

/** A line as it is stored: a tuple of texts. */
export type PurchaseLine = (string | null)[]

interface ProjectionNames {
  sourceId: string
  sourceSchema: string
  slotName?: string
}

let serial = 0

export class Projection {
  readonly sourceUrl: string
  readonly readUrl: string
  readonly sourceId: string
  readonly slotName: string
  readonly sourceSchema: string
  /** Connections of the tills. */
  readonly source: Sql
  readonly read: Sql
  readonly #drop: () => Promise<void>
  readonly #projectors: RunningProjector[] = []

  private constructor(
    urls: { sourceUrl: string; readUrl: string; drop(): Promise<void> },
    { sourceId, sourceSchema, slotName = `test_${process.pid}_${++serial}` }: ProjectionNames,
  ) {
    this.sourceUrl = urls.sourceUrl
    this.readUrl = urls.readUrl
    this.sourceId = sourceId
    this.slotName = slotName
    this.sourceSchema = sourceSchema
    this.source = connect(urls.sourceUrl, 4, sourceSchema)
    this.read = connect(urls.readUrl)
    this.#drop = urls.drop
  }

  /** @param sourceSchema of the source's tables */
  static async open(sourceSchema = 'public', sourceId = 'main'): Promise<Projection> {
    return new Projection(await createTestDatabases(), { sourceId, sourceSchema })
  }

  /** Another source, with a projection into the same read store. To be closed first. */
  async beside(sourceId: string): Promise<Projection> {
    const { sourceUrl, drop } = await createTestDatabases()
    const { readUrl, sourceSchema } = this
    return new Projection({ sourceUrl, readUrl, drop }, { sourceId, sourceSchema })
  }

  /** The same source with the same names, into a database that is dropped with the test's server. */
  into(readUrl: string): Projection {
    const { sourceUrl } = this
    return new Projection({ sourceUrl, readUrl, drop: async () => {} }, this)
  }

  /** Starts a projector; it is stopped with the rest. */
  start(options: Partial<ProjectorOptions> = {}): RunningProjector {
    const projector = startProjector({ ...this.#names, ...options })
    this.#projectors.push(projector)
    return projector
  }

  /** Starts a projector and waits until the read model is whole. */
  async live(options: Partial<ProjectorOptions> = {}): Promise<RunningProjector> {
    const projector = this.start(options)
    await projector.live
    return projector
  }

  /** Builds the read model again beside the one that serves. */
  rebuild(options: Partial<RebuildOptions> = {}): Promise<RebuildReport> {
    return rebuild({ ...this.#names, ...options })
  }

  /** What every command about this projection is told. */
  get #names() {
    const { sourceUrl, readUrl, sourceId, slotName, sourceSchema } = this
    return { sourceUrl, readUrl, sourceId, slotName, sourceSchema }
  }

  /** Forgets what is projected. */
  reset(): Promise<void> {
    return reset(this.#names)
  }

  verify(): Promise<VerifyReport> {
    return verify(this.#names)
  }

  /** Resolves once everything that is committed now is in the read model. */
  async caughtUp(): Promise<void> {
    const mark = await emitMark(this.source)
    // It gives up soon where nobody streams; a projector that has lost its connection is on its way back.
    await until(
      () => waitUntilApplied(this.source, this.read, this.sourceId, mark),
      'the projector does not get there',
    )
  }

  async position() {
    return readPosition(this.source, this.read, this.sourceId)
  }

  /** Waits for what is committed and proves that the read model equals the source. */
  async expectEqual(): Promise<void> {
    await this.caughtUp()
    const { equal, differences } = await this.verify()
    expect(differences).toEqual([])
    expect(equal).toBe(true)
  }

  /** The source's generations as the read store has them, in the order of their making. */
  async generations() {
    return this.read<
      {
        generation: number
        serving: boolean
        phase: string
        copied_rows: string
        slot_name: string
      }[]
    >`
      select generation, serving, phase, copied_rows::text, slot_name from projection_checkpoint
      where source_id = ${this.sourceId} order by generation`
  }

  /** One generation serves, and neither database holds anything of another. */
  async expectNothingLeft(): Promise<void> {
    const checkpoints = await this.generations()
    expect(checkpoints).toMatchObject([{ serving: true, phase: 'live' }])
    const schemas = await this.read<{ name: string }[]>`
      select nspname as name from pg_namespace where nspname like 'generation%' order by 1`
    const known = await this.read<{ name: string }[]>`
      select 'generation_' || generation as name from projection_checkpoint order by 1`
    expect([...schemas]).toEqual([...known])
    const slots = await this.source<{ slot_name: string }[]>`
      select slot_name from pg_replication_slots where database = current_database()`
    expect(slots.map(({ slot_name }) => slot_name)).toEqual([checkpoints[0]!.slot_name])
    expect(await this.read`select 1 from retired_slot`).toHaveLength(0)
    expect(
      await this.read`
        select 1 from dead_letter d where not exists (
          select from projection_checkpoint c
          where c.source_id = d.source_id and c.generation = d.generation)`,
    ).toHaveLength(0)
  }

  async slot() {
    const [slot] = await this.source<{ confirmed: string; active_pid: number | null }[]>`
      select confirmed_flush_lsn::text as confirmed, active_pid from pg_replication_slots
      where slot_name = ${this.slotName}`
    return slot
  }

  /** A row of purchase_timeline; lines and payments as arrays. */
  async purchase(id: string): Promise<Record<string, unknown> | undefined> {
    const [row] = await this.read`
      select *, occurred_at::text as at, total::text from purchase_timeline where purchase_id = ${id}`
    return row
  }

  async deadLetters() {
    return this.read<{ reason: string; change: { table: string } }[]>`
      select reason, change from dead_letter order by commit_lsn, ordinal`
  }

  async close(): Promise<void> {
    await Promise.all(this.#projectors.map((projector) => projector.stop()))
    await Promise.all([this.source.end({ timeout: 1 }), this.read.end({ timeout: 1 })])
    await this.#drop()
  }
}

export function connect(url: string, max = 4, schema = 'public'): Sql {
  const connection = { TimeZone: 'UTC', search_path: quoted(schema) }
  // The driver may make a connection again and never send its first message: that ends here.
  return postgres(url, { max, onnotice() {}, connect_timeout: 15, connection })
}
