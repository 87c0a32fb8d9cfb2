/** GET /customers/:id/accesses: who looked at this customer, or did something to them. */
import * as z from 'zod'
import {
  type Access,
  type AccessPosition,
  readAccesses,
  readPersonIds,
} from '../../privacy/access-audit.ts'
import { readEmployeeNames } from '../../read/employees.ts'
import { jsonResponse } from '../answer.ts'
import { askSource } from '../command.ts'
import { requestScope } from '../deps.ts'
import { operation } from '../operation.ts'
import { customerPath, pageLimit } from '../parameters.ts'
import { type accessEntry, accessesAnswer } from '../privacy-schemas.ts'
import { Problem } from '../problem.ts'

/** It opens nothing that the address does not, so it is not signed: a time and an id. */
const CURSOR = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z)_(\d{1,18})$/

const accessesQuery = z.strictObject({
  limit: pageLimit('Rows a page.'),
  cursor: z
    .string()
    .regex(CURSOR, 'must be `page.next` of the page before')
    .optional()
    .meta({ description: '`page.next` of the page before.' }),
})

export const getAccesses = operation(
  {
    id: 'getAccesses',
    method: 'GET',
    path: '/customers/{id}/accesses',
    summary: 'Who looked at this customer, under whatever id, newest first',
    permission: 'audit:read',
    params: customerPath,
    query: accessesQuery,
    answer: { status: 200, description: 'A page', content: accessesAnswer },
    problems: ['customer-not-found', 'source-unavailable'],
  },
  async ({ c, services, path, query: { limit, cursor } }) => {
    const { scope } = c.get('principal')
    const { businessId } = scope
    const rows = await askSource(c, services, async (sql) => {
      const customerIds = await readPersonIds(sql, businessId, path.id)
      if (customerIds.length === 0) throw new Problem('customer-not-found')
      return readAccesses(sql, businessId, { customerIds }, positionOf(cursor), limit + 1)
    })
    const shown = rows.slice(0, limit)
    const employees = shown.flatMap(({ employeeId }) => employeeId ?? [])
    const names = await services.withDb(requestScope(c), (sql) =>
      readEmployeeNames(sql, scope, employees),
    )
    const last = rows.length > limit ? shown.at(-1) : undefined
    const body: z.infer<typeof accessesAnswer> = {
      data: shown.map((access) => accessBody(access, names)),
      page: { next: last ? `${last.at}_${last.id}` : null },
    }
    return jsonResponse(JSON.stringify(body))
  },
)

function accessBody(
  access: Access,
  names: ReadonlyMap<string, string>,
): z.infer<typeof accessEntry> {
  const { at, employeeId, role, action, customerId, purchaseId, outcome } = access
  const employee = employeeId ? { id: employeeId, name: names.get(employeeId) ?? null } : null
  return { at, employee, role, action, customerId: customerId!, purchaseId, outcome }
}

function positionOf(cursor: string | undefined): AccessPosition | null {
  const [, at, id] = CURSOR.exec(cursor ?? '') ?? []
  return at && id ? { at, id } : null
}
