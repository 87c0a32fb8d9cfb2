/**
 * Faults for as long as one likes: `npm run soak -- --minutes 40 [--seed 1] [--only slot-lost] [--lanes 4]`.
 *
 * Several lanes strike at once, each with a PostgreSQL and a projector of its own; the kind that was struck
 * the least comes next. Prints what differs as it is found and a table at the end; exits with 1 when
 * anything was lost, doubled, different or stuck.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { FAULT_KINDS, type FaultKind } from './kinds.ts'
import type { Order, Outcome } from './lane.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    only: { type: 'string', multiple: true, default: [...FAULT_KINDS] },
    lanes: { type: 'string', default: '4' },
  },
})
const minutes = Number(values.minutes)
const seed = Number(values.seed)
const kinds = values.only.filter((kind): kind is FaultKind => kind in { ...tallies(FAULT_KINDS) })
if (kinds.length !== values.only.length || !(minutes > 0) || !Number.isInteger(seed)) {
  console.error(
    `usage: soak [--minutes N] [--seed N] [--lanes N] [--only ${FAULT_KINDS.join(' | ')}]…`,
  )
  process.exit(2)
}

let end = performance.now() + minutes * 60_000
const tally = tallies(kinds)
let number = 0
let differences = 0
/** What is under way then is neither a recovery nor a difference. */
let interrupted = false

function tallies(of: readonly FaultKind[]) {
  const none = () => ({ struck: 0, recovered: 0, longestMs: 0, totalMs: 0 })
  return Object.fromEntries(of.map((kind) => [kind, none()])) as Record<
    FaultKind,
    ReturnType<typeof none>
  >
}

function nextOrder(): Order {
  const kind = kinds.reduce((least, kind) =>
    tally[kind].struck < tally[least].struck ? kind : least,
  )
  tally[kind].struck++
  return { number: ++number, kind, seed }
}

function note({ number, kind, recoveryMs, failure }: Outcome) {
  const of = tally[kind]
  if (failure === null) {
    of.recovered++
    of.totalMs += recoveryMs
    of.longestMs = Math.max(of.longestMs, recoveryMs)
    return
  }
  differences++
  console.log(`seed ${seed}, fault ${number}, ${kind}: ${failure}`)
}

/** Runs until the time is over, or the lane ends by itself. */
async function lane() {
  const program = fileURLToPath(new URL('lane.ts', import.meta.url))
  let answered: (outcome: Outcome) => void = () => {}
  const process = Bun.spawn([globalThis.process.execPath, program], {
    stdio: ['ignore', 'inherit', 'inherit'],
    ipc: (outcome: Outcome) => answered(outcome),
  })
  while (performance.now() < end) {
    const order = nextOrder()
    const outcome = new Promise<Outcome>((resolve) => {
      answered = resolve
      process.exited.then(() =>
        resolve({ ...order, recoveryMs: 0, failure: 'the lane has ended by itself' }),
      )
    })
    process.send(order)
    const came = await outcome
    // An interrupt at a terminal reaches the lanes as well.
    if (interrupted) return
    note(came)
    if (process.exitCode !== null || process.signalCode !== null) return
  }
  process.disconnect()
  await process.exited
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interrupted = true
    end = 0
  })
}

console.log(`seed ${seed}, ${minutes} minutes, ${kinds.length} kinds of fault`)
await Promise.all(
  Array.from({ length: Number(values.lanes) }, async () => {
    while (performance.now() < end) await lane()
  }),
)

console.table(
  Object.fromEntries(
    kinds.map((kind) => {
      const { struck, recovered, longestMs, totalMs } = tally[kind]
      const meanMs = Math.round(totalMs / Math.max(recovered, 1))
      return [
        kind,
        { faults: struck, recoveries: recovered, meanMs, longestMs: Math.round(longestMs) },
      ]
    }),
  ),
)
console.log(`${number} faults, ${differences} differences (seed ${seed})`)
process.exit(differences === 0 ? 0 : 1)
