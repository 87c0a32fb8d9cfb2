/** Two projectors as processes of their own: the one that waits goes on when the other is killed. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { waitUntilApplied } from '../../projector/position.ts'
import { emitMark } from '../../src/postgres/mark.ts'
import { openShop, ringUp } from '../projector/support/till.ts'
import { ownPort } from '../support/ports.ts'
import { createTestDatabases, type TestDatabases } from '../support/postgres.ts'
import { type PtProcess, pt, startPt, until } from '../support/pt.ts'

setDefaultTimeout(180_000)
let databases: TestDatabases
let source: Sql
let read: Sql
let env: Record<string, string>
const running: PtProcess[] = []

beforeAll(async () => {
  databases = await createTestDatabases()
  env = { SOURCE_DATABASE_URL: databases.sourceUrl, READ_DATABASE_URL: databases.readUrl }
  source = postgres(databases.sourceUrl, { max: 2, onnotice() {} })
  read = postgres(databases.readUrl, { max: 2, onnotice() {} })
  await openShop(source)
})
afterAll(async () => {
  for (const process of running) process.signal('SIGKILL')
  await Promise.all(running.map(({ finished }) => finished))
  await Promise.all([source.end({ timeout: 1 }), read.end({ timeout: 1 })])
  await databases.drop()
})

async function startProjector() {
  const port = await ownPort()
  const process = startPt(['projector', 'run', '--metrics-port', `${port}`], env)
  running.push(process)
  const is = async (state: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => null)
    const text = (await answer?.text()) ?? ''
    return text.includes(`pt_projector_state{source="main",state="${state}"} 1`)
  }
  return { process, until: (state: string) => until(() => is(state), state) }
}

test('killed with -9, the one that leads is followed by the one that waits, and nothing is lost', async () => {
  const leader = await startProjector()
  await leader.until('live')
  const standby = await startProjector()
  await standby.until('standby')
  await ringUp(source)

  leader.process.signal('SIGKILL')
  for (let n = 0; n < 20; n++) await ringUp(source)
  const mark = await emitMark(source)
  // It gives up soon where nobody streams, as until the other has taken over.
  await until(() => waitUntilApplied(source, read, 'main', mark), 'it is applied')
  await standby.until('live')
  const { code, stdout } = await pt(['projector', 'verify', '--json'], env)
  expect(JSON.parse(stdout).differences).toEqual([])
  expect(code).toBe(0)
})

test('a port for metrics that is taken is said in one line', async () => {
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })

  const { port } = server
  const { code, stderr } = await pt(['projector', 'run', '--metrics-port', `${port}`], env)
  await server.stop(true)

  expect(code).toBe(1)
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(
    `Port ${port} is taken by another program: choose one with --metrics-port`,
  )
  expect((await pt(['projector', 'run', '--metrics-port', 'x'], env)).code).toBe(2)
})
