/**
 * A merge: from the commit's return until the summary and the list of both ids show it through the API.
 * A customer of 10,000 purchases of 4 lines is merged into one of 5,000, and unmerged, in turn, while other
 * tills ring up some 50 sales a second. Asked with the cache, which had the answers before, and without.
 */
import type { Sql } from 'postgres'
import { startProjector } from '../projector/index.ts'
import { commit } from '../src/command/commit.ts'
import { mergeCustomers } from '../src/command/merge-customers.ts'
import { unmergeCustomers } from '../src/command/unmerge-customers.ts'
import { scopeOf } from '../src/domain/scope.ts'
import type { BunServer } from '../src/entry/bun.ts'
import { ownersHeaders, serveApi } from './support/api.ts'
import { createModels, startServer } from './support/cluster.ts'
import { type Figure, limit, median } from './support/report.ts'
import { BUSINESS, customerId, openChain, ringUp } from './support/workload.ts'

const SALES = Number(process.env.BENCH_SALES ?? 50_000)
const MOVED = 10_000
const KEPT = 5_000
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5)
const TARGET_S = 1
const TILL_MS = 20
/** Not more often: all of it runs in this one process, and asking takes from what is measured. */
const POLL_MS = 50
const [FROM, INTO] = [customerId(1), customerId(2)]

/** Seconds from the commit's return, and what the command itself took. */
interface Times {
  command: number
  cached: number
  uncached: number
}

export async function run(say: (line: string) => void): Promise<Figure[]> {
  const server = await startServer()
  try {
    await createModels(server, 'source', 'read')
    const source = server.connect('source')
    await openChain(source)
    say(`ringing up ${SALES} sales …`)
    await ringUp(source, 1, SALES)
    await source`
      update sale set customer_id = case when n <= ${MOVED} then ${FROM} else ${INTO} end::uuid
      from (select id, row_number() over (order by id) as n from sale) numbered
      where numbered.id = sale.id and n <= ${MOVED + KEPT}`
    // What chance gave the two besides.
    await source`
      update sale set customer_id = null where id not in (
        select id from sale order by id limit ${MOVED + KEPT}) and customer_id in (${FROM}, ${INTO})`
    await source`vacuum analyze`
    const urls = { sourceUrl: server.cluster.url('source'), readUrl: server.cluster.url('read') }
    const [cached, uncached] = [await serveApi(urls.readUrl), await serveApi(urls.readUrl)]
    // Nothing raises the floors of the other API's cache, so it takes nothing for fresh.
    const projector = startProjector({ ...urls, floors: cached.floors })
    await projector.live
    await server.connect('read')`vacuum analyze`
    const till = ringOn(server.connect('source'))
    const asked = await asker(cached, uncached)
    const merges: Times[] = []
    const unmerges: Times[] = []
    try {
      const scope = await scopeOf(BUSINESS, '*')
      for (let round = 1; round <= ROUNDS; round++) {
        await asked.until(MOVED, KEPT)
        const merge = await timed(urls.sourceUrl, asked, [MOVED + KEPT, MOVED + KEPT], (tx) =>
          mergeCustomers(tx, {
            scope,
            fromCustomerId: FROM,
            intoCustomerId: INTO,
            mergedBy: null,
            reason: null,
          }),
        )
        merges.push(merge.times)
        const { mergeId } = merge.result
        const unmerge = await timed(urls.sourceUrl, asked, [MOVED, KEPT], (tx) =>
          unmergeCustomers(tx, { scope, mergeId, customerId: FROM }),
        )
        unmerges.push(unmerge.times)
        say(`round ${round}: ${told('merge', merge.times)}; ${told('unmerge', unmerge.times)}`)
      }
    } finally {
      await till.stop()
      await projector.stop()
      await Promise.all([cached.stop(), uncached.stop()])
    }
    return [
      limit('merge, through the cache', median(merges.map((t) => t.cached)), 's', TARGET_S),
      limit('merge, without cache', median(merges.map((t) => t.uncached)), 's', TARGET_S),
      limit('unmerge, through the cache', median(unmerges.map((t) => t.cached)), 's', TARGET_S),
    ]
  } finally {
    await server.stop()
  }
}

function told(what: string, { command, cached, uncached }: Times): string {
  const [a, b, c] = [command, cached, uncached].map((seconds) => seconds.toFixed(3))
  return `${what} committed in ${a} s, readable after ${b} s (without cache ${c} s)`
}

async function timed<T>(
  sourceUrl: string,
  asked: Awaited<ReturnType<typeof asker>>,
  [from, into]: [number, number],
  command: Parameters<typeof commit<T>>[1],
): Promise<{ result: T; times: Times }> {
  const began = performance.now()
  const { result } = await commit(sourceUrl, command)
  const committed = performance.now()
  const { cached, uncached } = await asked.until(from, into)
  return {
    result,
    times: {
      command: (committed - began) / 1000,
      cached: (cached - committed) / 1000,
      uncached: (uncached - committed) / 1000,
    },
  }
}

/** Asks both APIs for both customers, over and over, until they have so many purchases. */
async function asker(cachedApi: BunServer, uncachedApi: BunServer) {
  const headers = await ownersHeaders()
  const get = async (url: string) => {
    const response = await fetch(url, { headers })
    if (!response.ok) throw new Error(`${url}: ${response.status}`)
    // biome-ignore lint/suspicious/noExplicitAny: two kinds of answers
    return (await response.json()) as any
  }
  const shows = async (api: string, id: string, count: number) => {
    const summary = await get(`${api}/customers/${id}/purchase-summary`)
    const list = await get(`${api}/customers/${id}/purchases`)
    const { orderCount } = summary.totals[0]
    return orderCount === count && list.customerId === summary.customerId
  }
  const untilShown = async ({ url }: BunServer, from: number, into: number) => {
    for (;;) {
      const shown = [await shows(url, FROM, from), await shows(url, INTO, into)]
      if (!shown.includes(false)) return performance.now()
      await Bun.sleep(POLL_MS)
    }
  }
  return {
    /** When each of the two showed it, as `performance.now()` tells time. */
    async until(from: number, into: number) {
      const [cached, uncached] = await Promise.all([
        untilShown(cachedApi, from, into),
        untilShown(uncachedApi, from, into),
      ])
      return { cached, uncached }
    },
  }
}

/** Sales of other customers, one after the other. */
function ringOn(sql: Sql) {
  let stopped = false
  const rings = (async () => {
    for (let n = SALES + 1; !stopped; n++) {
      await sql`insert into sale (business_id, location_id, customer_id, type, status, currency, subtotal, total,
          created_at, completed_at)
        select business_id, location_id, ${customerId(3 + (n % 9_000))}, 'sale', 'completed', currency, 100, 100,
          now(), now() from sale limit 1`
      await Bun.sleep(TILL_MS)
    }
  })()
  return {
    async stop() {
      stopped = true
      await rings
    },
  }
}
