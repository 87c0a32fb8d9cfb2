/**
 * What a purchase costs in a read model of 0.1, 1 and 10 million: to apply, to keep, and to read.
 *
 * The first 100,000 purchases are all of one customer, so that the same list can be asked for at each
 * size. The rest are written into the read model by SQL; then 20,000 sales of 4 lines with random ids come
 * through the source, the slot and the projector. The API is asked without its cache.
 */
import type { Sql } from 'postgres'
import { startProjector } from '../projector/index.ts'
import { waitUntilApplied } from '../projector/position.ts'
import { emitMark } from '../src/postgres/mark.ts'
import { ownersHeaders, serveApi } from './support/api.ts'
import { createModels, startServer } from './support/cluster.ts'
import { type Figure, figure, median } from './support/report.ts'
import { BUSINESS, customerId, LINES, openChain, ringUp } from './support/workload.ts'

const SIZES = (process.env.BENCH_SIZES ?? '100000,1000000,10000000').split(',').map(Number)
const OF_ONE = SIZES[0]!
const TAIL = Number(process.env.BENCH_SALES ?? 20_000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 200)
const DEEP_PAGE = 500
const TARGET = 1.5
const ONE = customerId(1)

interface Size {
  rows: number
  bytesEach: number
  tailRowsPerSecond: number
  /** Milliseconds, by what was asked for. */
  medians: Record<string, number>
}

export async function run(say: (line: string) => void): Promise<Figure[]> {
  const server = await startServer()
  try {
    await createModels(server, 'source', 'read')
    const source = server.connect('source')
    const read = server.connect('read')
    await openChain(source)
    const urls = { sourceUrl: server.cluster.url('source'), readUrl: server.cluster.url('read') }
    const projector = startProjector(urls)
    await projector.live
    const api = await serveApi(urls.readUrl)
    const headers = await ownersHeaders()
    const get = async (path: string) => {
      const response = await fetch(`${api.url}${path}`, { headers })
      if (!response.ok) throw new Error(`${path}: ${response.status}`)
      // biome-ignore lint/suspicious/noExplicitAny: three kinds of answers
      return (await response.json()) as any
    }
    const sizes: Size[] = []
    let rows = 0
    let rung = 0
    for (const size of SIZES) {
      say(`filling the read model up to ${size} purchases …`)
      await fill(read, rows, size)
      rows = size
      await read`vacuum analyze`
      await read`checkpoint`
      const medians = await ask(get)
      const began = performance.now()
      await ringUp(source, rung + 1, rung + TAIL, 'random')
      rung += TAIL
      // The backlog that has gathered while it was rung up counts with the time that it took.
      const mark = await emitMark(source)
      if (!(await waitUntilApplied(source, read, 'main', mark)))
        throw new Error('the projector does not get there')
      const seconds = (performance.now() - began) / 1000
      const [bytes] = await read<{ each: number }[]>`
        select sum(pg_total_relation_size(c.oid))::float8 / ${size + rung} as each
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname like 'generation_%' and c.relkind = 'r'`
      const tailRowsPerSecond = (TAIL * (1 + LINES)) / seconds
      sizes.push({ rows: size, bytesEach: bytes!.each, tailRowsPerSecond, medians })
      say(told(sizes.at(-1)!))
    }
    await projector.stop()
    await api.stop()
    return figuresOf(sizes)
  } finally {
    await server.stop()
  }
}

function told({ rows, bytesEach, tailRowsPerSecond, medians }: Size): string {
  const asked = Object.entries(medians).map(([name, ms]) => `${name} ${ms.toFixed(2)} ms`)
  return `${rows.toLocaleString('en')}: ${bytesEach.toFixed(0)} bytes a purchase, rung up and applied at ${tailRowsPerSecond.toFixed(0)} rows/s; ${asked.join(', ')}`
}

/** Each size beside the first. */
function figuresOf([first, ...others]: Size[]): Figure[] {
  return others.flatMap((size) => {
    const at = `${size.rows / 1e6}M purchases`
    const reads = Object.keys(size.medians).map((name) =>
      figure(`${name}, ${at}`, size.medians[name]!, first!.medians[name]!, 'ms', TARGET, false),
    )
    const [ours, peer] = [size.tailRowsPerSecond, first!.tailRowsPerSecond]
    return [...reads, figure(`tail, ${at}`, ours, peer, 'rows/s', 0.67)]
  })
}

async function ask(get: (path: string) => Promise<unknown>): Promise<Record<string, number>> {
  const list = `/customers/${ONE}/purchases?limit=25`
  // biome-ignore lint/suspicious/noExplicitAny: two kinds of answers
  let page = (await get(list)) as any
  const receipt = `/customers/${ONE}/purchases/${page.data[0].id}`
  for (let n = 2; n < DEEP_PAGE; n++)
    page = await get(`${list}&cursor=${encodeURIComponent(page.page.next)}`)
  const paths = {
    'list, page 1': list,
    [`list, page ${DEEP_PAGE}`]: `${list}&cursor=${encodeURIComponent(page.page.next)}`,
    summary: `/customers/${ONE}/purchase-summary`,
    receipt,
  }
  const times: Record<string, number[]> = {}
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, path] of Object.entries(paths)) {
      const began = performance.now()
      await get(path)
      times[name] ??= []
      times[name].push(performance.now() - began)
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]))
}

/** Purchases of two lines as the projector writes them: the first of one customer, the others of 100,000. */
async function fill(read: Sql, from: number, to: number) {
  const [row] = await read<{ generation: number }[]>`
    select generation from projection_checkpoint where serving`
  const schema = `generation_${row!.generation}`
  const line = (no: number) =>
    `["' || gen_random_uuid() || '","${no}",null,null,"A product with a name",null,"SKU-${no}",null,null,null,"1.000","1000","0","0","1000"]`
  await read.unsafe(`
    insert into ${schema}.purchase_timeline (purchase_id, business_id, kind, type, status, counted, listed, customer_id,
      location_id, occurred_at, receipt_number, currency, subtotal, discount_total, tax_total, tip_total, total,
      refunded, item_count, lines, payments, lsn)
    select gen_random_uuid(), '${BUSINESS}', 'sale', 'sale', 'completed', true, true,
      case when n <= ${OF_ONE} then '${ONE}'::uuid
        else ('30000000-0000-4000-8000-' || lpad((20000 + n % 100000)::text, 12, '0'))::uuid end,
      '10000000-0000-4000-8000-000000000001', timestamptz '2020-01-01' + n * interval '10 seconds',
      'R-' || n, 'GBP', 2000, 0, 0, 0, 2000, 0, 2,
      ('[${line(1)},${line(2)}]')::json, '[]', '0/1'
    from generate_series(${from + 1}, ${to}) n;
    insert into ${schema}.customer_metrics (business_id, customer_id, location_id, currency, order_count, return_count,
      exchange_count, net, refunded, first_purchase_at, last_purchase_at)
    select business_id, customer_id, location_id, currency, count(*), 0, 0, sum(total), 0, min(occurred_at),
      max(occurred_at)
    from ${schema}.purchase_timeline where lsn = '0/1' group by 1, 2, 3, 4
    on conflict (customer_id, location_id, currency, source_id) do update set
      order_count = excluded.order_count, net = excluded.net,
      last_purchase_at = excluded.last_purchase_at`)
}
