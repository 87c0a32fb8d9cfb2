/** What the slot is told: all that is durable, and never more. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRecording } from '../../projector/record/record.ts'
import { formatLsn, parseLsn } from '../../src/domain/lsn.ts'
import { emitMark } from '../../src/postgres/mark.ts'
import { createDatabase } from '../support/postgres.ts'
import { connect, Projection } from './support/projection.ts'
import { openShop, ringUp, ringUpTogether } from './support/till.ts'
import { until } from './support/until.ts'

let on: Projection

beforeEach(async () => {
  on = await Projection.open()
  await openShop(on.source)
  // Keepalives and statuses go to and fro every other second, and a slow machine is not taken for a dead one.
  const database = new URL(on.sourceUrl).pathname.slice(1)
  await on.source`alter database ${on.source(database)} set wal_sender_timeout = '8s'`
})
afterEach(() => on.close())

const confirmed = async () => parseLsn((await on.slot())!.confirmed)
const checkpoint = async () => {
  const [row] = await on.read<{ xmin: string; lsn: string }[]>`
    select xmin::text, applied_lsn::text as lsn from projection_checkpoint`
  return { version: row!.xmin, lsn: parseLsn(row!.lsn) }
}

/** Waits until the projector has sent so many statuses. */
async function statuses(count: number): Promise<void> {
  const last = async () => {
    const [row] = await on.source<{ at: string | null }[]>`
      select r.reply_time::text as at from pg_stat_replication r
      join pg_replication_slots s on s.active_pid = r.pid where s.slot_name = ${on.slotName}`
    return row?.at
  }
  for (let n = 0, before = await last(); n < count; n++) {
    await until(async () => (await last()) !== before, 'another status')
    before = await last()
  }
}

test('what is received and not yet applied is not acknowledged, however many keepalives pass', async () => {
  await on.live()
  await on.read.begin(async (lock) => {
    await lock`lock projection_checkpoint in share row exclusive mode`
    for (let n = 0; n < 20; n++) await ringUp(on.source)
    const mark = await emitMark(on.source)
    await until(async () => {
      const [row] = await on.source`
        select 1 from pg_stat_replication r join pg_replication_slots s on s.active_pid = r.pid
        where s.slot_name = ${on.slotName} and r.sent_lsn >= ${formatLsn(mark)}`
      return row
    }, 'all is sent')

    const [row] = await lock`select applied_lsn::text as lsn from projection_checkpoint`
    const applied = parseLsn(row?.lsn)
    await statuses(3)

    expect(await confirmed()).toBeLessThanOrEqual(applied)
    expect(applied).toBeLessThan(mark)
  })

  await on.expectEqual()
})

test('what is applied is acknowledged', async () => {
  await on.live()
  for (let n = 0; n < 5; n++) await ringUp(on.source)

  await on.caughtUp()

  await until(
    async () => (await confirmed()) === (await checkpoint()).lsn,
    'the checkpoint is acknowledged',
  )
})

test('an idle projector does not write, and acknowledges the WAL of other databases', async () => {
  const other = connect(await createDatabase(), 1)
  await on.live()
  await ringUp(on.source)
  await on.caughtUp()
  const before = await checkpoint()

  await statuses(3)
  expect(await checkpoint()).toEqual(before)

  await other`create table other as select repeat('x', 1000) from generate_series(1, 5000)`
  const [row] = await other<{ lsn: string }[]>`select pg_current_wal_insert_lsn()::text as lsn`
  await other.end()
  const passed = parseLsn(row!.lsn) - (1n << 20n)
  await until(async () => (await confirmed()) >= passed, 'the WAL is acknowledged')
})

/**
 * Two tills commit at once: the second commit record starts where the first one ends. Whoever confirms a
 * byte beyond the first, or resumes behind its end, never gets the second.
 */
test('a transaction whose commit starts exactly where the one before ended is not lost', async () => {
  const file = join(tmpdir(), `pt-adjacent-${process.pid}.ndjson`)
  await on.live().then((projector) => projector.stop())
  const recording = await startRecording({ sourceUrl: on.sourceUrl, file })
  await ringUpTogether(on.source, 30)
  await recording.finish(await emitMark(on.source))
  const lines = (await readFile(file, 'utf8')).trim().split('\n').slice(1)
  await rm(file)
  const transactions = lines.map((line) => JSON.parse(line))
  const at = transactions.findIndex((tx, n) => tx.commitLsn === transactions[n - 1]?.endLsn)
  expect(at).toBeGreaterThan(0)
  const { id } = transactions[at].changes[0].new

  // The read store stops right before the second of the two.
  await on.read.unsafe(`
    create function halt() returns trigger language plpgsql as $$ begin
      if new.purchase_id = '${id}' then raise exception 'halt' using errcode = '57014'; end if;
      return new;
    end $$;
    create trigger halt before insert on purchase_timeline for each row execute function halt()`)
  const end = parseLsn(transactions[at - 1].endLsn)
  const halted = on.start({ limits: { batch: 1, chunk: 100, pending: 200 } })
  await until(() => halted.status().lastError?.includes('halt'), 'it halts')
  expect((await checkpoint()).lsn).toBe(end)
  await until(async () => (await confirmed()) === end, 'the first is acknowledged, exactly')
  await halted.stop()
  await on.read`drop trigger halt on purchase_timeline`

  await on.live()
  await on.expectEqual()
  expect(await on.purchase(id)).toBeDefined()
})
