/** Attack 30: ten thousand requests of the document's own making. `npm run fuzz` sends more. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { OPERATIONS } from '../../src/http/operations.ts'
import { fuzz } from './support/fuzz.ts'
import { openWorld, type World } from './support/world.ts'

const REQUESTS = 10_000
const SEED = 20_260_301

let world: World
beforeAll(async () => {
  world = await openWorld()
}, 60_000)
afterAll(() => world.close())

test('attack 30: no 500, no stack, no answer but by its schema, nothing of the other chain', async () => {
  const { sent, answers, violations } = await fuzz(world, { requests: REQUESTS, seed: SEED })

  expect(violations).toEqual([])
  expect(sent).toBe(REQUESTS)
  // It got behind the door of each operation, and was refused by each.
  for (const { spec } of OPERATIONS) {
    const statuses = [...answers.keys()].filter((key) => key.startsWith(`${spec.id} `))
    expect(statuses).toContain(`${spec.id} ${spec.answer.status}`)
    expect(statuses.some((key) => / 4\d\d$/.test(key))).toBe(true)
  }
}, 240_000)
