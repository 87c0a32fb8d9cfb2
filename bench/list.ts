/**
 * List and summary through the API, without its cache, beside the live queries of the original system on
 * the POS's tables. Both over HTTP on Bun, the same data in the same server, requests in turn.
 */
import { ownersHeaders, serveApi } from './support/api.ts'
import { FEW, MANY, makeHistory } from './support/history.ts'
import { serveLiveQueries } from './support/live-query.ts'
import { type Figure, figure, median } from './support/report.ts'

const PAGE = 25
const DEEP_PAGE = 500
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 200)

export async function run(say: (line: string) => void): Promise<Figure[]> {
  const { sourceUrl, readUrl, stop } = await makeHistory(say)
  try {
    // Nothing raises floors here, so nothing is ever taken for fresh: every request asks the store.
    const api = await serveApi(readUrl)
    const live = serveLiveQueries(sourceUrl)
    const headers = await ownersHeaders()
    try {
      return await measure(api.url, live.url, headers)
    } finally {
      await Promise.all([api.stop(), live.stop()])
    }
  } finally {
    await stop()
  }
}

async function measure(
  api: string,
  live: string,
  headers: Record<string, string>,
): Promise<Figure[]> {
  const deep = await cursorOfPage(`${api}/customers/${MANY}/purchases`, headers)
  const list = (id: string, query = '') => `/customers/${id}/purchases${query}`
  const summary = (id: string) => `/customers/${id}/purchase-summary`
  const pairs: { name: string; ours: string; peer: string }[] = [
    { name: 'list, page 1, 13,000 purchases', ours: list(MANY), peer: list(MANY) },
    {
      name: `list, page ${DEEP_PAGE}, 13,000 purchases`,
      ours: list(MANY, `?cursor=${encodeURIComponent(deep)}`),
      peer: list(MANY, `?offset=${(DEEP_PAGE - 1) * PAGE}`),
    },
    { name: 'summary, 13,000 purchases', ours: summary(MANY), peer: summary(MANY) },
    { name: 'list, about 10 purchases', ours: list(FEW), peer: list(FEW) },
    { name: 'summary, about 10 purchases', ours: summary(FEW), peer: summary(FEW) },
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
