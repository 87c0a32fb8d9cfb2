/**
 * Rebuild of the read model, beside one set-based SQL statement that builds the same tables inside the
 * source's database. Both with their indexes, in turn, of 100,000 sales of 4 lines; what they build is
 * compared by checksum.
 *
 * A rebuild's time is until the new generation is whole and caught up. The proof that it equals the
 * source, which a statement does not give, comes on top; it is told as well.
 */
import { startProjector } from '../projector/index.ts'
import { rebuild } from '../projector/rebuild.ts'
import { readChecksums } from '../projector/record/checksums.ts'
import { createModels, startServer } from './support/cluster.ts'
import { type Figure, figure, median } from './support/report.ts'
import { buildBySql, dropPeer } from './support/set-based.ts'
import { openChain, ringUp } from './support/workload.ts'

const SALES = Number(process.env.BENCH_SALES ?? 100_000)
const RUNS = Number(process.env.BENCH_RUNS ?? 3)

export async function run(say: (line: string) => void): Promise<Figure[]> {
  const server = await startServer()
  try {
    await createModels(server, 'source', 'read')
    const source = server.connect('source')
    await openChain(source)
    say(`ringing up ${SALES} sales …`)
    await ringUp(source, 1, SALES)
    await source`vacuum analyze`
    const urls = { sourceUrl: server.cluster.url('source'), readUrl: server.cluster.url('read') }
    const first = startProjector(urls)
    await first.live
    await first.stop()
    const ours: number[] = []
    const peer: number[] = []
    for (let n = 1; n <= RUNS; n++) {
      await source`checkpoint`
      peer.push(await buildBySql(source))
      if (n === 1) await refuseUnlessSame(urls)
      await dropPeer(source)
      await source`checkpoint`
      const { wholeMs, switchedMs } = await rebuild(urls)
      ours.push(wholeMs / 1000)
      say(
        `run ${n}: rebuild ${ours.at(-1)!.toFixed(2)} s, proven and switched to after ${(switchedMs / 1000).toFixed(2)} s; one SQL statement ${peer.at(-1)!.toFixed(2)} s`,
      )
    }
    return [figure('rebuild', median(ours), median(peer), 's', 1.3, false)]
  } finally {
    await server.stop()
  }
}

/** A peer that built something else would be no peer. */
async function refuseUnlessSame({ sourceUrl, readUrl }: { sourceUrl: string; readUrl: string }) {
  const [ours, peer] = await Promise.all([readChecksums(readUrl), readChecksums(sourceUrl, 'peer')])
  for (const { table, checksum } of ours)
    if (peer.find((other) => other.table === table)?.checksum !== checksum)
      throw new Error(`the statement builds another ${table}`)
}
