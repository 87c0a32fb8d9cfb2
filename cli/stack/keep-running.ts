import type { Log } from '../../src/log.ts'
import { CliError } from '../command.ts'
import type { Cluster } from './cluster.ts'

const MAX_RESTARTS = 5
const WINDOW_MS = 60_000

/**
 * Starts the server again, on its port, whenever it ends by itself: projector and API reconnect.
 * Once `signal` is aborted it resolves, at the latest when the server is gone or started.
 * @throws CliError when it ends again and again, or can't be started
 */
export async function keepRunning(cluster: Cluster, log: Log, signal: AbortSignal): Promise<void> {
  for (let ends: number[] = []; !signal.aborted; ) {
    await cluster.gone()
    if (signal.aborted) return
    ends = [...ends.filter((at) => at > Date.now() - WINDOW_MS), Date.now()]
    if (ends.length > MAX_RESTARTS) {
      throw new CliError(`PostgreSQL ended ${ends.length} times within a minute; see postgres.log`)
    }
    log.warn('PostgreSQL has ended; starting it again')
    await cluster.start()
    log.info('PostgreSQL runs again')
  }
}
