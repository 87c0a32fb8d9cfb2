/** A rebuild killed with -9 at any point: what served serves on, and the next one finishes its work. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Sql } from 'postgres'
import { type PtProcess, start } from '../support/pt.ts'
import { connect, Projection } from './support/projection.ts'
import type { RebuildProcess } from './support/rebuild-process.ts'
import { openShop, ringUp, ringUpMany } from './support/till.ts'
import { until } from './support/until.ts'

let on: Projection

beforeEach(async () => {
  on = await Projection.open()
  await openShop(on.source)
  await ringUpMany(on.source, 5_000, 1)
  await on.live()
})
afterEach(() => on.close())

function startRebuild(killAt?: RebuildProcess['killAt']): PtProcess {
  const { sourceUrl, readUrl, slotName } = on
  const options: RebuildProcess = { sourceUrl, readUrl, slotName, ...(killAt && { killAt }) }
  return start(['bun', 'test/projector/support/rebuild-process.ts', JSON.stringify(options)])
}

/** Runs a rebuild in which the tills write once a while, and which does not live to see its end. */
async function killed(rebuild: PtProcess, when?: () => Promise<unknown>) {
  if (when) {
    await until(when, 'the moment of the kill')
    rebuild.signal('SIGKILL')
  }
  const ended = { now: false }
  rebuild.finished.then(() => {
    ended.now = true
  })
  while (!ended.now) {
    await ringUp(on.source)
    await Bun.sleep(5)
  }
  const { code, stderr } = await rebuild.finished
  expect(stderr).toBe('')
  expect(code).toBe(137)
}

/** The server ends what a killed process had asked for, and then notices. */
const forgotten = () =>
  until(
    async () =>
      (
        await on.read`
          select 1 from pg_locks where locktype = 'advisory'
            and database = (select oid from pg_database where datname = current_database())`
      ).length === 1,
    'only the projector leads',
  )

const building = async () => (await on.generations()).find(({ serving }) => !serving)

/** The old one serves and is followed; the next rebuild goes on, and leaves nothing but its result. */
async function expectResumed() {
  await on.expectEqual()
  const before = await building()
  expect(before).toBeDefined()
  await forgotten()
  const told: string[] = []
  const info = (message: string) => void told.push(message)
  const { switched, generation } = await on.rebuild({ log: { info, warn() {}, error() {} } })
  expect(switched).toBe(true)
  expect(generation).toBe(before!.generation)
  if (before!.phase !== 'creating') expect(told).not.toContain('slot made, copying the source')
  if (before!.phase === 'live') expect(told).not.toContain('the read model is whole')
  await ringUp(on.source)
  await on.expectEqual()
  await on.expectNothingLeft()
}

/** Holds what a rebuild needs, until released; `sql` is a connection of its own. */
async function hold(sql: Sql, statement: string): Promise<() => Promise<void>> {
  const held = await sql.reserve()
  await held.unsafe(statement.startsWith('begin') ? statement : `begin; ${statement}`)
  return async () => {
    await held`rollback`
    held.release()
  }
}

describe('a rebuild that is killed', () => {
  test('before its slot is there goes on', async () => {
    // A slot is made when no transaction of before is open any more.
    const till = connect(on.sourceUrl, 1)
    await till`select 1`
    const release = await hold(till, `update location set region = 'S'`)
    await killed(startRebuild(), async () => (await building())?.phase === 'creating')
    await release()
    await till.end({ timeout: 1 })
    await expectResumed()
  })

  for (const passes of [1, 3])
    test(`after page ${passes} goes on from there`, async () => {
      await killed(startRebuild({ moment: 'page-copied', passes }))
      expect(await building()).toMatchObject({ phase: 'copying' })
      await expectResumed()
    })

  test('while it completes its copy goes on', async () => {
    const reader = connect(on.readUrl, 1)
    await reader`select 1`
    // It copies nothing before its slot is made, and that waits for this.
    const till = connect(on.sourceUrl, 1)
    const copies = await hold(till, `update location set region = 'S'`)
    const rebuild = startRebuild({ moment: 'received', passes: 1_000_000 })
    const { generation } = await until(building, 'there is a generation')
    const release = await hold(
      reader,
      `lock table generation_${generation}.customer_metrics in share mode`,
    )
    await copies()
    await till.end({ timeout: 1 })
    const waits = async () =>
      (
        await on.read`
          select 1 from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`
      ).length > 0
    await killed(rebuild, waits)
    expect(await building()).toMatchObject({ phase: 'copying' })
    await release()
    await reader.end({ timeout: 1 })
    await expectResumed()
  })

  for (const moment of ['received', 'written', 'before-commit', 'committed'] as const)
    test(`while it catches up, at "${moment}", goes on`, async () => {
      await killed(startRebuild({ moment, passes: 2 }))
      await expectResumed()
    })

  test('while it is verified goes on', async () => {
    await killed(startRebuild({ moment: 'verifying', passes: 1 }))
    expect(await building()).toMatchObject({ phase: 'live' })
    await expectResumed()
  })

  test('while it waits to switch goes on', async () => {
    const reader = connect(on.readUrl, 1)
    await reader`select 1`
    const release = await hold(reader, 'select from purchase_timeline limit 1')
    const rebuild = startRebuild()
    await killed(rebuild, async () => rebuild.output.stdout.includes('switching'))
    expect(await building()).toMatchObject({ phase: 'live' })
    await release()
    await reader.end({ timeout: 1 })
    await expectResumed()
  })

  test('right after the switch leaves a slot, which the projector drops when it goes over', async () => {
    await killed(startRebuild({ moment: 'switched', passes: 1 }))

    await ringUp(on.source)
    await on.expectEqual()
    expect(await on.generations()).toMatchObject([{ generation: 2, serving: true }])
    await until(
      async () => (await on.read`select 1 from retired_slot`).length === 0,
      'the old slot is dropped',
    )
    await on.expectNothingLeft()
  })
})
