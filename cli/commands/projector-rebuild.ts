/** `pt projector rebuild`: a new read model beside the one that serves, proven, and switched to. */
import { type RebuildReport, rebuild } from '../../projector/rebuild.ts'
import type { Log } from '../../src/log.ts'
import type { Command } from '../command.ts'
import {
  FAILOVER_OPTION,
  PROJECTION_OPTIONS,
  projectionOptions,
  resolveConnections,
} from '../connections.ts'
import { projecting } from '../projecting.ts'
import { describeVerification } from './projector-verify.ts'

const STEPS = {
  copying: 'Copying the source into a new generation; the old one serves meanwhile',
  verifying: 'Whole. Comparing it with the source',
  switching: 'Equal. Switching to it',
}

export const command: Command = {
  path: ['projector', 'rebuild'],
  summary: 'Build the read model anew beside the one that serves, prove it, and switch to it',
  usage: '[--source NAME] [--slot NAME] [--schema NAME] [--publication NAME] [--failover-slot]',
  options: { ...PROJECTION_OPTIONS, ...FAILOVER_OPTION },
  async run({ data, values, json, signal }) {
    const projection = projectionOptions(values)
    const connections = await resolveConnections(data)
    const say = (line: string) => {
      if (!json) console.log(line)
    }
    const report = await projecting(connections, () =>
      rebuild({
        sourceUrl: connections.sourceUrl,
        readUrl: connections.readUrl,
        ...projection,
        log: progressLog(say),
        signal,
        onStep: (step) => say(STEPS[step]),
      }),
    ).catch((error) => {
      if (!signal.aborted) throw error
      say('Stopped. The old generation serves; start again to go on where this ended')
      return null
    })
    if (!report) return 130
    console.log(json ? JSON.stringify(report) : describe(report))
    return report.switched ? 0 : 1
  },
}

/** What the projector logs, as far as somebody who waits wants to read it. */
function progressLog(say: (line: string) => void): Log {
  return {
    info(message, fields) {
      if (message !== 'copied' || !fields) return
      const { table, rows, about, rowsPerSecond, secondsLeft } = fields
      say(
        `  ${table ?? 'all'}: ${rows} of about ${about} rows, ${rowsPerSecond}/s, ${secondsLeft} s left`,
      )
    },
    warn: (message, fields) => say(`  ${message}${fields?.reason ? `: ${fields.reason}` : ''}`),
    error: (message, fields) => say(`  ${message}${fields?.reason ? `: ${fields.reason}` : ''}`),
  }
}

function describe({ switched, generation, wholeMs, switchedMs, verified }: RebuildReport): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
  if (!switched)
    return [
      ...describeVerification(verified),
      `generation ${generation} is not equal to the source and was dropped; the old one serves`,
    ].join('\n')
  const refused = verified.tables.reduce((sum, table) => sum + table.refused, 0)
  return [
    `Generation ${generation} serves after ${seconds(switchedMs)}: whole after ${seconds(wholeMs)}, then proven`,
    ...(refused > 0
      ? [
          `Not in it are ${refused} rows that could not be projected: see \`pt projector dead-letters\``,
        ]
      : []),
  ].join('\n')
}
