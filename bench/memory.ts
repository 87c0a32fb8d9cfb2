/**
 * Memory: how far a projector's process grows over its size at rest while it applies one transaction of a
 * million rows (250,000 sales, each followed by its 3 lines). Once more with a transaction that writes all
 * sales first and their lines behind: every line then changes a purchase that was written long ago.
 */
import { writeFile } from 'node:fs/promises'
import type { Sql } from 'postgres'
import { readPosition, waitUntilApplied } from '../projector/position.ts'
import { emitMark } from '../src/postgres/mark.ts'
import { createModels, startServer } from './support/cluster.ts'
import { megabytes } from './support/process.ts'
import { type Figure, limit } from './support/report.ts'
import { BUSINESS, openChain } from './support/workload.ts'

const SALES = Number(process.env.BENCH_SALES ?? 250_000)
const LINES = 3
const TARGET_MB = 150

export async function run(say: (line: string) => void): Promise<Figure[]> {
  const server = await startServer()
  try {
    await createModels(server, 'source', 'read')
    const source = server.connect('source')
    const read = server.connect('read')
    await openChain(source)
    const projector = Bun.spawn({
      cmd: [process.execPath, 'cli/pt.ts', 'projector', 'run'],
      cwd: new URL('..', import.meta.url).pathname,
      env: {
        ...process.env,
        SOURCE_DATABASE_URL: server.cluster.url('source'),
        READ_DATABASE_URL: server.cluster.url('read'),
      },
      stdout: 'ignore',
      stderr: 'ignore',
    })
    try {
      while ((await readPosition(source, read, 'main')).checkpoint?.serving !== true)
        await Bun.sleep(50)
      const figures: Figure[] = []
      for (const [name, statements] of Object.entries(TRANSACTIONS)) {
        const rest = await megabytes(projector.pid, 'VmRSS')
        await writeFile(`/proc/${projector.pid}/clear_refs`, '5')
        say(`one transaction of ${SALES * (1 + LINES)} rows, ${name} …`)
        const started = performance.now()
        await source.begin(async (tx) => {
          for (const statement of statements) await tx.unsafe(statement)
        })
        const committed = performance.now()
        await caughtUp(source, read)
        const peak = await megabytes(projector.pid, 'VmHWM')
        const seconds = (performance.now() - committed) / 1000
        say(
          `committed after ${((committed - started) / 1000).toFixed(0)} s, readable ${seconds.toFixed(0)} s later (${((SALES * (1 + LINES)) / seconds).toFixed(0)} rows/s); ${rest.toFixed(0)} MB at rest, at most ${peak.toFixed(0)} MB`,
        )
        figures.push(limit(`memory, ${name}`, peak - rest, 'MB', TARGET_MB))
      }
      return figures
    } finally {
      projector.kill()
      await projector.exited
    }
  } finally {
    await server.stop()
  }
}

const sale = (run: number) => `
  insert into sale (id, business_id, location_id, type, status, currency, subtotal, total, completed_at)
  values (md5('${run}/' || i)::uuid, '${BUSINESS}', (select id from location limit 1), 'sale', 'completed',
    'GBP', 3000, 3000, now())`
const lines = (run: number, i: string) => `
  insert into sale_line (id, business_id, sale_id, line_no, product_name, sku, qty, unit_price, total)
  select gen_random_uuid(), '${BUSINESS}', md5('${run}/' || ${i})::uuid, no, 'A product with a name', 'SKU-' || no,
    1, 1000, 1000
  from generate_series(1, ${LINES}) no`
const loop = (body: string) => `do $$ begin for i in 1..${SALES} loop ${body}; end loop; end $$`

const TRANSACTIONS = {
  'a sale and then its lines': [loop(`${sale(1)}; ${lines(1, 'i')}`)],
  'all sales and then all lines': [loop(sale(2)), loop(lines(2, 'i'))],
}

async function caughtUp(source: Sql, read: Sql) {
  const mark = await emitMark(source)
  if (!(await waitUntilApplied(source, read, 'main', mark, { patienceMs: 30 * 60_000 })))
    throw new Error('the projector does not get there')
}
