/** `pt projector verify`: proves that the read model equals the source, or names what differs. */
import { type VerifyReport, verify } from '../../projector/verify/verify.ts'
import type { Command } from '../command.ts'
import { PROJECTION_OPTIONS, projectionOptions, resolveConnections } from '../connections.ts'
import { projecting } from '../projecting.ts'

export const command: Command = {
  path: ['projector', 'verify'],
  summary: 'Prove that the read model equals the source; exit 1 and name the rows when not',
  usage: '[--source NAME] [--schema NAME]',
  options: { source: PROJECTION_OPTIONS.source, schema: PROJECTION_OPTIONS.schema },
  async run({ data, values, json, signal }) {
    const projection = projectionOptions(values)
    const connections = await resolveConnections(data)
    const onProgress = (table: string, rows: number) => {
      if (!json && process.stderr.isTTY) process.stderr.write(`\r${table}: ${rows} rows …\x1b[K`)
    }
    const report = await projecting(connections, () =>
      verify({ ...connections, ...projection, signal, onProgress }),
    )
    if (!json && process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    console.log(json ? JSON.stringify(report) : describe(report))
    return report.equal ? 0 : 1
  },
}

/** What was compared, and each difference. */
export function describeVerification({ tables, differences }: VerifyReport): string[] {
  const lines = tables.map(
    ({ table, rows, different, refused }) =>
      `${different === 0 ? 'equal    ' : 'DIFFERENT'}  ${table}: ${rows} rows${different ? `, ${different} differ` : ''}${refused ? `, of which ${refused} are dead letters` : ''}`,
  )
  for (const { table, key, column, expected, actual } of differences)
    lines.push(
      column
        ? `${table} ${key}: ${column} is ${actual}, should be ${expected}`
        : `${table} ${key}: ${actual ? 'should not be there' : 'is missing'}`,
    )
  return lines
}

function describe(report: VerifyReport): string {
  const { equal, lsn } = report
  return [
    ...describeVerification(report),
    equal ? `the read model equals the source at ${lsn}` : `the read model differs, at ${lsn}`,
  ].join('\n')
}
