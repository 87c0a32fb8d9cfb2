/**
 * `npm run check:cache -- [--reads 1000000] [--seed 1] [--without-floors]`: see check.ts. Exits with 1 when an
 * answer was stale or mixed; with `--without-floors`, when none was found.
 */
import { parseArgs } from 'node:util'
import { stopTestCluster } from '../support/postgres.ts'
import { type CheckReport, checkCache } from './check.ts'
import { FAULTS } from './faults.ts'

const { values } = parseArgs({
  options: {
    reads: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    'without-floors': { type: 'boolean', default: false },
  },
})
const reads = Number(values.reads)
const seed = Number(values.seed)
const ignoresFloors = values['without-floors']
if (!(reads > 0) || !Number.isInteger(seed)) {
  console.error('usage: check:cache [--reads N] [--seed N] [--without-floors]')
  process.exit(2)
}

const EVERY_S = 10
let next = EVERY_S
let told = 0
function onProgress({ seconds, ...report }: CheckReport) {
  for (; told < report.flaws.length; told += 1) console.log(report.flaws[told])
  if (seconds < next) return
  next += EVERY_S
  console.log(`${Math.round(seconds)} s: ${line(report)}`)
}

const line = ({ reads, hits, absent, commits, struck, wrong }: Omit<CheckReport, 'seconds'>) =>
  `${reads} reads, ${hits} from the cache, ${absent} of nothing, ${commits} commits, ${struck} faults, ${wrong} wrong`

console.log(`seed ${seed}, ${reads} reads`)
const faults = ignoresFloors ? [] : Object.keys(FAULTS)
const report = await checkCache({ reads, seed, faults, ignoresFloors, onProgress })
console.log(`${line(report)} (seed ${seed})`)
await stopTestCluster()
process.exit((report.wrong === 0) === ignoresFloors ? 1 : 0)
