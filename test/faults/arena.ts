/**
 * Where faults happen: a source with tills that never rest, a read store, a projector in a process of its
 * own between them, and a proxy before either side. After each fault `settle` tells whether the read
 * model is what SQL over the source says, and whether each floor of the cache that must be raised is.
 */
import { reset } from '../../projector/reset.ts'
import { formatLsn, LSN_ZERO, type Lsn, parseLsn } from '../../src/domain/lsn.ts'
import { emitMark } from '../../src/postgres/mark.ts'
import { Projection } from '../projector/support/projection.ts'
import { TcpProxy } from '../projector/support/tcp-proxy.ts'
import { openShop } from '../projector/support/till.ts'
import { until } from '../projector/support/until.ts'
import { type Random, randomOf, Workload } from '../projector/support/workload.ts'
import { FloorServer } from './floor-server.ts'
import { customersOf, differences } from './oracle.ts'
import { ProjectorHandle } from './projector-handle.ts'
import type { KillAt, ProcessOptions } from './projector-process.ts'

/** From one transaction a batch and chunks of three changes up to what a projector has by itself. */
const LIMITS = [
  { batch: 1, chunk: 3, pending: 30 },
  { batch: 20, chunk: 6, pending: 60 },
  { batch: 300, chunk: 100, pending: 600 },
  {},
]
/** The tills are swept when there are more sales than this: each comparison reads all of them. */
const MANY_SALES = 400
/** What the tills write that has no place on a timeline. */
const EXPECTED_DEAD_LETTER = /^a (sale|order) whose time is /

export class Arena {
  readonly on: Projection
  readonly tills: Workload
  readonly sourceProxy: TcpProxy
  readonly readProxy: TcpProxy
  projector: ProjectorHandle
  random: Random
  readonly #urls: { sourceUrl: string; readUrl: string }
  readonly #floors = new FloorServer()
  readonly #others: ProjectorHandle[] = []
  /** At the last comparison: the source's customers, where its WAL ended, where the read model was. */
  #compared = { customers: new Map<string, string>(), mark: LSN_ZERO, position: LSN_ZERO, base: '' }
  #struckAt = 0

  private constructor(on: Projection, source: Behind, read: Behind, random: Random) {
    this.on = on
    this.random = random
    this.sourceProxy = source.proxy
    this.readProxy = read.proxy
    this.#urls = { sourceUrl: source.url, readUrl: read.url }
    this.tills = new Workload(on.sourceUrl, randomOf(random() * 2 ** 32), {
      tills: 2,
      pairs: 1,
      commands: 0.1,
      restMs: 30,
    }).start()
    this.projector = this.another()
  }

  /** Databases of its own, with a first copy of what the tills have written so far. */
  static async open(random: Random): Promise<Arena> {
    const on = await Projection.open()
    await openShop(on.source)
    // Half-open connections are noticed within seconds, and a slow read store is slower than that.
    const database = new URL(on.sourceUrl).pathname.slice(1)
    await on.source`alter database ${on.source(database)} set wal_sender_timeout = '3s'`
    const behind = await Promise.all([TcpProxy.before(on.sourceUrl), TcpProxy.before(on.readUrl)])
    const arena = new Arena(on, ...behind, random)
    await arena.settle()
    return arena
  }

  pick(below: number): number {
    return Math.floor(this.random() * below)
  }

  /** Starts the projector that is to go on from here. */
  start(killAt?: KillAt): ProjectorHandle {
    this.projector = this.another(killAt)
    return this.projector
  }

  /** Starts a projector beside the one that runs. */
  another(killAt?: KillAt): ProjectorHandle {
    return this.#spawn({ ...(killAt && { killAt }) })
  }

  /** Starts to build the read model again beside the one that serves. */
  rebuild(killAt?: KillAt): ProjectorHandle {
    return this.#spawn({ rebuilds: true, ...(killAt && { killAt }) })
  }

  #spawn(options: Pick<ProcessOptions, 'killAt' | 'rebuilds'>): ProjectorHandle {
    const handle = new ProjectorHandle({
      ...options,
      ...this.#urls,
      slotName: this.on.slotName,
      // A rebuild must get ahead of the tills, or it is never whole.
      limits: options.rebuilds ? {} : LIMITS[this.pick(LIMITS.length)]!,
      // Longer than a busy machine takes for a statement: else no session lives.
      patienceMs: 4_000,
      floorsUrl: this.#floors.url,
    })
    this.#others.push(handle)
    return handle
  }

  /** The fault has happened: from now on it is a recovery. */
  struck(): void {
    this.#struckAt = performance.now()
  }

  get sinceStruckMs(): number {
    return performance.now() - this.#struckAt
  }

  /** Resolves after so many more transactions of the tills. */
  async commits(count: number): Promise<void> {
    const enough = this.tills.commits + count
    await until(() => this.tills.commits >= enough, 'the tills write')
  }

  /** Does something that makes the projector lose its session, and waits until it has noticed. */
  async loses(cause: () => unknown): Promise<void> {
    const { lostSessions } = this.projector
    const before = lostSessions.length
    await cause()
    this.struck()
    await until(() => {
      this.projector.expectAlive()
      return lostSessions.length > before
    }, 'the projector notices the loss')
  }

  /**
   * Lets the tills rest, and the projector come to the end. Throws when anything is then lost, doubled or
   * different; resolves with the tills at work again.
   */
  async settle(): Promise<void> {
    await this.tills.pause()
    const mark = await emitMark(this.on.source)
    await until(
      async () => {
        this.projector.expectAlive()
        const { checkpoint, appliedLsn } = await this.on.position()
        return checkpoint?.serving && checkpoint.phase === 'live' && appliedLsn >= mark
      },
      `the read model comes to ${formatLsn(mark)}`,
      120_000,
    )
    await this.#compare()
    await this.#compareFloors(mark)
    await this.#expectDeadLetters()
    await this.#sweep()
    this.tills.resume()
  }

  /** How the projector stands, for a report of a failure. */
  describe(): string {
    const { state, lostSessions, end } = this.projector
    const last = lostSessions.slice(-3).join('; ')
    return `projector: ${state}, gone: ${this.projector.isGone}, gave up: ${end?.message ?? 'no'}, sessions lost: ${lostSessions.length} (${last})`
  }

  /** The read model is forgotten; the next start copies the source anew. */
  async reset(): Promise<void> {
    // The server takes a moment to see that the killed projector's connection is gone.
    const done = () =>
      reset(this.on).then(
        () => true,
        (error) => {
          if (/stop it first|is active/.test(error.message)) return false
          throw error
        },
      )
    await until(done, 'the slot is free')
  }

  async close(): Promise<void> {
    await this.tills.stop()
    await Promise.all(this.#others.map((handle) => handle.kill()))
    this.sourceProxy.close()
    this.readProxy.close()
    this.#floors.close()
    await this.on.close()
  }

  async #compare() {
    const found = await differences(this.on.source, this.on.read)
    if (found.length === 0) return
    await Bun.sleep(2_000)
    const healed = (await differences(this.on.source, this.on.read)).length === 0
    const rows = found
      .slice(0, 5)
      .map(
        (row) =>
          `${row.table} ${row.key}\n  source ${short(row.source)}\n  read   ${short(row.read)}`,
      )
    throw new Error(
      `${found.length} rows differ${healed ? ' (and no more two seconds later)' : ''}:\n${rows.join('\n')}`,
    )
  }

  /** A customer of whom anything has changed has a floor behind the last comparison, and behind each change. */
  async #compareFloors(mark: Lsn) {
    const { source, read } = this.on
    await until(async () => {
      const [row] = await read`select exists (select 1 from cache_outbox) as waiting`
      return !row!.waiting
    }, 'all floors are raised')
    const customers = await customersOf(source)
    const before = this.#compared
    for (const id of new Set([...customers.keys(), ...before.customers.keys()]))
      if (customers.get(id) !== before.customers.get(id)) this.#expectFloor(id, before.position)
    const [row] = await read<{ position: string; base: string }[]>`
      select position::text, base::text from read_model, position_base`
    const { position, base } = row!
    // Only while the same generation serves do positions tell the LSNs of its changes.
    if (base === before.base) {
      const changes = await read<{ id: string; position: string }[]>`
        select customer_id::text as id, (max(lsn) + ${base}::text::numeric)::text as position
        from purchase_timeline
        where customer_id is not null and lsn > ${formatLsn(before.mark)}::text::pg_lsn
        group by customer_id`
      for (const change of changes) this.#expectFloor(change.id, parseLsn(change.position))
    }
    this.#compared = { customers, mark, position: parseLsn(position), base }
  }

  #expectFloor(customer: string, behind: Lsn) {
    const floor = this.#floors.floorOf(customer)
    if (floor <= behind)
      throw new Error(
        `the floor of customer ${customer} is at ${formatLsn(floor)}, and not behind ${formatLsn(behind)}`,
      )
  }

  async #expectDeadLetters() {
    for (const { reason } of await this.on.deadLetters())
      if (!EXPECTED_DEAD_LETTER.test(reason)) throw new Error(`a dead letter: ${reason}`)
  }

  async #sweep() {
    const { source } = this.on
    const [row] = await source`select count(*)::int as sales from sale`
    if (row!.sales < MANY_SALES) return
    const ways = [
      'truncate sale cascade',
      'truncate "order" cascade',
      'truncate sale_line cascade; delete from sale',
      'delete from sale; delete from "order"; delete from customer where merged_into_id is null',
    ]
    await source.unsafe(ways[this.pick(ways.length)]!).catch(() => source`truncate sale cascade`)
  }
}

type Behind = Awaited<ReturnType<typeof TcpProxy.before>>

const short = (row: string | null) => (row && row.length > 300 ? `${row.slice(0, 300)}…` : row)
