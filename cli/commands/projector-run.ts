/** `pt projector run`: the projector alone, between the databases that the environment names. */
import { startProjector } from '../../projector/index.ts'
import { UpstashStore } from '../../src/cache/upstash-store.ts'
import { jsonLog } from '../../src/log.ts'
import type { Command } from '../command.ts'
import {
  environmentCache,
  PROJECTION_OPTIONS,
  projectionOptions,
  resolveConnections,
} from '../connections.ts'
import { projecting } from '../projecting.ts'

export const command: Command = {
  path: ['projector', 'run'],
  summary: 'Run the projector alone, until Ctrl-C',
  usage: '[--source NAME] [--slot NAME] [--schema NAME] [--publication NAME] [--failover-slot]',
  options: PROJECTION_OPTIONS,
  async run({ data, values, signal }) {
    const { sourceUrl, readUrl } = await resolveConnections(data)
    const cache = environmentCache()
    const projection = projectionOptions(values)
    return projecting({ sourceUrl, readUrl }, async () => {
      const projector = startProjector({
        sourceUrl,
        readUrl,
        log: jsonLog('projector'),
        ...projection,
        ...(cache && { floors: new UpstashStore(cache) }),
      })
      signal.addEventListener('abort', () => void projector.stop())
      await projector.finished
      return 0
    })
  },
}
