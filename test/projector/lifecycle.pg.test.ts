/** Starting, stopping and taking over. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { Projection } from './support/projection.ts'
import { openShop, ringUp } from './support/till.ts'
import { until, within } from './support/until.ts'

let on: Projection

beforeEach(async () => {
  on = await Projection.open()
  await openShop(on.source)
})
afterEach(() => on.close())

test('stops at whatever moment of its start it is told to', async () => {
  await on.live().then((projector) => projector.stop())

  for (let ms = 0; ms < 60; ms += 2) {
    const projector = on.start()
    await Bun.sleep(ms)
    await within(projector.stop(), `stop after ${ms} ms`)
    expect(projector.status().state).toBe('stopped')
  }

  await ringUp(on.source)
  await on.live()
  await on.expectEqual()
})

test('of two projectors one leads, and the other takes over when it stops', async () => {
  const first = await on.live()
  const second = on.start()
  await until(() => second.status().state === 'standby', 'the second is a standby')
  await ringUp(on.source)
  await on.caughtUp()
  expect(second.status().state).toBe('standby')

  await first.stop()
  await second.live
  await ringUp(on.source)

  await on.expectEqual()
  expect(first.status().state).toBe('stopped')
  expect(second.status().state).toBe('live')
})

test('of two projectors that start at once exactly one copies', async () => {
  await ringUp(on.source)
  const both = [on.start(), on.start()]

  await Promise.race(both.map((projector) => projector.live))
  await until(
    () => both.some((projector) => projector.status().state === 'standby'),
    'the other is a standby',
  )

  expect(both.map((projector) => projector.status().state).sort()).toEqual(['live', 'standby'])
  await on.expectEqual()
})
