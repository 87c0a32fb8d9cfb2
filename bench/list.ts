/**
 * List and summary through the API, without its cache, beside the live queries of the original system on
 * the POS's tables. Both over HTTP on Bun, the same data in the same server, requests in turn.
 *
 * 100,000 sales of 10,000 customers; one of them has 13,000 more, so that page 500 exists.
 */
import { startProjector } from '../projector/index.ts'
import { ownersHeaders, serveApi } from './support/api.ts'
import { createModels, startServer } from './support/cluster.ts'
import { serveLiveQueries } from './support/live-query.ts'
import { type Figure, figure, median } from './support/report.ts'
import { customerId, openChain, ringUp } from './support/workload.ts'

const SALES = Number(process.env.BENCH_SALES ?? 100_000)
const OF_ONE = 13_000
const PAGE = 25
const DEEP_PAGE = 500
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 200)

export async function run(say: (line: string) => void): Promise<Figure[]> {
  const server = await startServer()
  try {
    await createModels(server, 'source', 'read')
    const source = server.connect('source')
    await openChain(source)
    say(`ringing up ${SALES + OF_ONE} sales …`)
    await ringUp(source, 1, SALES + OF_ONE)
    await source`update sale set customer_id = ${customerId(1)} where id in (
      select id from sale order by completed_at desc limit ${OF_ONE})`
    await source`vacuum analyze`
    const urls = { sourceUrl: server.cluster.url('source'), readUrl: server.cluster.url('read') }
    const projector = startProjector(urls)
    await projector.live
    await projector.stop()
    await server.connect('read')`vacuum analyze`
    // Nothing raises floors here, so nothing is ever taken for fresh: every request asks the store.
    const api = await serveApi(urls.readUrl)
    const live = serveLiveQueries(urls.sourceUrl)
    const headers = await ownersHeaders()
    try {
      return await measure(api.url, live.url, headers)
    } finally {
      await Promise.all([api.stop(), live.stop()])
    }
  } finally {
    await server.stop()
  }
}

async function measure(
  api: string,
  live: string,
  headers: Record<string, string>,
): Promise<Figure[]> {
  const many = customerId(1)
  const few = customerId(4_321)
  const deep = await cursorOfPage(`${api}/customers/${many}/purchases`, headers)
  const list = (id: string, query = '') => `/customers/${id}/purchases${query}`
  const summary = (id: string) => `/customers/${id}/purchase-summary`
  const pairs: { name: string; ours: string; peer: string }[] = [
    { name: 'list, page 1, 13,000 purchases', ours: list(many), peer: list(many) },
    {
      name: `list, page ${DEEP_PAGE}, 13,000 purchases`,
      ours: list(many, `?cursor=${encodeURIComponent(deep)}`),
      peer: list(many, `?offset=${(DEEP_PAGE - 1) * PAGE}`),
    },
    { name: 'summary, 13,000 purchases', ours: summary(many), peer: summary(many) },
    { name: 'list, about 10 purchases', ours: list(few), peer: list(few) },
    { name: 'summary, about 10 purchases', ours: summary(few), peer: summary(few) },
  ]
  const figures: Figure[] = []
  const ours: number[] = []
  for (const { name, ours: path, peer } of pairs) {
    const times = await inTurn(
      () => get(api + path, headers),
      () => get(live + peer, {}),
    )
    ours.push(times.a)
    figures.push(figure(name, 1000 / times.a, 1000 / times.b, 'requests/s', 5))
  }
  figures.push(figure(`page ${DEEP_PAGE} beside page 1`, ours[1]!, ours[0]!, 'ms', 1.3, false))
  return figures
}

/** Median milliseconds of each, asked in turn so that a noisy moment hits both. */
async function inTurn(a: () => Promise<void>, b: () => Promise<void>) {
  for (let i = 0; i < 20; i++) {
    await a()
    await b()
  }
  const times = { a: [] as number[], b: [] as number[] }
  for (let i = 0; i < ROUNDS; i++) {
    times.a.push(await timed(a))
    times.b.push(await timed(b))
  }
  return { a: median(times.a), b: median(times.b) }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

async function get(url: string, headers: Record<string, string>): Promise<void> {
  const response = await fetch(url, { headers })
  const text = await response.text()
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`)
}

async function cursorOfPage(url: string, headers: Record<string, string>): Promise<string> {
  let cursor = ''
  for (let page = 1; page < DEEP_PAGE; page++) {
    const query = cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''
    const response = await fetch(url + query, { headers })
    const { page: paging } = (await response.json()) as { page: { next: string | null } }
    if (!paging.next) throw new Error(`there is no page ${page + 1}`)
    cursor = paging.next
  }
  return cursor
}
