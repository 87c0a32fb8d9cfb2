/** `pt projector status`: how far the projection is, and how far behind. */
import { connectReadStore } from '../../projector/apply/writing-connection.ts'
import { connectSource } from '../../projector/source/slot.ts'
import { type ProjectionStatus, readStatus } from '../../projector/status.ts'
import type { Command } from '../command.ts'
import { PROJECTION_OPTIONS, projectionOptions, resolveConnections } from '../connections.ts'
import { projecting } from '../projecting.ts'

export const command: Command = {
  path: ['projector', 'status'],
  summary: 'Say how far the read model is behind the source',
  usage: '[--source NAME]',
  options: { source: PROJECTION_OPTIONS.source },
  async run({ data, values, json }) {
    const { sourceId } = projectionOptions(values)
    const connections = await resolveConnections(data)
    const status = await projecting(connections, async () => {
      const source = connectSource(connections.sourceUrl, 1)
      const read = connectReadStore(connections.readUrl, { max: 1 })
      try {
        return await readStatus(source, read, sourceId)
      } finally {
        await Promise.allSettled([source.end({ timeout: 1 }), read.end({ timeout: 1 })])
      }
    })
    console.log(json ? JSON.stringify(status) : describe(status))
    return 0
  },
}

function describe(status: ProjectionStatus): string {
  const { state, appliedLsn, sourceLsn, lagBytes, lagMs, deadLetters } = status
  const lag = lagBytes === 0 ? 'nothing behind' : `${lagBytes} bytes and ${lagMs} ms behind`
  return [
    `${state}: ${lag}`,
    `applied ${appliedLsn ?? '-'}, source ${sourceLsn}`,
    `${deadLetters} dead letters`,
  ].join('\n')
}
