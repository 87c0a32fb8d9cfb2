/** `pt projector rebuild` as a process, against a stack of `pt up` that serves the demo chain meanwhile. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import postgres, { type Sql } from 'postgres'
import { seedDemo } from '../../cli/demo/index.ts'
import type { VerifyReport } from '../../projector/verify/verify.ts'
import { pt, startPt, temporaryDirectory, until } from '../support/pt.ts'
import { type RunningStack, startStack } from '../support/stack.ts'

setDefaultTimeout(180_000)

let parent: Awaited<ReturnType<typeof temporaryDirectory>>
let data: string
let stack: RunningStack
let read: Sql
let source: Sql

beforeAll(async () => {
  parent = await temporaryDirectory()
  data = join(parent.path, 'data')
  stack = await startStack(data)
  read = postgres(stack.readUrl, { max: 1, onnotice() {} })
  source = postgres(stack.sourceUrl, { max: 1, onnotice() {} })
  await seedDemo({ sourceUrl: stack.sourceUrl, perCommit: 100 })
  await caughtUp()
})
afterAll(async () => {
  await Promise.all([read.end({ timeout: 1 }), source.end({ timeout: 1 })])
  stack.process.signal('SIGTERM')
  await stack.process.finished
  await parent.remove()
})

const command = (...words: string[]) => ['projector', ...words, '--data', data]

/** Waits for the projector of the stack; `verify` waits for what is outstanding. */
async function caughtUp(): Promise<VerifyReport> {
  const { code, stdout, stderr } = await pt(command('verify', '--json'))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

async function generation(): Promise<number> {
  const rows = await read<{ generation: number }[]>`select generation from projection_checkpoint`
  expect(rows).toHaveLength(1)
  return rows[0]!.generation
}

/** The stack's projector goes over to what serves now by itself. */
const live = () =>
  until(async () => {
    const { stdout } = await pt(command('status', '--json'))
    return JSON.parse(stdout).state === 'live' || undefined
  }, 'the projector follows')

test('says what it does, step by step, and the stack follows the new generation', async () => {
  const before = await generation()

  const { code, stdout, stderr } = await pt(command('rebuild'))

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(
    new RegExp(
      [
        '^Copying the source into a new generation; the old one serves meanwhile\n',
        '(  \\w+: \\d+ of about \\d+ rows, \\d+/s, \\d+ s left\n)+',
        'Whole. Comparing it with the source\n',
        'Equal. Switching to it\n',
        `Generation ${before + 1} serves after [\\d.]+ s: whole after [\\d.]+ s, then proven\n$`,
      ].join(''),
    ),
  )
  expect(await generation()).toBe(before + 1)
  await live()
  const { tables } = await caughtUp()
  const [bought] = await source<{ rows: number }[]>`
    select (select count(*) from sale)::int + (select count(*) from "order")::int as rows`
  expect(tables.find(({ table }) => table === 'purchase_timeline')!.rows).toBe(bought!.rows)
})

test('prints one document with --json', async () => {
  const before = await generation()

  const { code, stdout, stderr } = await pt(command('rebuild', '--json'))

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const report = JSON.parse(stdout)
  expect(report).toMatchObject({
    switched: true,
    generation: before + 1,
    verified: { equal: true, differences: [] },
  })
  expect(report.wholeMs).toBeLessThanOrEqual(report.verifiedMs)
  expect(report.verifiedMs).toBeLessThanOrEqual(report.switchedMs)
  await live()
})

test('is refused in one line for a slot that is not the one', async () => {
  const before = await generation()

  const { code, stdout, stderr } = await pt(command('rebuild', '--slot', 'another'))

  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/^[^\n]*the read model follows slot \w+, not another\n$/)
  expect(await generation()).toBe(before)
})

test('stopped with Ctrl-C it leaves the old generation serving, and goes on when started again', async () => {
  const before = await generation()
  const rebuild = startPt(command('rebuild'))
  await until(() => /rows,/.test(rebuild.output.stdout) || undefined, 'it copies')
  rebuild.signal('SIGINT')

  const { code, stdout, stderr } = await rebuild.finished

  expect({ code, stderr }).toEqual({ code: 130, stderr: '' })
  expect(stdout).toEndWith(
    'Stopped. The old generation serves; start again to go on where this ended\n',
  )
  const rows = await read<{ generation: number; serving: boolean }[]>`
    select generation, serving from projection_checkpoint order by 1`
  expect([...rows]).toEqual([
    { generation: before, serving: true },
    { generation: before + 1, serving: false },
  ])
  expect((await pt(command('rebuild'))).code).toBe(0)
  expect(await generation()).toBe(before + 1)
  await live()
})

test('switches over what nobody can project, and says so', async () => {
  const before = await generation()
  const phone = Array.from({ length: 6_000 }, () => Math.floor(Math.random() * 10)).join('')
  // An index of the read store can't hold this: it is a dead letter, and the source has it.
  await source`
    update customer set phone = ${phone} where id = (select id from customer order by id limit 1)`

  const { code, stdout } = await pt(command('rebuild'))

  expect({ code, last: stdout.trimEnd().split('\n').at(-1) }).toEqual({
    code: 0,
    last: 'Not in it are 1 rows that could not be projected: see `pt projector dead-letters`',
  })
  expect(stdout).not.toContain(phone)
  expect(await generation()).toBe(before + 1)
  await live()
})

test('exits with 1 when what it built is not equal to the source, and the old one serves', async () => {
  const before = await generation()
  // Spoils what is built when its indexes are made.
  await read.unsafe(`
    create function spoil() returns event_trigger language plpgsql as
      $$ begin update location_card set name = 'another'; end $$;
    create event trigger spoil on ddl_command_end when tag in ('CREATE INDEX') execute function spoil()`)

  const { code, stdout } = await pt(command('rebuild'))
  await read.unsafe('drop event trigger spoil')

  expect(code).toBe(1)
  expect(stdout).toContain('DIFFERENT  location_card')
  expect(stdout).toEndWith(
    `generation ${before + 1} is not equal to the source and was dropped; the old one serves\n`,
  )
  expect(await generation()).toBe(before)
  expect((await fetch(`${stack.apiUrl}/readyz`)).status).toBe(200)
})
