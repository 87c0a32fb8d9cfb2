/** What a projector tells of itself: a stall is not rest, and nothing of a person is in it. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { judgeFlow, Meter, STALLED_MS } from '../../projector/meter.ts'
import { ProjectorMetrics } from '../../projector/metrics.ts'
import { readStatus } from '../../projector/status.ts'
import type { Log } from '../../src/log.ts'
import { Projection } from './support/projection.ts'
import { openShop, put, ringUp, ringUpMany } from './support/till.ts'
import { until } from './support/until.ts'

let on: Projection
let metrics: ProjectorMetrics | undefined

beforeEach(async () => {
  on = await Projection.open()
  await openShop(on.source)
})
afterEach(async () => {
  await metrics?.close()
  metrics = undefined
  await on.close()
})

/** The metrics of a projector as `name{labels}` → value, without the label of the source. */
async function measured(options: Partial<ConstructorParameters<typeof ProjectorMetrics>[0]> = {}) {
  const { sourceUrl, readUrl } = on
  metrics ??= new ProjectorMetrics({ projector: on.start(), sourceUrl, readUrl, ...options })
  const text = await metrics.text()
  const values = new Map<string, number>()
  for (const line of text.trimEnd().split('\n')) {
    const [, name, labels, value] = /^(\w+)\{source="main",?(.*)\} (\S+)$/.exec(line) ?? []
    if (name) values.set(labels ? `${name}{${labels}}` : name, Number(value))
    else expect(line).toMatch(/^# (HELP|TYPE) pt_\w+ /)
  }
  return values
}

test('what was applied is counted, and how far the source and the slot are is told', async () => {
  const projector = await on.live()
  await ringUp(on.source, {}, 3)
  await on.source`update sale set completed_at = 'infinity'`
  await ringUpMany(on.source, 100, 1)
  await on.caughtUp()

  // A scrape goes without what a database does not say in time.
  const values = await until(async () => {
    const values = await measured({ projector })
    return values.get('pt_databases_up') === 1 ? values : undefined
  }, 'both databases answer')

  expect(values.get('pt_projector_state{state="live"}')).toBe(1)
  expect(values.get('pt_projector_state{state="standby"}')).toBe(0)
  expect(values.get('pt_projector_transactions_total')).toBeGreaterThanOrEqual(3)
  expect(values.get('pt_projector_changes_total')).toBe(5 + 1 + 200)
  expect(values.get('pt_projector_dead_letters_total')).toBe(1)
  expect(values.get('pt_projection_dead_letters')).toBe(1)
  expect(values.get('pt_projector_commit_seconds_count')).toBeGreaterThan(0)
  expect(values.get('pt_projector_commit_seconds_sum')).toBeGreaterThan(0)
  expect(values.get('pt_slot_active')).toBe(1)
  expect(values.get('pt_slot_wal_status{status="reserved"}')).toBe(1)
  expect(values.has('pt_slot_safe_bytes')).toBe(false)
  expect(values.get('pt_projection_applied_lsn_bytes')).toBeGreaterThan(0)
})

test('a stream that stands still is told from one with nothing to do', async () => {
  const projector = await on.live()
  await on.caughtUp()
  const state = async () => (await readStatus(on.source, on.read, 'main', 200)).state
  const flow = async () => {
    const values = await measured({ projector, stalledMs: 200 })
    return ['idle', 'busy', 'stalled'].find(
      (name) => values.get(`pt_projector_flow{flow="${name}"}`) === 1,
    )
  }
  // Nothing for us, and yet the source's WAL goes on.
  for (let n = 0; n < 5; n++) await on.source`select pg_logical_emit_message(true, 'other', 'x')`
  await until(async () => (await state()) === 'live', 'it is live')
  await until(async () => (await flow()) === 'idle', 'it is idle')

  await on.read.begin(async (tx) => {
    await tx`lock table purchase_timeline in access exclusive mode`
    await ringUp(on.source)
    await until(async () => (await flow()) === 'stalled', 'the metrics tell the stall')
    await until(async () => (await state()) === 'stalled', 'the status tells the stall')
  })

  await on.caughtUp()
  await until(async () => (await state()) === 'live', 'it is live again')
  await until(async () => (await flow()) === 'idle', 'it is idle again')
})

test('of two projectors the one that waits is a standby with nothing to do', async () => {
  await on.live()
  const second = on.start()
  await until(() => second.status().state === 'standby', 'the second is a standby')

  const values = await measured({ projector: second })

  expect(values.get('pt_projector_state{state="standby"}')).toBe(1)
  expect(values.get('pt_projector_flow{flow="idle"}')).toBe(1)
})

test('a source that does not answer costs the scrape what is only known there', async () => {
  const projector = await on.live()

  const values = await measured({ projector, sourceUrl: 'postgres://x:x@127.0.0.1:1/x' })

  expect(values.get('pt_databases_up')).toBe(0)
  expect(values.get('pt_projector_state{state="live"}')).toBe(1)
  expect(values.has('pt_projection_lag_bytes')).toBe(false)
})

test('sessions that end are counted by what ended them', async () => {
  const projector = await on.live()
  await on.source`select pg_terminate_backend(active_pid) from pg_replication_slots
    where slot_name = ${on.slotName}`
  await until(() => projector.meter.sessionsEnded.connection > 0, 'the end is counted')
  await until(() => projector.status().state === 'live', 'it goes on')

  expect(
    (await measured({ projector })).get('pt_projector_sessions_ended_total{reason="connection"}'),
  ).toBeGreaterThan(0)
})

test('something outstanding is a stall only after a while without headway', () => {
  expect(judgeFlow({ pending: 0, behind: 0, stillMs: 1e9 })).toBe('idle')
  expect(judgeFlow({ pending: 1, behind: 0, stillMs: STALLED_MS })).toBe('busy')
  expect(judgeFlow({ pending: 1, behind: 0, stillMs: STALLED_MS + 1 })).toBe('stalled')
  expect(judgeFlow({ pending: 0, behind: 1, stillMs: STALLED_MS + 1 })).toBe('stalled')
  const meter = new Meter()
  expect(meter.stillMs).toBe(0)
  meter.waiting(1)
  expect(meter.stillMs).toBeLessThan(STALLED_MS)
  meter.committed(1, 0)
  expect(meter.stillMs).toBe(0)
})

test('no line of the log and no metric holds a value of a row, whatever goes wrong with it', async () => {
  const lines: string[] = []
  const write = (level: string) => (message: string, fields?: object) =>
    lines.push(JSON.stringify({ level, message, ...fields }))
  const log: Log = { info: write('info'), warn: write('warn'), error: write('error') }
  const SECRETS = ['Planted', '+43 660', 'planted@example.org', 'R-4711', 'sesame']
  await on.source`alter table sale drop constraint sale_status`
  await on.source`alter table "order" add allergies text default 'sesame'`
  // Too long for the index that customers are looked up by.
  const digits = () => Math.floor(Math.random() * 1e9)
  const phone = `+43 660 ${Array.from({ length: 700 }, digits).join('')}`
  const person = { name: 'Ida Planted', email: 'ida.planted@example.org' }
  await put(on.source, 'customer', { ...person, phone })

  const projector = await on.live({ log })
  await put(on.source, 'customer', { ...person, phone })
  await ringUp(on.source, { status: 'void', receipt_number: 'R-4711' })
  await ringUp(on.source, { completed_at: 'infinity', receipt_number: 'R-4711' })
  await on.caughtUp()
  // The read store refuses with a message of its own, which names the row.
  await on.read.unsafe(`
    create function refuse() returns trigger language plpgsql as $$
    begin raise exception 'no: %', new; end $$;
    create trigger refuse before insert on customer_card for each row execute function refuse()`)
  await put(on.source, 'customer', person)
  await until(() => projector.status().lastError, 'the session ends')
  await until(() => lines.some((line) => line.includes('P0001')), 'the log says why')
  await on.read`drop trigger refuse on customer_card`
  await on.caughtUp()
  const told = [
    ...lines,
    [...(await measured({ projector })).keys()].join(),
    projector.status().lastError,
  ]

  expect(await on.deadLetters()).toHaveLength(4)
  expect(lines.length).toBeGreaterThan(3)
  for (const text of told) for (const secret of SECRETS) expect(text).not.toContain(secret)
})
