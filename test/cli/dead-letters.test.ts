/** `pt projector dead-letters` as a process. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Sql } from 'postgres'
import { connect } from '../projector/support/projection.ts'
import { openShop, put, ringUp } from '../projector/support/till.ts'
import { createTestDatabases, type TestDatabases } from '../support/postgres.ts'
import { type PtProcess, pt, startPt, until } from '../support/pt.ts'

const SLOW_MS = 180_000
let databases: TestDatabases
let source: Sql
let env: Record<string, string>
let projector: PtProcess

const letters = (...args: string[]) => pt(['projector', 'dead-letters', ...args], env)

async function listed(): Promise<{ id: string; table: string }[]> {
  return JSON.parse((await letters('list', '--json')).stdout)
}

beforeAll(async () => {
  databases = await createTestDatabases()
  env = { SOURCE_DATABASE_URL: databases.sourceUrl, READ_DATABASE_URL: databases.readUrl }
  source = connect(databases.sourceUrl, 1)
  await openShop(source)
  projector = startPt(['projector', 'run'], env)
}, SLOW_MS)
afterAll(async () => {
  projector.signal('SIGKILL')
  await projector.finished
  await source.end({ timeout: 1 })
  await databases.drop()
}, SLOW_MS)

test(
  'an operator lists, looks at, discards and retries what could not be projected',
  async () => {
    const digits = Array.from({ length: 6_000 }, () => Math.floor(Math.random() * 10)).join('')
    await put(source, 'customer', { name: 'Elspeth', phone: digits })
    await ringUp(source, { completed_at: 'infinity', receipt_number: 'R-1' })
    const [customer, sale] = await until(async () => {
      const found = await listed()
      return found.length === 2 ? found : undefined
    }, 'two letters')

    const list = await letters()
    expect(list.code).toBe(0)
    expect(list.stdout).toContain('insert sale  a sale whose time is infinity  (commit ')
    expect(list.stdout).not.toMatch(/Elspeth|R-1/)
    expect((await letters('show', customer!.id)).stdout).toContain('"name": "Elspeth"')
    const shown = JSON.parse((await letters('show', sale!.id, '--json')).stdout)
    expect(shown).toMatchObject({ op: 'insert', change: { new: { receipt_number: 'R-1' } } })

    const unmended = await letters('retry', sale!.id)
    expect(unmended).toMatchObject({
      code: 1,
      stdout: `0 projected\n${sale!.id} still can't be: a sale whose time is infinity\n`,
    })
    await source`update sale set completed_at = now()`
    expect(await letters('retry', '--all', '--json')).toMatchObject({ code: 1 })
    expect((await listed()).map(({ table }) => table)).toEqual(['customer'])

    expect((await letters('discard', customer!.id)).code).toBe(2)
    const discarded = await letters('discard', customer!.id, '--why', 'a test of the till')
    expect(discarded).toMatchObject({ code: 0, stdout: `${customer!.id} is discarded.\n` })
    expect((await letters()).stdout).toBe('Everything could be projected.\n')
    expect((await letters('list', '--discarded')).stdout).toContain('a test of the till')
    const status = await pt(['projector', 'status', '--json'], env)
    expect(JSON.parse(status.stdout)).toMatchObject({ deadLetters: 0 })
  },
  SLOW_MS,
)

test(
  'what it is asked for and can not do it says in one line',
  async () => {
    const cases: [string[], number, string][] = [
      [['burn'], 2, "can't burn"],
      [['show', 'x'], 2, 'x is no id'],
      [['show'], 2, 'one id must be named'],
      [['show', '999'], 1, 'There is no open dead letter 999'],
      [['retry'], 2, 'retry takes ids, or --all'],
      [['retry', '999'], 1, 'There is no open dead letter 999'],
      [['discard', '999', '--why', 'x'], 1, 'There is no open dead letter 999'],
    ]
    for (const [args, code, message] of cases) {
      const run = await letters(...args)
      expect(run.stderr).toContain(message)
      expect(run).toMatchObject({ code, stdout: '' })
    }
  },
  SLOW_MS,
)

test(
  'without a projector it says who will try',
  async () => {
    await ringUp(source, { completed_at: 'infinity' })
    await until(async () => (await listed()).length === 1 || undefined, 'a letter')
    projector.signal('SIGTERM')
    await projector.finished

    const run = await letters('retry', '--all')

    expect(run).toMatchObject({ code: 1 })
    expect(run.stdout).toBe(
      '0 projected\n1 wait: no projector runs. They are tried when one does.\n',
    )
    expect((await letters()).stdout).toContain('waits to be tried again')
  },
  SLOW_MS,
)
