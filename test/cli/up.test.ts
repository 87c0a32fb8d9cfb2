import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { livePostmaster } from '../../cli/stack/postmaster.ts'
import { ownPort } from '../support/ports.ts'
import { pt, stackOf, start, startPt, temporaryDirectory, until } from '../support/pt.ts'
import { postmasterPid, runs, startStack } from '../support/stack.ts'

// Processes and servers are started here, on machines that have other things to do.
setDefaultTimeout(180_000)

let parent: Awaited<ReturnType<typeof temporaryDirectory>>
let data: string

beforeEach(async () => {
  parent = await temporaryDirectory()
  data = join(parent.path, 'data')
})

afterEach(async () => {
  // A test that failed half-way must not leave its stack behind.
  const { pid } = (await stackOf(data)) ?? {}
  if (pid !== undefined && runs(pid)) process.kill(pid, 'SIGKILL')
  const server = await livePostmaster(join(data, 'postgres'))
  if (server) process.kill(server.pid, 'SIGQUIT')
  if (server) await until(() => !runs(server.pid) || undefined, 'PostgreSQL outlives its test')
  await parent.remove()
})

test.each(['SIGTERM', 'SIGINT'] as const)('stops all of it cleanly on %s', async (signal) => {
  const stack = await startStack(data)
  const server = postmasterPid(data)!
  expect(stack.apiUrl).toBe(`http://127.0.0.1:${stack.port}`)
  expect(stack.pid).toBe(stack.process.pid)

  await until(() => stack.process.output.stdout.includes('Ready: ') || undefined, 'not ready')
  const metrics = await (await fetch(`${stack.apiUrl}/metrics`)).text()
  expect(metrics).toContain('pt_http_requests_total{operation="getReadiness",status="200"}')
  expect(metrics).toContain('pt_projector_state{source="main",state="live"}')

  stack.process.signal(signal)
  const { code, stdout, stderr } = await stack.process.finished

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(`The API listens on ${stack.apiUrl}`)
  expect(stdout).toContain('npm run -s pt -- token --business "Online Retail" --data')
  expect(runs(server)).toBe(false)
  expect(postmasterPid(data)).toBeUndefined()
  expect(await stackOf(data)).toBeUndefined()
})

test('builds anew what an older version of the projection has made, and follows it', async () => {
  const first = await startStack(data)
  await until(() => first.process.output.stdout.includes('Ready: ') || undefined, 'not ready')
  const before = postgres(first.readUrl, { max: 1 })
  await before`update projection_checkpoint set projection_version = 0`
  await before.end()
  first.process.signal('SIGTERM')
  await first.process.finished

  const stack = await startStack(data)

  await until(
    () => stack.process.output.stdout.includes('The read model is built anew\n') || undefined,
    'not built anew',
  )
  // The projector goes over to what serves now by itself, and until then nobody streams.
  const verified = await until(async () => {
    const { code, stdout } = await pt(['projector', 'verify', '--data', data, '--json'])
    return code === 0 ? stdout : undefined
  }, 'not equal')
  expect(JSON.parse(verified)).toMatchObject({ equal: true })
  const after = postgres(stack.readUrl, { max: 1 })
  expect(
    await after`select generation, projection_version > 0 as renewed from projection_checkpoint`,
  ).toMatchObject([{ generation: 2, renewed: true }])
  await after.end()
})

test('keeps secrets and data to their owner', async () => {
  const stack = await startStack(data)

  const modes = await Promise.all(
    ['stack.json', 'secret', 'postgres.password', 'api.password', 'postgres'].map(
      async (name) => (await stat(join(data, name))).mode & 0o077,
    ),
  )

  expect(modes).toEqual([0, 0, 0, 0, 0])
  const wrong = postgres(stack.sourceUrl.replace(/:[^:@]+@/, ':wrong@'), { max: 1 })
  await expect(wrong`select 1`.execute()).rejects.toThrow('password authentication failed')
  await wrong.end()
  stack.process.signal('SIGTERM')
  await stack.process.finished
})

test('stops when npm, which started it, is told to', async () => {
  const port = await ownPort()
  const npm = start(
    ['npm', 'start', '--', '--no-demo', '--data', data, '--port', `${port}`],
    // Within a script of npm's, npm would take these for its own.
    { npm_config_loglevel: 'error' },
  )
  const { pid } = await until(() => stackOf(data), 'no stack.json')
  expect(pid).not.toBe(npm.pid)

  npm.signal('SIGTERM')

  expect((await npm.finished).code).toBe(0)
  expect(runs(pid)).toBe(false)
  expect(await stackOf(data)).toBeUndefined()
})

test('starts again after a kill -9, with all that was committed', async () => {
  const first = await startStack(data)
  const sql = postgres(first.sourceUrl, { max: 1 })
  await sql`insert into business (name, default_currency, timezone) values ('Kept', 'EUR', 'UTC')`
  await sql.end()

  first.process.signal('SIGKILL')
  await first.process.finished
  const { code, stderr } = await pt(['migrate', '--data', data])
  const second = await startStack(data)

  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `The stack of ${data} has died (process ${first.pid}): start it again with \`npm start -- --data ${data}\`\n`,
  })
  const again = postgres(second.sourceUrl, { max: 1 })
  expect(await again`select name from business`).toEqual([{ name: 'Kept' }] as never)
  await again.end()
  second.process.signal('SIGTERM')
  expect((await second.process.finished).code).toBe(0)
})

test('starts PostgreSQL again when that dies, on the same port', async () => {
  const stack = await startStack(data)
  const before = postmasterPid(data)!

  process.kill(before, 'SIGKILL')

  const after = await until(async () => {
    const server = await livePostmaster(join(data, 'postgres'))
    return server?.ready && server.pid !== before ? server : undefined
  }, 'no new server')
  expect(after.port).toBe(Number(new URL(stack.sourceUrl).port))
  await until(
    async () => (await fetch(`${stack.apiUrl}/readyz`)).ok || undefined,
    'not ready after the restart',
  )
  stack.process.signal('SIGTERM')
  expect((await stack.process.finished).code).toBe(0)
})

test('an interrupted start leaves nothing running', async () => {
  const port = await ownPort()
  const started = startPt(['up', '--no-demo', '--data', data, '--port', `${port}`])
  await until(() => postmasterPid(data), 'no PostgreSQL')

  started.signal('SIGINT')

  expect(await started.finished).toMatchObject({ code: 0, stderr: '' })
  expect(postmasterPid(data)).toBeUndefined()
  expect(await stackOf(data)).toBeUndefined()
})

test('says that the port is taken, before it starts anything', async () => {
  const taken = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })

  const finished = await pt(['up', '--data', data, '--port', `${taken.port}`])

  expect(finished).toEqual({
    code: 1,
    stdout: '',
    stderr: `Port ${taken.port} is taken by another program: choose one with --port\n`,
  })
  expect(await readdir(data)).not.toContain('postgres')
  await taken.stop(true)
})

test('says who uses the data directory', async () => {
  const stack = await startStack(data)

  const second = await pt(['up', '--data', data, '--port', `${await ownPort()}`])

  expect(second).toEqual({
    code: 1,
    stdout: '',
    stderr: `The data directory ${data} is in use by another \`pt up\` (pid ${stack.pid})\n`,
  })
  expect((await fetch(`${stack.apiUrl}/readyz`)).status).toBe(200)
  stack.process.signal('SIGTERM')
  await stack.process.finished
})
