/** Attack 30: ten thousand requests of the document's own making. `npm run fuzz` sends more. */
import { expect, test } from 'bun:test'
import { OPERATIONS } from '../../src/http/operations.ts'
import { fuzz } from './support/fuzz.ts'
import { openWorld } from './support/world.ts'

const REQUESTS = 10_000
/** A command did something, or its rules had their say. */
const WORKED = / (2\d\d|409|422)$/
const SEED = 20_260_301

test('attack 30: no 500, no stack, no answer but by its schema, nothing of the other chain', async () => {
  const world = await openWorld()
  const { sent, answers, violations } = await fuzz(world, { requests: REQUESTS, seed: SEED })
  await world.close()

  expect(violations).toEqual([])
  expect(sent).toBe(REQUESTS)
  // It got behind the door of each operation, and was refused by each.
  for (const { spec } of OPERATIONS) {
    const statuses = [...answers.keys()].filter((key) => key.startsWith(`${spec.id} `))
    expect(statuses.some((key) => (spec.command ? WORKED : / 2\d\d$/).test(key))).toBe(true)
    expect(statuses.some((key) => / 4\d\d$/.test(key))).toBe(true)
  }
}, 900_000)

test('attack 30: nor through the sockets of a server', async () => {
  const world = await openWorld({ overTheWire: true })
  const { violations } = await fuzz(world, { requests: 500, seed: SEED + 1 })
  await world.close()

  expect(violations).toEqual([])
}, 300_000)
