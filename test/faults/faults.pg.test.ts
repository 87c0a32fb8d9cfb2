/** Every kind of fault once. `npm run soak` strikes for longer; a failure prints the seed to give it. */
import { afterAll, expect, test } from 'bun:test'
import { FAULT_KINDS } from './kinds.ts'
import { FAULT_WITHIN_MS, Lane } from './lane.ts'

const seed = Math.floor(Math.random() * 2 ** 31)
/** An arena is opened and closed beside the fault. */
const LIMIT_MS = FAULT_WITHIN_MS + 30_000
const lane = new Lane()
afterAll(() => lane.close())

for (const [at, kind] of FAULT_KINDS.entries()) {
  test(
    `nothing is lost, doubled or different: ${kind} (seed ${seed}, fault ${at + 1})`,
    async () => {
      const { failure } = await lane.run({ number: at + 1, kind, seed })

      expect(failure).toBeNull()
    },
    LIMIT_MS,
  )
}
