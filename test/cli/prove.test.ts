/** `pt projector prove` as a process: on a demo of its own, and on what runs. */
import { expect, test } from 'bun:test'
import { seedDemo } from '../../cli/demo/index.ts'
import { connect } from '../projector/support/projection.ts'
import { createTestDatabases } from '../support/postgres.ts'
import { pt, startPt, until } from '../support/pt.ts'

const SLOW_MS = 180_000

test(
  'on a running stack it shows equal tables, and leaves nothing behind',
  async () => {
    const { sourceUrl, readUrl, drop } = await createTestDatabases()
    const env = { SOURCE_DATABASE_URL: sourceUrl, READ_DATABASE_URL: readUrl }
    const projector = startPt(['projector', 'run'], env)
    const read = connect(readUrl, 1)
    try {
      await seedDemo({ sourceUrl, size: 'tiny' })
      await until(
        async () => (await read`select 1 from projection_checkpoint where serving`).length > 0,
        'it serves',
      )

      const run = await pt(['projector', 'prove', '--on-stack'], env)

      expect(run.stderr).toBe('')
      expect(run.code).toBe(0)
      const lines = run.stdout.trimEnd().split('\n')
      expect(lines.at(-1)).toBe('equal')
      expect(run.stdout).toMatch(/^purchase_timeline {2}tail +[0-9a-f]{32} {2}\d+ rows$/m)
      expect(lines.filter((line) => /^ +replay in pieces +[0-9a-f]{32}/.test(line))).toHaveLength(5)
      expect(await read`select 1 from pg_database where datname like 'pt_prove_%'`).toHaveLength(0)
    } finally {
      projector.signal('SIGTERM')
      await projector.finished
      await read.end({ timeout: 1 })
      await drop()
    }
  },
  SLOW_MS,
)

test(
  'on a fresh clone it needs nothing',
  async () => {
    const run = await pt(['projector', 'prove', '--seed', '7', '--size', 'tiny', '--json'])

    expect(run.stderr).toBe('')
    expect(JSON.parse(run.stdout)).toMatchObject({ equal: true, disturbed: false })
  },
  SLOW_MS,
)
