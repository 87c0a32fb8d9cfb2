/** A rebuild makes a second generation beside the one that serves, and nobody notices but by its rows. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { switchGeneration } from '../../projector/apply/generation.ts'
import { startBuilder } from '../../projector/index.ts'
import { readSlot } from '../../projector/source/slot.ts'
import { Projection } from './support/projection.ts'
import { openShop, ringUp, ringUpMany } from './support/till.ts'
import { until, within } from './support/until.ts'
import { randomOf, Workload } from './support/workload.ts'

let on: Projection

beforeEach(async () => {
  on = await Projection.open()
  await openShop(on.source)
})
afterEach(() => on.close())

const generations = () => on.read`
  select generation, serving, phase, slot_name from projection_checkpoint order by generation`

test('is switched to while the tills write and a projector follows', async () => {
  await ringUpMany(on.source, 500, 2)
  const projector = await on.live()
  const tills = new Workload(on.sourceUrl, randomOf(1)).start()

  const report = await on.rebuild()
  const before = tills.commits
  await until(() => tills.commits > before + 20, 'the tills write on')
  await tills.stop()

  expect(report).toMatchObject({ switched: true, generation: 2, verified: { equal: true } })
  await on.expectEqual()
  expect(projector.status().state).toBe('live')
  expect(await generations()).toMatchObject([{ generation: 2, serving: true, phase: 'live' }])
  expect(await on.read`select 1 from pg_namespace where nspname = 'generation_1'`).toHaveLength(0)
  expect(await readSlot(on.source, on.slotName)).toBeNull()
  expect(await on.read`select 1 from retired_slot`).toHaveLength(0)
})

test('mends what differs, and serves as before where nobody follows', async () => {
  const ids = [await ringUp(on.source), await ringUp(on.source), await ringUp(on.source)]
  const projector = await on.live()
  await on.caughtUp()
  await projector.stop()
  await on.read`update purchase_timeline set total = total + 1 where purchase_id = ${ids[0]!}`
  await on.read`delete from purchase_timeline where purchase_id = ${ids[1]!}`

  await on.rebuild()
  await ringUp(on.source)
  await on.live()

  await on.expectEqual()
})

test('a builder writes no more once its generation serves: it would raise no floors', async () => {
  await on.live().then((projector) => projector.stop())
  const { sourceUrl, readUrl, slotName } = on
  const builder = startBuilder({ sourceUrl, readUrl, slotName })
  const ended = builder.finished.then(
    () => 'no failure',
    (error) => error.message,
  )
  await builder.live
  await until(() => switchGeneration(on.read, 'main', 2), 'the switch')

  const id = await ringUp(on.source)

  expect(await within(10_000, ended, 'the builder gives up')).toContain('is no longer at')
  expect(await on.purchase(id)).toBeUndefined()
  await on.live()
  await on.expectEqual()
})
