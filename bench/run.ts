/**
 * `npm run bench NAME [-- --json]`: measures one thing beside its peer, in one run, on this machine.
 * With `--json` one document (or an array of them) on stdout; otherwise a table.
 */
import { cpus, totalmem } from 'node:os'
import { type Figure, printTable } from './support/report.ts'

const BENCHES: Record<
  string,
  () => Promise<{ run(say: (line: string) => void): Promise<Figure[]> }>
> = {
  tail: () => import('./tail.ts'),
  rebuild: () => import('./rebuild.ts'),
  freshness: () => import('./freshness.ts'),
  live: () => import('./live.ts'),
  list: () => import('./list.ts'),
  api: () => import('./api.ts'),
  load: () => import('./load.ts'),
  memory: () => import('./memory.ts'),
  scaling: () => import('./scaling.ts'),
  merge: () => import('./merge.ts'),
  app: () => import('./app.ts'),
}

const args = process.argv.slice(2)
const json = args.includes('--json')
const [name, ...rest] = args.filter((arg) => arg !== '--json')
const load = name && Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined
if (!load || rest.length > 0) {
  console.error(`usage: npm run bench NAME [-- --json]   NAME: ${Object.keys(BENCHES).join(', ')}`)
  process.exit(2)
}
const bench = await load()
const figures = await bench.run((line) => console.error(line))
if (json) console.log(JSON.stringify(figures.length === 1 ? figures[0] : figures))
else {
  console.log(
    `${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Bun ${Bun.version}`,
  )
  printTable(figures)
}
process.exit(0)
