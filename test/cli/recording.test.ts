/** `pt projector record`, `redact` and `replay` as processes: what a user does for a bug report. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { appendFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from '../projector/support/projection.ts'
import { openShop, put, ringUp } from '../projector/support/till.ts'
import { createTestDatabases, type TestDatabases } from '../support/postgres.ts'
import { pt, startPt, temporaryDirectory, until } from '../support/pt.ts'

let databases: TestDatabases
let env: Record<string, string>
let directory: Awaited<ReturnType<typeof temporaryDirectory>>

beforeAll(async () => {
  directory = await temporaryDirectory()
  databases = await createTestDatabases()
  env = { SOURCE_DATABASE_URL: databases.sourceUrl, READ_DATABASE_URL: databases.readUrl }
})
afterAll(async () => {
  await databases.drop()
  await directory.remove()
})

test('a living source is recorded until Ctrl-C, redacted and replayed; a broken file is told of', async () => {
  const file = join(directory.path, 'recording.ndjson')
  const redacted = join(directory.path, 'redacted.ndjson')
  const source = connect(databases.sourceUrl, 1)
  await openShop(source)
  const customer_id = await put(source, 'customer', { name: 'Elspeth' })
  const recorder = startPt(['projector', 'record', '--out', file, '--with-snapshot', '--json'], env)
  await until(() => recorder.output.stderr.includes('Recording to'), 'it records')
  await ringUp(source, { customer_id })
  recorder.signal('SIGINT')
  const recorded = await recorder.finished
  expect(recorded).toMatchObject({ code: 0, stdout: `{"file":"${file}","transactions":2}\n` })

  const again = await pt(['projector', 'record', '--out', file], env)
  expect(again).toMatchObject({ code: 1 })
  expect(again.stderr).toContain('it is there already')

  const made = await pt(['projector', 'redact', file, '--out', redacted])
  expect(made).toMatchObject({ code: 0, stdout: `2 transactions in ${redacted}\n` })
  expect(await Bun.file(file).text()).toContain('Elspeth')
  expect(await Bun.file(redacted).text()).not.toContain('Elspeth')
  const replayed = await pt(['projector', 'replay', redacted, '--json'], env)
  expect(JSON.parse(replayed.stdout)).toMatchObject({
    start: 'snapshot',
    redacted: true,
    transactions: 2,
    deadLetters: 0,
  })

  await truncate(file, (await Bun.file(file).text()).length - 40)
  const broken = await pt(['projector', 'redact', file, '--out', join(directory.path, 'none')])
  expect(broken).toMatchObject({ code: 1 })
  expect(broken.stderr).toContain('the recording breaks off in line 3')
  expect(await Bun.file(join(directory.path, 'none')).exists()).toBe(false)
  await appendFile(file, '\n{}\n')
  const wrong = await pt(['projector', 'redact', file, '--out', join(directory.path, 'none')])
  expect(wrong.stderr).toContain('line 3 of the recording')
  await source.end({ timeout: 1 })
})
