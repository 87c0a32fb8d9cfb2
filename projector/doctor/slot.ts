/** The slot: whether it is the projector's, what it keeps, and how long it will last. */
import type { Sql } from 'postgres'
import { formatLsn, parseLsn } from '../../src/domain/lsn.ts'
import type { Checkpoint } from '../apply/checkpoint.ts'
import { attempt, describeBytes, describeSeconds, type Finding, fail, ok, warn } from './finding.ts'

const RESET = 'pt projector reset, and start again: it copies the source anew'
/** A slot that will be lost sooner than this at the present rate is no slot to leave over lunch. */
const SOON_S = 3_600

export interface SlotHealth {
  plugin: string
  active: boolean
  /** `reserved`, `extended`, `unreserved`, `lost`. */
  walStatus: string | null
  confirmedLsn: string | null
  /** WAL that the server keeps for it. */
  retainedBytes: number
  /** WAL that may be written before it is lost; null without a bound. */
  safeBytes: number | null
  /** null before PostgreSQL 17. */
  failover: boolean | null
}

/** What the server says of a slot; null when there is none. */
export async function readSlotHealth(sql: Sql, slotName: string): Promise<SlotHealth | null> {
  const [row] = await sql<{ slot: Record<string, unknown>; retained: number | null }[]>`
    select to_json(s) as slot, pg_wal_lsn_diff(case when pg_is_in_recovery()
      then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, s.restart_lsn)::float8 as retained
    from pg_replication_slots s where slot_name = ${slotName}`
  if (!row) return null
  const { slot, retained } = row
  return {
    plugin: slot.plugin as string,
    active: slot.active as boolean,
    walStatus: slot.wal_status as string | null,
    confirmedLsn: slot.confirmed_flush_lsn as string | null,
    retainedBytes: Math.max(0, retained ?? 0),
    safeBytes: slot.safe_wal_size === null ? null : Number(slot.safe_wal_size),
    failover: (slot.failover as boolean | undefined) ?? null,
  }
}

export function checkSlot(
  sql: Sql,
  slotName: string,
  checkpoint: Checkpoint | null,
  bytesPerSecond: number | null,
): Promise<Finding[]> {
  return attempt('slot', async () => {
    const slot = await readSlotHealth(sql, slotName)
    const findings = judgeSlot(slotName, slot, checkpoint)
    if (!slot || findings.some(({ verdict }) => verdict === 'fail')) return findings
    return [
      ...findings,
      judgeRetained(slot, bytesPerSecond),
      await checkFailover(sql, slotName, slot),
    ]
  })
}

function judgeSlot(
  name: string,
  slot: SlotHealth | null,
  checkpoint: Checkpoint | null,
): Finding[] {
  const check = 'slot'
  const begun = checkpoint !== null && checkpoint.phase !== 'creating'
  if (!slot)
    return [
      begun
        ? fail(check, `the source has no slot ${name} any more`, RESET)
        : ok(check, `${name} is not there yet: the projector makes it`),
    ]
  if (!begun)
    return [
      warn(
        check,
        `${name} is there, and the read store knows nothing of it`,
        'if no other read store uses it: pt projector reset',
      ),
    ]
  if (slot.plugin !== 'pgoutput')
    return [fail(check, `${name} has plugin ${slot.plugin}, not pgoutput`)]
  if (slot.walStatus === 'lost')
    return [fail(check, `${name} has lost WAL that was not applied`, RESET)]
  const { appliedLsn } = checkpoint
  if (slot.confirmedLsn !== null && parseLsn(slot.confirmedLsn) > appliedLsn)
    return [
      fail(
        check,
        `${name} is at ${slot.confirmedLsn}, ahead of the read model at ${formatLsn(appliedLsn)}: it was made anew or read by another`,
        RESET,
      ),
    ]
  return [
    slot.active
      ? ok(check, `${name} is the read model's, and a projector reads from it`)
      : warn(check, `${name} is the read model's, and nobody reads from it`, 'pt projector run'),
  ]
}

/** How long a slot lasts from now on if nobody reads from it. */
export function judgeRetained(slot: SlotHealth, bytesPerSecond: number | null): Finding {
  const check = 'slot WAL'
  const { retainedBytes, safeBytes, walStatus, active } = slot
  const kept = `the source keeps ${describeBytes(retainedBytes)} for it`
  const remedy = active ? null : 'pt projector run'
  if (walStatus === 'unreserved')
    return warn(check, `${kept}, more than it may: the next checkpoint can end it`, remedy)
  if (safeBytes === null) return ok(check, `${kept}, without a bound`)
  const left = `${describeBytes(Math.max(0, safeBytes))} more until it is lost`
  if (!bytesPerSecond || bytesPerSecond < 1) return ok(check, `${kept}, and ${left}`)
  const seconds = Math.max(0, safeBytes) / bytesPerSecond
  const when = `at the present rate (${describeBytes(bytesPerSecond)}/s) in about ${describeSeconds(seconds)}`
  if (active) return ok(check, `${kept}, and ${left}: ${when} if the projector stopped now`)
  return (seconds < SOON_S ? warn : ok)(check, `${kept}, and ${left}: ${when}`, remedy)
}

async function checkFailover(sql: Sql, slotName: string, slot: SlotHealth): Promise<Finding> {
  const check = 'failover'
  const [standbys] = await sql<{ some: boolean; waits: string | null }[]>`
    select exists (select from pg_replication_slots where slot_type = 'physical')
        or current_setting('synchronous_standby_names') <> '' as some,
      current_setting('synchronized_standby_slots', true) as waits`
  const { some, waits } = standbys!
  if (slot.failover === null)
    return some
      ? warn(
          check,
          'before PostgreSQL 17 a slot does not survive a failover: the source is copied anew',
        )
      : ok(
          check,
          'no standby is known of; before PostgreSQL 17 a slot would not survive a failover',
        )
  if (!slot.failover)
    return (some ? warn : ok)(
      check,
      some
        ? 'there is a standby, and the slot does not go there: after a failover the source is copied anew'
        : 'no standby is known of; the slot would not survive a failover',
      `stop the projector, then on a connection with replication=database: ALTER_REPLICATION_SLOT ${slotName} (FAILOVER true)`,
    )
  return some && waits === ''
    ? warn(
        check,
        'the slot is a failover slot, and the read model may run ahead of the standby: after a failover it would be refused',
        "ALTER SYSTEM SET synchronized_standby_slots = '…' (the standby's slot)",
      )
    : ok(check, 'the slot is a failover slot; the standby needs sync_replication_slots = on')
}
