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
import { quoted } from '../../../projector/source/contract.ts'
import { emitMark } from '../../../projector/source/slot.ts'
import { verify } from '../../../projector/verify/verify.ts'
import { createTestDatabases } from '../../support/postgres.ts'

/** A line as it is stored: a tuple of texts. */
export type PurchaseLine = (string | null)[]

let serial = 0

export class Projection {
  readonly sourceUrl: string
  readonly readUrl: string
  readonly slotName: string
  readonly sourceSchema: string
  /** Connections of the tills. */
  readonly source: Sql
  readonly read: Sql
  readonly #drop: () => Promise<void>
  readonly #projectors: RunningProjector[] = []

  private constructor(
    urls: { sourceUrl: string; readUrl: string; drop(): Promise<void> },
    slotName: string,
    schema: string,
  ) {
    this.sourceUrl = urls.sourceUrl
    this.readUrl = urls.readUrl
    this.slotName = slotName
    this.sourceSchema = schema
    this.source = connect(urls.sourceUrl, 4, schema)
    this.read = connect(urls.readUrl)
    this.#drop = urls.drop
  }

  /** @param schema of the source's tables */
  static async open(schema = 'public'): Promise<Projection> {
    return new Projection(await createTestDatabases(), `test_${process.pid}_${++serial}`, schema)
  }

  /** Starts a projector; it is stopped with the rest. */
  start(options: Partial<ProjectorOptions> = {}): RunningProjector {
    const { sourceUrl, readUrl, slotName, sourceSchema } = this
    const projector = startProjector({ sourceUrl, readUrl, slotName, sourceSchema, ...options })
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
    const { sourceUrl, readUrl, slotName, sourceSchema } = this
    return rebuild({ sourceUrl, readUrl, slotName, sourceSchema, ...options })
  }

  /** Resolves once everything that is committed now is in the read model. */
  async caughtUp(): Promise<void> {
    const mark = await emitMark(this.source)
    if (!(await waitUntilApplied(this.source, this.read, 'main', mark)))
      throw new Error('the projector does not get there')
  }

  async position() {
    return readPosition(this.source, this.read, 'main')
  }

  /** Waits for what is committed and proves that the read model equals the source. */
  async expectEqual(): Promise<void> {
    await this.caughtUp()
    const { equal, differences } = await verify(this)
    expect(differences).toEqual([])
    expect(equal).toBe(true)
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
  return postgres(url, { max, onnotice() {}, connect_timeout: 5, connection })
}
