/**
 * The faults. Each strikes an arena at work and leaves it with a projector that runs; whether anything
 * was lost, the arena tells afterwards. The names are what a report counts.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ProjectorPoint } from '../../projector/points.ts'
import { until } from '../projector/support/until.ts'
import { testCluster } from '../support/postgres.ts'
import type { Arena } from './arena.ts'

type Fault = (arena: Arena) => Promise<void>

export const FAULTS = {
  'killed-after-receive': killedAt('received', 10),
  'killed-mid-batch': killedAt('written', 15),
  'killed-before-commit': killedAt('before-commit', 8),
  'killed-before-acknowledge': killedAt('committed', 8),
  'killed-before-invalidation': killedAt('acknowledged', 8),
  'killed-at-random': killedAtRandom,
  'first-copy-killed': firstCopyKilled,
  'rebuild-killed': rebuildKilled,
  'postgres-restarted': restarted('fast'),
  'postgres-crashed': restarted('immediate'),
  'source-cut': (arena) => arena.loses(() => cut(arena, 'sourceProxy')),
  'read-store-cut': (arena) => arena.loses(() => cut(arena, 'readProxy')),
  'source-half-open': sourceHalfOpen,
  'read-store-half-open': readStoreHalfOpen,
  'backends-terminated': backendsTerminated,
  'leader-killed': leaderKilled,
  'two-started-at-once': twoStartedAtOnce,
  'slot-lost': slotLost,
  'slot-recreated': slotRecreated,
  'column-added': columnAdded,
  'slow-read-store': slowReadStore,
} as const satisfies Record<string, Fault>

export type FaultKind = keyof typeof FAULTS
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[]

/** A kill -9 at a named point, at one of its next passes; then a start, at once or after some more sales. */
function killedAt(point: ProjectorPoint, passes: number): Fault {
  return async (arena) => {
    await arena.projector.reaches('live')
    arena.projector.killAt({ point, passes: 1 + arena.pick(passes) })
    await arena.projector.gone()
    arena.struck()
    await arena.commits(arena.pick(4))
    arena.start()
  }
}

async function killedAtRandom(arena: Arena) {
  await sleep(arena.pick(150))
  await arena.projector.kill()
  arena.struck()
  await arena.commits(arena.pick(4))
  arena.start()
}

/** Up to three kills: behind a page, or at any moment from the first connection on. */
async function firstCopyKilled(arena: Arena) {
  await arena.projector.kill()
  await arena.reset()
  for (let kills = 1 + arena.pick(3); kills > 0; kills--) {
    const point = 'page-copied'
    if (arena.pick(3)) {
      const projector = arena.start({ point, passes: 1 + arena.pick(3) })
      // The pages that were left may be fewer.
      await until(() => projector.isGone || projector.state === 'live', 'the first copy is killed')
    } else {
      const projector = arena.start()
      await projector.reaches('starting', 'copying', 'catching_up', 'live')
      await sleep(arena.pick(60))
    }
    await arena.projector.kill()
  }
  arena.struck()
  arena.start()
}

/**
 * At a point of what is built, or at any moment; sometimes the projector of what serves dies as well. The
 * next rebuild goes on, to its end.
 */
async function rebuildKilled(arena: Arena) {
  await arena.projector.reaches('live')
  const points = ['page-copied', 'received', 'written', 'before-commit', 'committed'] as const
  const point = points[arena.pick(points.length)]!
  const killed = arena.rebuild({ point, passes: 1 + arena.pick(5) })
  const patience = sleep(arena.pick(4) ? 5_000 : arena.pick(900))
  await Promise.race([until(() => killed.isGone || killed.end, 'it ends or dies'), patience])
  await killed.kill()
  if (arena.pick(3) === 0) {
    await arena.projector.kill()
    arena.start()
  }
  arena.struck()
  const again = arena.rebuild()
  const { ended, message } = await until(() => again.end, 'the rebuild comes to its end')
  await again.kill()
  if (ended !== 'switched') throw new Error(`the rebuild ${ended}: ${message}`)
}

/** Both models are on this server. */
function restarted(how: 'fast' | 'immediate'): Fault {
  return async (arena) => {
    const cluster = await testCluster()
    await sleep(arena.pick(50))
    await arena.loses(async () => {
      await cluster.stop(how)
      await cluster.start()
    })
    await arena.projector.reaches('live')
  }
}

async function cut(arena: Arena, side: 'sourceProxy' | 'readProxy') {
  await arena.projector.reaches('live')
  await sleep(arena.pick(50))
  arena[side].cut()
}

async function sourceHalfOpen(arena: Arena) {
  const { projector, sourceProxy } = arena
  await projector.reaches('live')
  await arena.loses(async () => {
    sourceProxy.freeze()
    await arena.commits(1 + arena.pick(10))
    sourceProxy.thaw()
  })
  sourceProxy.reset()
}

async function readStoreHalfOpen(arena: Arena) {
  const { projector, readProxy } = arena
  await projector.reaches('live')
  await arena.loses(async () => {
    const before = readProxy.swallowed
    readProxy.freeze()
    await until(() => readProxy.swallowed > before, 'the projector writes')
    readProxy.thaw()
  })
  // Until then the server believes in the dead connection, and in its lock on the lead.
  await arena.commits(arena.pick(4))
  readProxy.reset()
}

async function backendsTerminated(arena: Arena) {
  const { on, projector } = arena
  await projector.reaches('live')
  const database = new URL(arena.pick(2) ? on.sourceUrl : on.readUrl).pathname.slice(1)
  await sleep(arena.pick(50))
  await arena.loses(
    () => on.source`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = ${database} and application_name = 'purchase-timeline projector'`,
  )
}

async function leaderKilled(arena: Arena) {
  const leader = arena.projector
  const standby = arena.another()
  await standby.reaches('standby')
  await sleep(arena.pick(100))
  await leader.kill()
  arena.struck()
  arena.projector = standby
  await standby.reaches('live')
}

async function twoStartedAtOnce(arena: Arena) {
  await arena.projector.kill()
  arena.struck()
  const pair = [arena.another(), arena.another()] as const
  await until(() => {
    for (const one of pair) one.expectAlive()
    return pair.some(({ state }) => state === 'live') && pair.some((one) => one.state === 'standby')
  }, 'one leads and one waits')
  arena.projector = pair[0]
  await arena.settle()
  const [goes, stays] = arena.pick(2) ? pair : [pair[1], pair[0]]
  await goes.kill()
  arena.projector = stays
  await stays.reaches('live')
}

async function slotLost(arena: Arena) {
  const { source } = arena.on
  await arena.projector.kill()
  await arena.commits(2)
  await source`alter system set max_slot_wal_keep_size = '1MB'`
  await source`select pg_reload_conf()`
  await until(async () => {
    await source`select pg_logical_emit_message(true, 'fill', 'x'), pg_switch_wal()`
    await source`checkpoint`
    return (await arena.on.position()).walStatus === 'lost'
  }, 'the slot is lost')
  await source`alter system reset max_slot_wal_keep_size`
  await source`select pg_reload_conf()`
  await refusesAndIsReset(arena, /has lost WAL that was not yet applied/)
}

async function slotRecreated(arena: Arena) {
  const { source, read } = arena.on
  const recreate = async () => {
    const [serving] = await read`select slot_name as name from projection_checkpoint where serving`
    const slotName = serving!.name
    await source`
      select pg_terminate_backend(active_pid, 5000) from pg_replication_slots
      where slot_name = ${slotName} and active_pid is not null`
    await source`select pg_drop_replication_slot(${slotName})`
    await arena.commits(arena.pick(3))
    await source`select pg_create_logical_replication_slot(${slotName}, 'pgoutput')`
  }
  const untilDone = () => until(() => recreate().then(() => true, busy), 'the slot is made anew')
  // Behind the back of a projector that is away, or of one that streams.
  if (arena.pick(2)) {
    await arena.projector.kill()
    await untilDone()
    await refusesAndIsReset(arena, /ahead of the read model|has no slot/)
  } else {
    await arena.projector.reaches('live')
    await untilDone()
    await refusesAndIsReset(arena, /ahead of the read model|has no slot/, arena.projector)
  }
}

/** The slot is in use again, or is gone already. */
function busy(error: { code?: string }): boolean {
  if (error.code === '55006') return false
  if (error.code === '42704' || error.code === '42710') return true
  throw error
}

/** The projector must give up with this reason, and touch nothing; a reset then mends it. */
async function refusesAndIsReset(arena: Arena, reason: RegExp, running?: typeof arena.projector) {
  const { read } = arena.on
  const before = running
    ? null
    : await read`select applied_lsn::text from projection_checkpoint where serving`
  const said = await (running ?? arena.start()).refusal()
  if (!reason.test(said)) throw new Error(`it gave up for another reason: ${said}`)
  const after = await read`select applied_lsn::text from projection_checkpoint where serving`
  if (before && after[0]?.applied_lsn !== before[0]?.applied_lsn)
    throw new Error('it moved the checkpoint before it gave up')
  arena.struck()
  await arena.reset()
  arena.start()
}

const DEADLOCK = '40P01'
let columns = 0

/** While the tills write; also with an old value for each row, and between two changes of one transaction. */
async function columnAdded(arena: Arena) {
  const inTransaction = (text: string) =>
    until(
      () =>
        arena.on.source
          .begin((tx) => tx.unsafe(text))
          .then(
            () => true,
            (error) => {
              if (error.code === DEADLOCK) return false
              throw error
            },
          ),
      'the tables can be altered',
    )
  await arena.projector.reaches('live')
  const column = `note_${++columns}`
  const table = ['sale', 'sale_line', 'customer', '"order"', 'sale_payment'][arena.pick(5)]!
  const type = ['text', `text not null default 'none'`, 'uuid default gen_random_uuid()'][
    arena.pick(3)
  ]
  const add = `alter table ${table} add column ${column} ${type}`
  const touch = `update ${table} set ${column} = default where id in (select id from ${table} limit 3)`
  const edit = 'update sale set total = total + 1 where id in (select id from sale limit 5)'
  const ways = [add, `${add}; ${touch}`, `${edit}; ${add}; ${touch}; ${edit}`]
  await inTransaction(ways[arena.pick(ways.length)]!)
  arena.struck()
  await arena.commits(3)
  await inTransaction(`${touch}; alter table ${table} drop column ${column}`)
}

/** The server's patience is three seconds (see `Arena.open`); the read store takes longer for a commit. */
async function slowReadStore(arena: Arena) {
  await arena.projector.reaches('live')
  await arena.on.read.begin(async (lock) => {
    await lock`lock projection_checkpoint in share row exclusive mode`
    arena.struck()
    await sleep(3_100 + arena.pick(600))
  })
}
