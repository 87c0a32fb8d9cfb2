/** `npm run fuzz -- [--requests 100000] [--seed N]`: prints what was asked and answered; exit 1 on a violation. */
import { parseArgs } from 'node:util'
import { fuzz } from './support/fuzz.ts'
import { openWorld } from './support/world.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
  },
})
const requests = Number(values.requests)
const seed = Number(values.seed)
const world = await openWorld()
const started = performance.now()
const { sent, answers, violations } = await fuzz(world, { requests, seed })
await world.close()
for (const [key, count] of [...answers].sort()) console.log(`${String(count).padStart(8)}  ${key}`)
const seconds = ((performance.now() - started) / 1_000).toFixed(1)
console.log(`${sent} requests in ${seconds} s, seed ${seed}: ${violations.length} violations`)
for (const violation of violations) console.error(violation)
process.exit(violations.length > 0 ? 1 : 0)
