/** What only a person can mend: the projector says what, and touches nothing. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { FatalProjectorError } from '../../projector/errors.ts'
import { reset } from '../../projector/reset.ts'
import { readStatus } from '../../projector/status.ts'
import { Projection } from './support/projection.ts'
import { openShop, ringUp } from './support/till.ts'
import { until, within } from './support/until.ts'

let on: Projection

beforeEach(async () => {
  on = await Projection.open()
  await openShop(on.source)
})
afterEach(() => on.close())

const RESET = 'run `pt projector reset` and start again: it copies the source anew'

/** What a projector that starts now says when it gives up. */
async function refusal(): Promise<string> {
  const before = await on.read`select * from projection_checkpoint`
  const error = await within(on.start().finished, 'it gives up').catch((error) => error)
  expect(error).toBeInstanceOf(FatalProjectorError)
  expect(await on.read`select * from projection_checkpoint`).toEqual(before)
  return error.message
}

async function liveOnce(): Promise<void> {
  await ringUp(on.source)
  await on.live().then((projector) => projector.stop())
}

test('a slot that was made anew behind its back is not taken for the old one', async () => {
  await liveOnce()
  await on.source`select pg_drop_replication_slot(${on.slotName})`
  const lost = await ringUp(on.source)
  await on.source`select pg_create_logical_replication_slot(${on.slotName}, 'pgoutput')`

  const message = await refusal()

  expect(message).toMatch(
    /^slot test_\w+ is at \w+\/\w+, ahead of the read model at \w+\/\w+: it was made anew or read by another; /,
  )
  expect(message).toEndWith(RESET)
  expect(await on.purchase(lost)).toBeUndefined()
})

test('a slot that is gone is named, and a reset copies the source anew', async () => {
  await liveOnce()
  await on.source`select pg_drop_replication_slot(${on.slotName})`
  const id = await ringUp(on.source)

  expect(await refusal()).toBe(`the source has no slot ${on.slotName} any more; ${RESET}`)

  await reset(on)
  await on.live()
  await on.expectEqual()
  expect(await on.purchase(id)).toBeDefined()
})

test('a reset drops the slot that the read model follows, and refuses while a projector streams', async () => {
  const { sourceUrl, readUrl } = on
  const projector = await on.live()
  await expect(reset({ sourceUrl, readUrl })).rejects.toThrow('stop it first')
  await projector.stop()

  await reset({ sourceUrl, readUrl })

  expect(await on.slot()).toBeUndefined()
  expect(await on.read`select 1 from purchase_timeline`).toHaveLength(0)
})

test('a slot that is dropped while the projector streams ends it with the same advice', async () => {
  const projector = await on.live()
  const ended = projector.finished.then(
    () => 'no failure',
    (error) => error.message,
  )

  await until(async () => {
    await on.source`
      select pg_terminate_backend(active_pid, 5000) from pg_replication_slots
      where slot_name = ${on.slotName}`
    const dropped = on.source`select pg_drop_replication_slot(${on.slotName})`
    return dropped.then(
      () => true,
      () => false,
    )
  }, 'the slot is dropped')

  expect(await within(ended, 'it gives up')).toContain(RESET)
  expect(projector.status().state).toBe('stopped')
})

test('a slot whose WAL is gone is called lost', async () => {
  await liveOnce()
  await ringUp(on.source)
  await on.source`alter system set max_slot_wal_keep_size = '1MB'`
  await on.source`select pg_reload_conf()`
  try {
    await until(async () => {
      await on.source`select pg_logical_emit_message(true, 'fill', 'x'), pg_switch_wal()`
      await on.source`checkpoint`
      return (await on.position()).walStatus === 'lost'
    }, 'the slot is lost')
  } finally {
    await on.source`alter system reset max_slot_wal_keep_size`
    await on.source`select pg_reload_conf()`
  }

  expect((await readStatus(on.source, on.read)).state).toBe('lost')
  expect(await refusal()).toBe(
    `slot ${on.slotName} has lost WAL that was not yet applied (see max_slot_wal_keep_size); ${RESET}`,
  )
})

test('another cluster is not taken for the source, not even in the middle of a first copy', async () => {
  await liveOnce()
  await on.read`update projection_checkpoint set system_identifier = '1'`

  const advice =
    /made from another cluster \(system identifier 1\) than this source \(\d+\): point to that one, or run `pt projector reset`/
  expect(await refusal()).toMatch(advice)

  await on.read`
    update projection_checkpoint set phase = 'copying', copy_table = 'sale', copy_key = null`
  expect(await refusal()).toMatch(advice)
})

test('a slot that is there before anything was copied is left alone', async () => {
  await on.source`select pg_create_logical_replication_slot(${on.slotName}, 'pgoutput')`

  expect(await refusal()).toStartWith(
    `the source has a slot ${on.slotName} that this read store knows`,
  )
  expect(await on.slot()).toBeDefined()
})

test('a slot that survives a failover is made where the server has such slots, and also by a rebuild', async () => {
  const [server] = await on.source<{ major: number }[]>`
    select current_setting('server_version_num')::int / 10000 as major`
  if (server!.major < 17) {
    await expect(on.start({ failoverSlot: true }).finished).rejects.toThrow(
      'start without --failover-slot',
    )
    return
  }
  const failover = async () =>
    (
      await on.source`
      select failover from pg_replication_slots where database = current_database()`
    ).map((slot) => slot.failover)

  await on.live({ failoverSlot: true })
  expect(await failover()).toEqual([true])
  await on.rebuild({ failoverSlot: true })

  expect(await failover()).toEqual([true])
})

test('a replica identity that would break the tills is refused before it does', async () => {
  await on.source`alter table sale_line replica identity full`

  await expect(on.start().finished).rejects.toThrow(
    'the replica identity of public.sale_line has business_id, which is not published (run: ',
  )

  expect(await on.source`select 1 from pg_publication`).toHaveLength(0)
})

test('a publication that was changed may have left something out: it is not taken as it is', async () => {
  await liveOnce()

  await on.source`alter publication purchase_timeline set (publish = 'insert')`
  expect(await refusal()).toStartWith('the publication purchase_timeline was changed since')
  await on.source`drop publication purchase_timeline`
  expect(await refusal()).toStartWith('the publication purchase_timeline was dropped since')

  await reset(on)
  await on.live()
  await on.expectEqual()
})
