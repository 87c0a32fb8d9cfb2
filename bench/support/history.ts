/**
 * A chain's history, rung up and projected: what the benches of the API ask about. 100,000 sales of 10,000
 * customers; one of them has 13,000 more, so that page 500 exists.
 */
import { startProjector } from '../../projector/index.ts'
import { type BenchServer, createModels, startServer } from './cluster.ts'
import { customerId, openChain, ringUp } from './workload.ts'

const SALES = Number(process.env.BENCH_SALES ?? 100_000)
const OF_ONE = 13_000

/** Who has 13,000 purchases. */
export const MANY = customerId(1)
/** Who has about 10. */
export const FEW = customerId(4_321)

export interface History {
  server: BenchServer
  sourceUrl: string
  readUrl: string
  stop(): Promise<void>
}

export async function makeHistory(say: (line: string) => void): Promise<History> {
  const server = await startServer()
  try {
    await createModels(server, 'source', 'read')
    const source = server.connect('source')
    await openChain(source)
    say(`ringing up ${SALES + OF_ONE} sales …`)
    await ringUp(source, 1, SALES + OF_ONE)
    await source`update sale set customer_id = ${MANY} where id in (
      select id from sale order by completed_at desc limit ${OF_ONE})`
    await source`vacuum analyze`
    const urls = { sourceUrl: server.cluster.url('source'), readUrl: server.cluster.url('read') }
    const projector = startProjector(urls)
    await projector.live
    await projector.stop()
    await server.connect('read')`vacuum analyze`
    return { server, ...urls, stop: () => server.stop() }
  } catch (error) {
    await server.stop()
    throw error
  }
}
