/** `pt projector run`: the projector alone, between the databases that the environment names. */
import { startProjector } from '../../projector/index.ts'
import { type MetricsOptions, ProjectorMetrics, serveMetrics } from '../../projector/metrics.ts'
import { UpstashStore } from '../../src/cache/upstash-store.ts'
import { jsonLog } from '../../src/log.ts'
import type { Command } from '../command.ts'
import {
  environmentCache,
  FAILOVER_OPTION,
  PROJECTION_OPTIONS,
  projectionOptions,
  resolveConnections,
} from '../connections.ts'
import { projecting } from '../projecting.ts'
import { parsePort, portError } from '../stack/port.ts'

export const command: Command = {
  path: ['projector', 'run'],
  summary: 'Run the projector alone, until Ctrl-C',
  usage:
    '[--source NAME] [--slot NAME] [--schema NAME] [--publication NAME] [--failover-slot] [--metrics-port N [--host 127.0.0.1]]',
  options: {
    ...PROJECTION_OPTIONS,
    ...FAILOVER_OPTION,
    'metrics-port': {
      type: 'string',
      value: 'N',
      help: 'serves /metrics on this port (default: nowhere)',
    },
    host: {
      type: 'string',
      value: 'ADDRESS',
      default: '127.0.0.1',
      help: 'the address of the metrics',
    },
  },
  async run({ data, values, signal }) {
    const { sourceUrl, readUrl } = await resolveConnections(data)
    const cache = environmentCache()
    const projection = projectionOptions(values)
    const host = values.host as string
    const port = values['metrics-port']
    const metricsPort = typeof port === 'string' ? parsePort(port, '--metrics-port') : null
    return projecting({ sourceUrl, readUrl }, async () => {
      const projector = startProjector({
        sourceUrl,
        readUrl,
        log: jsonLog('projector'),
        ...projection,
        ...(cache && { floors: new UpstashStore(cache) }),
      })
      signal.addEventListener('abort', () => void projector.stop())
      const endMetrics =
        metricsPort === null
          ? async () => {}
          : serve({ projector, sourceUrl, readUrl, ...projection }, metricsPort, host)
      await projector.finished.finally(endMetrics)
      return 0
    })
  },
}

/** Serves the metrics; returns what ends that. */
function serve(options: MetricsOptions, port: number, host: string): () => Promise<void> {
  const metrics = new ProjectorMetrics(options)
  try {
    const server = serveMetrics(metrics, port, host)
    return async () => {
      await server.stop(true)
      await metrics.close()
    }
  } catch (error) {
    void metrics.close()
    throw portError(host, port, error, '--metrics-port')
  }
}
