/** The source's server: its version, its settings, and what there is left of its slots and senders. */
import type { Sql } from 'postgres'
import { attempt, describeBytes, describeSeconds, type Finding, fail, ok, warn } from './finding.ts'
import type { Provider } from './provider.ts'

const OLDEST = 15
/** Less than this, and a busy hour with a stopped projector costs the slot. */
const LITTLE_WAL_BYTES = 1024 ** 3
/** A host that vanishes holds the slot for as long: no other projector can take over before. */
const LONG_TIMEOUT_S = 120
const SHORT_IDLE_S = 86_400

export interface Settings {
  version: string
  major: number
  wal_level: string
  in_recovery: boolean
  max_replication_slots: number
  max_wal_senders: number
  slots: number
  senders: number
  slot_exists: boolean
  slot_active: boolean
  /** −1: without a bound. */
  keep_bytes: number
  wal_sender_timeout_s: number
  /** null before PostgreSQL 18; 0: never. */
  idle_timeout_s: number | null
}

/** @param bytesPerSecond how fast WAL is written now; null when that is not known */
export function checkSettings(
  sql: Sql,
  provider: Provider,
  slotName: string,
  bytesPerSecond: number | null,
): Promise<Finding[]> {
  return attempt('server', async () => {
    const [settings] = await sql<Settings[]>`
      select current_setting('server_version') as version,
        current_setting('server_version_num')::int / 10000 as major,
        current_setting('wal_level') as wal_level, pg_is_in_recovery() as in_recovery,
        current_setting('max_replication_slots')::int as max_replication_slots,
        current_setting('max_wal_senders')::int as max_wal_senders,
        (select count(*)::int from pg_replication_slots) as slots,
        (select count(*)::int from pg_stat_replication) as senders,
        exists (select from pg_replication_slots where slot_name = ${slotName}) as slot_exists,
        exists (select from pg_replication_slots where slot_name = ${slotName} and active) as slot_active,
        (select case when setting = '-1' then -1 else setting::float8 * 1048576 end
          from pg_settings where name = 'max_slot_wal_keep_size') as keep_bytes,
        (select setting::float8 / 1000 from pg_settings where name = 'wal_sender_timeout') as wal_sender_timeout_s,
        (select setting::float8 * case unit when 'min' then 60 when 'ms' then 0.001 else 1 end
          from pg_settings where name = 'idle_replication_slot_timeout') as idle_timeout_s`
    return judgeSettings(settings!, provider, bytesPerSecond)
  })
}

/** The judgement alone, for any server. */
export function judgeSettings(
  is: Settings,
  provider: Provider,
  bytesPerSecond: number | null,
): Finding[] {
  return [
    is.major >= OLDEST
      ? ok('server version', `PostgreSQL ${is.version}`)
      : fail('server version', `PostgreSQL ${is.version}: it takes ${OLDEST} or newer`),
    is.in_recovery
      ? fail('primary', 'this is a standby: the projector writes marks, so it follows the primary')
      : ok('primary', 'this is the primary'),
    is.wal_level === 'logical'
      ? ok('wal_level', 'logical')
      : fail('wal_level', `${is.wal_level}: nothing can be decoded`, provider.walLevel),
    ...judgeRoom(is, provider),
    judgeKeepSize(is, provider, bytesPerSecond),
    judgeTimeout(is, provider),
    ...judgeIdleTimeout(is, provider),
  ]
}

/** One slot and one sender for the projector, and one more of each for a rebuild beside it. */
function judgeRoom(is: Settings, provider: Provider): Finding[] {
  const room = (name: 'max_replication_slots' | 'max_wal_senders', used: number, has: boolean) => {
    const free = is[name] - used
    const detail = `${used} of ${is[name]} in use`
    const more = provider.setting(name, `${is[name] + 2}`, true)
    if (!has && free < 1) return fail(name, `${detail}: none is left for the projector`, more)
    if (free < (has ? 1 : 2)) return warn(name, `${detail}: none is left for a rebuild`, more)
    return ok(name, detail)
  }
  return [
    room('max_replication_slots', is.slots, is.slot_exists),
    room('max_wal_senders', is.senders, is.slot_active),
  ]
}

function judgeKeepSize(is: Settings, provider: Provider, bytesPerSecond: number | null): Finding {
  const name = 'max_slot_wal_keep_size'
  if (is.keep_bytes < 0)
    return warn(
      name,
      "unlimited: a projector that is stopped and forgotten fills the source's disk",
      provider.setting(name, '50GB'),
    )
  const lasts = bytesPerSecond ? is.keep_bytes / bytesPerSecond : null
  const detail =
    describeBytes(is.keep_bytes) +
    (lasts === null ? '' : `, which a stopped projector uses up in about ${describeSeconds(lasts)}`)
  return is.keep_bytes < LITTLE_WAL_BYTES || (lasts !== null && lasts < 3_600)
    ? warn(name, `${detail}: then its slot is lost`, provider.setting(name, '50GB'))
    : ok(name, detail)
}

function judgeTimeout(is: Settings, provider: Provider): Finding {
  const name = 'wal_sender_timeout'
  const seconds = is.wal_sender_timeout_s
  if (seconds > 0 && seconds <= LONG_TIMEOUT_S) return ok(name, describeSeconds(seconds))
  const lasts = seconds === 0 ? 'for ever' : `for ${describeSeconds(seconds)}`
  return warn(
    name,
    `${seconds === 0 ? 'off' : describeSeconds(seconds)}: when the projector's host vanishes, its slot stays taken ${lasts}`,
    provider.setting(name, '60s'),
  )
}

function judgeIdleTimeout(is: Settings, provider: Provider): Finding[] {
  const name = 'idle_replication_slot_timeout'
  const seconds = is.idle_timeout_s
  if (seconds === null) return []
  if (seconds === 0 || seconds >= SHORT_IDLE_S)
    return [ok(name, seconds === 0 ? 'off' : describeSeconds(seconds))]
  return [
    warn(
      name,
      `${describeSeconds(seconds)}: a projector that is stopped for longer loses its slot`,
      provider.setting(name, '2d'),
    ),
  ]
}

/** How fast WAL is written, bytes a second, measured for `ms`; null where it can't be told. */
export async function measureWalRate(sql: Sql, ms: number): Promise<number | null> {
  const look = async () => {
    const [row] = await sql<{ bytes: number | null }[]>`
      select case when pg_is_in_recovery() then null
        else pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 end as bytes`
    return { bytes: row!.bytes, at: performance.now() }
  }
  const before = await look()
  await Bun.sleep(ms)
  const after = await look()
  if (before.bytes === null || after.bytes === null) return null
  return (after.bytes - before.bytes) / ((after.at - before.at) / 1_000)
}
