/**
 * The tail: a backlog of 100,000 sales of 4 lines, one transaction each, from WAL to committed rows.
 * Peer: a native subscription that applies the same WAL to plain copies of the two tables.
 *
 * Both start from copies of one slot, in turn, and each run has an empty target of its own. A third
 * figure is the ceiling: how fast the server decodes and sends the backlog to a reader that drops it.
 */

import type { Sql } from 'postgres'
import { startProjector } from '../projector/index.ts'
import { DEFAULT_PUBLICATION } from '../projector/source/publication.ts'
import { DEFAULT_SCHEMA, readSlot, systemIdentifier } from '../projector/source/slot.ts'
import { Acker } from '../projector/stream/acker.ts'
import { ReplicationStream } from '../projector/stream/replication-stream.ts'
import { formatLsn, LSN_ZERO, parseLsn } from '../src/domain/lsn.ts'
import { emitMark } from '../src/postgres/mark.ts'
import { type BenchServer, createModels, startServer } from './support/cluster.ts'
import { type Figure, figure, median } from './support/report.ts'
import { LINES, openChain, ringUp } from './support/workload.ts'

const SALES = Number(process.env.BENCH_SALES ?? 100_000)
const RUNS = Number(process.env.BENCH_RUNS ?? 3)
const SLOT = 'backlog'

export async function run(say: (line: string) => void): Promise<Figure[]> {
  const server = await startServer()
  try {
    await createModels(server, 'source', 'read_0')
    const source = server.connect('source')
    await openChain(source)
    // A first copy of the directory makes the slot, the publication and a checkpoint to start from.
    const urls = { sourceUrl: server.cluster.url('source'), slotName: SLOT }
    const first = startProjector({ ...urls, readUrl: server.cluster.url('read_0') })
    await first.live
    await first.stop()
    say(`ringing up ${SALES} sales …`)
    const connection = server.connect('source')
    await ringUp(connection, 1, SALES)
    await source`checkpoint`
    const rows = SALES * (1 + LINES)
    const ours: number[] = []
    const peer: number[] = []
    const ceiling: number[] = []
    for (let n = 1; n <= RUNS; n++) {
      const subscription = rows / (await subscribe(server, n))
      peer.push(subscription)
      const projector = rows / (await project(server, n))
      ours.push(projector)
      ceiling.push(rows / (await receive(server, n)))
      say(
        `run ${n}: projector ${projector.toFixed(0)} rows/s, native subscription ${subscription.toFixed(0)} rows/s, decoding alone ${ceiling.at(-1)!.toFixed(0)} rows/s`,
      )
    }
    say(`decoding alone: ${(median(ceiling) / median(peer)).toFixed(2)}× the native subscription`)
    return [figure('tail', median(ours), median(peer), 'rows/s', 2)]
  } finally {
    await server.stop()
  }
}

/** Seconds from the projector's start until the backlog is committed in a read model of its own. */
async function project(server: BenchServer, n: number): Promise<number> {
  const source = server.connect('source')
  await server.cluster.createDatabase(`read_${n}`, 'read_0')
  const slotName = `ours_${n}`
  await source`select pg_copy_logical_replication_slot(${SLOT}, ${slotName})`
  const read = server.connect(`read_${n}`)
  await read`update projection_checkpoint set slot_name = ${slotName}`
  const end = await emitMark(source)
  const started = performance.now()
  const projector = startProjector({
    sourceUrl: server.cluster.url('source'),
    readUrl: server.cluster.url(`read_${n}`),
    slotName,
  })
  for (;;) {
    const { appliedLsn, state, lastError } = projector.status()
    if (lastError) throw new Error(`the projector ${state}: ${lastError}`)
    const [row] = await read<{ n: number }[]>`
      select count(*)::int as n from projection_checkpoint where applied_lsn >= ${formatLsn(end)}::pg_lsn - 1000000`
    const [last] = row!.n
      ? await read<{ n: string }[]>`select count(*)::text as n from purchase_timeline`
      : []
    if (appliedLsn && Number(last?.n) >= SALES) break
    await Bun.sleep(10)
  }
  const seconds = (performance.now() - started) / 1000
  await projector.stop()
  await untilInactive(source, slotName)
  await source`select pg_drop_replication_slot(${slotName})`
  return seconds
}

/** Seconds until the server has decoded and sent the backlog to a reader that drops it. */
async function receive(server: BenchServer, n: number): Promise<number> {
  const source = server.connect('source')
  const slotName = `dropped_${n}`
  await source`select pg_copy_logical_replication_slot(${SLOT}, ${slotName})`
  const arrived = Promise.withResolvers<void>()
  let transactions = 0
  const stream = new ReplicationStream({
    url: server.cluster.url('source'),
    slotName,
    schema: DEFAULT_SCHEMA,
    publication: DEFAULT_PUBLICATION,
    systemIdentifier: await systemIdentifier(source),
    from: LSN_ZERO,
    acker: new Acker(LSN_ZERO),
    sink: {
      begin() {},
      change() {},
      commit() {
        if (++transactions === SALES) arrived.resolve()
      },
    },
    onKeepalive() {},
  })
  const started = performance.now()
  await stream.start()
  await Promise.race([arrived.promise, stream.ended])
  const seconds = (performance.now() - started) / 1000
  await stream.stop()
  await untilInactive(source, slotName)
  await source`select pg_drop_replication_slot(${slotName})`
  return seconds
}

async function untilInactive(source: Sql, slotName: string) {
  while ((await readSlot(source, slotName))?.activePid) await Bun.sleep(20)
}

/** Seconds from the subscription's start until the backlog is committed in plain copies. */
async function subscribe(server: BenchServer, n: number): Promise<number> {
  const source = server.connect('source')
  const database = `peer_${n}`
  await server.cluster.createDatabase(database)
  const peer = server.connect(database)
  await plainCopies(server, database)
  const slotName = `peer_${n}`
  await source`select pg_copy_logical_replication_slot(${SLOT}, ${slotName})`
  const url = new URL(server.cluster.url('source'))
  const conninfo = `host=${url.hostname} port=${url.port} user=${url.username} password=${url.password} dbname=source`
  await peer.unsafe(`create subscription peer_${n} connection '${conninfo}' publication ${DEFAULT_PUBLICATION}
    with (create_slot = false, slot_name = '${slotName}', copy_data = false, enabled = false)`)
  const end = await emitMark(source)
  const started = performance.now()
  await peer.unsafe(`alter subscription peer_${n} enable`)
  for (;;) {
    const [row] = await peer<{ lsn: string | null }[]>`
      select latest_end_lsn::text as lsn from pg_stat_subscription where subname = ${`peer_${n}`}`
    if (row?.lsn && parseLsn(row.lsn) >= end - 1_000_000n) {
      const [last] = await peer<{ n: string }[]>`select count(*)::text as n from sale`
      if (Number(last!.n) >= SALES) break
    }
    await Bun.sleep(10)
  }
  const seconds = (performance.now() - started) / 1000
  await peer.unsafe(`alter subscription peer_${n} disable`)
  await peer.unsafe(`alter subscription peer_${n} set (slot_name = none)`)
  await peer.unsafe(`drop subscription peer_${n}`)
  await untilInactive(source, slotName)
  await source`select pg_drop_replication_slot(${slotName})`
  return seconds
}

/** The published tables with their primary keys and nothing else. */
async function plainCopies(server: BenchServer, database: string) {
  const source = server.connect('source')
  const peer = server.connect(database)
  const tables = await source<{ name: string; columns: string }[]>`
    select c.relname as name, string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' order by attnum) as columns
    from pg_publication_tables p join pg_class c on c.relname = p.tablename and c.relnamespace = 'public'::regnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attname = any(p.attnames)
    where p.pubname = ${DEFAULT_PUBLICATION} group by 1`
  for (const { name, columns } of tables)
    await peer.unsafe(`create table "${name}" (${columns}, primary key (id))`)
}
