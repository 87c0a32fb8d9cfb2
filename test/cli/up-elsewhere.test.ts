import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { ownPort } from '../support/ports.ts'
import { createTestDatabases, type TestDatabases } from '../support/postgres.ts'
import { pt, startPt, temporaryDirectory, until } from '../support/pt.ts'
import { startStack } from '../support/stack.ts'

// Processes and servers are started here, on machines that have other things to do.
setDefaultTimeout(180_000)

let parent: Awaited<ReturnType<typeof temporaryDirectory>>
let data: string
let databases: TestDatabases
let env: Record<string, string>

beforeEach(async () => {
  parent = await temporaryDirectory()
  data = join(parent.path, 'data')
  databases = await createTestDatabases()
  env = { SOURCE_DATABASE_URL: databases.sourceUrl, READ_DATABASE_URL: databases.readUrl }
})

afterEach(async () => {
  await databases.drop()
  await parent.remove()
})

test('takes the databases that the environment names, and puts no demo into them', async () => {
  const stack = await startStack(data, { env })

  expect(stack).toMatchObject({ sourceUrl: databases.sourceUrl, readUrl: databases.readUrl })
  expect(await readdir(data)).not.toContain('postgres')
  expect(await fetch(`${stack.apiUrl}/demo/sign-in`)).toMatchObject({ status: 404 })
  const sql = postgres(databases.sourceUrl, { max: 1 })
  expect(await sql`select name from business`).toHaveLength(0)
  await sql.end()
  stack.process.signal('SIGTERM')
  expect(await stack.process.finished).toMatchObject({ code: 0, stderr: '' })
})

test('ends with the reason when the projector gives up', async () => {
  const stack = await startStack(data, { env })
  stack.process.signal('SIGTERM')
  await stack.process.finished
  const sql = postgres(databases.sourceUrl, { max: 1 })
  const slots = await sql`
    select pg_drop_replication_slot(slot_name)
    from pg_replication_slots where database = current_database()`
  await sql.end()
  expect(slots).toHaveLength(1)

  const { code, stderr } = await pt(
    ['up', '--no-demo', '--data', data, '--port', `${await ownPort()}`],
    env,
  )

  expect(code).toBe(1)
  expect(stderr).toMatch(/^The projector gave up: the source has no slot [^\n]+\n$/)
})

test('says in one line that a database of the environment is not there', async () => {
  const finished = await pt(['up', '--data', data, '--port', `${await ownPort()}`], {
    ...env,
    READ_DATABASE_URL: databases.readUrl.replace(/\/read_\d+$/, '/nowhere'),
  })

  const { host } = new URL(databases.readUrl)
  expect(finished).toEqual({
    code: 1,
    stdout: '',
    stderr: `Can't reach the database ${host}/nowhere: the server has no such database\n`,
  })
})

test('runs the API alone on the read model of a stack, with its tokens', async () => {
  const stack = await startStack(data)
  const source = postgres(stack.sourceUrl, { max: 1 })
  await source`
    insert into business (name, default_currency, timezone) values ('Shop', 'EUR', 'UTC')`
  await source.end()
  const port = await ownPort()

  const api = startPt(['api', '--data', data, '--port', `${port}`])
  await until(() => api.output.stdout.includes('listens on') || undefined, 'no API')
  const token = await pt(['token', '--business', 'Shop', '--data', data])
  const answers = await Promise.all(
    [stack.apiUrl, `http://127.0.0.1:${port}`].map((url) =>
      fetch(`${url}/customers?query=nobody`, {
        headers: { authorization: `Bearer ${token.stdout.trim()}` },
      }),
    ),
  )

  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  await Promise.all(answers.map((answer) => answer.text()))
  api.signal('SIGTERM')
  expect((await api.finished).code).toBe(0)
  stack.process.signal('SIGTERM')
  await stack.process.finished
})
