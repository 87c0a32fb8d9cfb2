/**
 * `bun test/replay/record.ts`: records the tiny demo anew, and writes what its replay makes of it.
 *
 * Positions and commit times are replaced by a plain sequence, so that recording the same rows again is
 * the same file, and a change of the demo or of the projection is a diff that can be read.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seedDemo } from '../../cli/demo/index.ts'
import { startRecording } from '../../projector/record/record.ts'
import { connectSource } from '../../projector/source/slot.ts'
import { emitMark } from '../../src/postgres/mark.ts'
import { createTestDatabases, stopTestCluster } from '../support/postgres.ts'
import { GOLDEN, RECORDING, replayInto } from './support.ts'

const directory = await mkdtemp(join(tmpdir(), 'pt-record-'))
try {
  const file = join(directory, 'recording.ndjson')
  const recorded = await createTestDatabases()
  const recording = await startRecording({ sourceUrl: recorded.sourceUrl, file })
  await seedDemo({ sourceUrl: recorded.sourceUrl, size: 'tiny' })
  const source = connectSource(recorded.sourceUrl, 1)
  await recording.finish(await emitMark(source))
  await source.end({ timeout: 1 })
  await writeFile(RECORDING, normalised(await readFile(file, 'utf8')))
  const { readUrl } = await createTestDatabases()
  await writeFile(GOLDEN, `${JSON.stringify(await replayInto(readUrl), null, 1)}\n`)
} finally {
  await stopTestCluster()
  await rm(directory, { recursive: true, force: true })
}
process.exit(0)

function normalised(recording: string): string {
  const [header, ...lines] = recording.trimEnd().split('\n')
  const end = lines.pop()
  const transactions = lines.map((line, n) => {
    const { changes } = JSON.parse(line) as { changes: unknown }
    const at = (0x1000 * (n + 1)).toString(16).toUpperCase()
    const behind = (0x1000 * (n + 1) + 0x30).toString(16).toUpperCase()
    const committedAt = new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString()
    return JSON.stringify({
      commitLsn: `0/${at}`,
      endLsn: `0/${behind}`,
      committedAt: committedAt.replace('Z', '000Z'),
      changes,
    })
  })
  return `${[header, ...transactions, end].join('\n')}\n`
}
