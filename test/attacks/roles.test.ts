/** What a role may do: docs/ROLES.md, the code, and what the API does are one. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { ROLES, type Role } from '../../src/domain/access.ts'
import { mayDo, PERMISSIONS } from '../../src/domain/permissions.ts'
import type { OperationSpec } from '../../src/http/operation.ts'
import { OPERATIONS } from '../../src/http/operations.ts'
import { type TestApi, testApi, tokenFor } from '../http/support/api.ts'
import { BOOT_MS, makeId, ReadModel } from '../http/support/read-model.ts'

let model: ReadModel
let api: TestApi
const business = makeId('biz')

beforeAll(async () => {
  model = await ReadModel.create()
  api = testApi(model.sql)
}, BOOT_MS)
afterAll(() => model.drop())

test('docs/ROLES.md is what the code grants', async () => {
  const text = await Bun.file(new URL('../../docs/ROLES.md', import.meta.url)).text()
  const cellsOf = (line: string) => line.split('|').map((cell) => cell.trim())
  const table = text.split('\n').filter((line) => line.startsWith('|'))
  const roles = cellsOf(table[0]!).slice(3, -1)
  const rows = table.slice(2).map((line) => {
    const [, permission, , ...marks] = cellsOf(line)
    return { permission, roles: roles.filter((_, at) => marks[at] === '✓') }
  })

  expect(roles.toSorted()).toEqual([...ROLES].sort())
  expect(rows).toEqual(
    PERMISSIONS.map((permission) => ({
      permission: `\`${permission}\``,
      roles: roles.filter((role) => mayDo(role as Role, permission)),
    })),
  )
})

/** A request of the operation that says nothing right but where it goes. */
async function statusOf({ method, path }: OperationSpec, token?: string): Promise<number> {
  const response = await api.request(path.replace(/\{\w+\}/g, makeId('none')), {
    method,
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      'Idempotency-Key': crypto.randomUUID(),
      ...(method !== 'GET' && { 'Content-Type': 'application/json' }),
    },
    ...(method !== 'GET' && { body: '{}' }),
  })
  return response.status
}

describe.each(OPERATIONS.map(({ spec }) => [spec.id, spec] as const))('%s', (_id, spec) => {
  test(`asks for ${spec.permission ?? 'no token'}`, async () => {
    const status = await statusOf(spec)
    if (spec.permission === null) expect([401, 403]).not.toContain(status)
    else expect(status).toBe(401)
  })

  test.each([...ROLES])('by %s', async (role) => {
    const status = await statusOf(spec, await tokenFor({ business, role, employee: makeId('e') }))

    const may = spec.permission === null || mayDo(role, spec.permission)
    if (may) expect([401, 403]).not.toContain(status)
    else expect(status).toBe(403)
  })
})

test('nobody invents a role, or a permission', async () => {
  const operation = OPERATIONS.find(({ spec }) => spec.permission === 'customers:erase')!.spec
  for (const claims of [{ role: 'Owner' }, { role: ['owner'] }, { role: 'constructor' }]) {
    expect(await statusOf(operation, await tokenFor({ business, ...claims }))).toBe(401)
  }
})
