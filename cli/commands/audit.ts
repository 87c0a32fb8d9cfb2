/** `pt audit`: who looked at a customer, or whom an employee looked at. */
import postgres, { type Sql } from 'postgres'
import {
  type Access,
  type AccessFilter,
  readAccesses,
  readPersonIds,
} from '../../src/privacy/access-audit.ts'
import { CliError, type Command } from '../command.ts'
import { resolveSource } from '../connections.ts'
import { unreachable } from '../database-errors.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export const command: Command = {
  path: ['audit'],
  summary: 'List who looked at a customer, or whom an employee looked at',
  usage: '--customer ID | --employee ID [--limit 50]',
  options: {
    customer: { type: 'string', value: 'ID', help: 'who looked at this customer' },
    employee: { type: 'string', value: 'ID', help: 'whom this employee looked at' },
    limit: { type: 'string', value: 'N', default: '50', help: 'how many looks, the newest first' },
  },
  async run({ values, data, json }) {
    const limit = Number(values.limit)
    if (!/^\d{1,6}$/.test(values.limit as string) || limit === 0)
      throw new CliError(`--limit is a number of rows, from 1: not ${values.limit}`, 2)
    const who = (['customer', 'employee'] as const).filter((name) => values[name] !== undefined)
    const [kind, ...more] = who
    if (!kind || more.length > 0) throw new CliError('Say --customer ID or --employee ID', 2)
    const id = (values[kind] as string).toLowerCase()
    if (!UUID.test(id)) throw new CliError(`--${kind} is an id, a UUID`, 2)
    const url = await resolveSource(data)
    const sql = postgres(url, { max: 1, fetch_types: false, onnotice() {} })
    try {
      const accesses = await read(sql, kind, id, limit)
      const names = await employeeNames(sql, accesses)
      if (json) console.log(JSON.stringify(accesses))
      else if (accesses.length === 0) console.log('Nobody, as far as the audit goes back.')
      else for (const access of accesses) console.log(lineOf(access, names))
      return 0
    } catch (error) {
      throw unreachable(url, error)
    } finally {
      await sql.end({ timeout: 5 })
    }
  },
}

async function read(sql: Sql, kind: 'customer' | 'employee', id: string, limit: number) {
  const [row] = await (kind === 'employee'
    ? sql<{ business_id: string }[]>`select business_id::text from employee where id = ${id}`
    : sql<{ business_id: string }[]>`
        select business_id::text from customer where id = ${id}
        union select business_id::text from customer_erasure where customer_id = ${id}`)
  if (!row) throw new CliError(`The source has no ${kind} ${id}`)
  const { business_id: businessId } = row
  const filter: AccessFilter =
    kind === 'employee'
      ? { employeeId: id }
      : { customerIds: await readPersonIds(sql, businessId, id) }
  return readAccesses(sql, businessId, filter, null, limit)
}

async function employeeNames(sql: Sql, accesses: readonly Access[]): Promise<Map<string, string>> {
  const ids = new Set(accesses.flatMap(({ employeeId }) => employeeId ?? []))
  const rows = await sql<{ id: string; name: string }[]>`
    select id::text, display_name as name from employee
    where id = any(${`{${[...ids].join(',')}}`}::text::uuid[])`
  return new Map(rows.map(({ id, name }) => [id, name]))
}

function lineOf(access: Access, names: ReadonlyMap<string, string>): string {
  const { at, employeeId, role, action, customerId, purchaseId, outcome } = access
  const who = employeeId ? (names.get(employeeId) ?? employeeId) : 'a service'
  const what = purchaseId ? `${action} ${purchaseId}` : action
  return [at, `${who} (${role})`, what, `customer ${customerId ?? '-'}`, outcome].join('  ')
}
