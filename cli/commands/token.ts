/** `pt token` */
import postgres from 'postgres'
import { ROLES } from '../../src/domain/access.ts'
import { VISIBILITIES } from '../../src/domain/scope.ts'
import { CliError, type Command } from '../command.ts'
import { resolveSource } from '../connections.ts'
import { unreachable } from '../database-errors.ts'
import { issueToken } from '../token/issue-token.ts'
import { findBusiness, findEmployee, findLocations } from '../token/named.ts'
import { readSigningSecret } from '../token/secret.ts'

const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 }
const MAX_TTL_SECONDS = 365 * UNIT_SECONDS.d

export const command: Command = {
  path: ['token'],
  summary: 'Print a token that opens the API for one business',
  usage: `--business NAME [--role ${ROLES.join('|')}] [--locations NAME_OR_ID,…] [--visibility ${VISIBILITIES.join('|')}] [--employee NAME_OR_ID] [--ttl 8h]`,
  options: {
    business: { type: 'string', value: 'NAME', help: 'the business that it opens' },
    role: {
      type: 'string',
      value: 'ROLE',
      default: 'store_manager',
      help: `what may be done: ${ROLES.join(', ')}; docs/ROLES.md`,
    },
    locations: {
      type: 'string',
      value: 'NAME_OR_ID,…',
      default: '*',
      help: 'the locations it is for; * is all',
    },
    visibility: {
      type: 'string',
      value: 'HOW',
      default: 'own',
      help: `what is seen of other locations: ${VISIBILITIES.join(', ')}; docs/API.md`,
    },
    employee: { type: 'string', value: 'NAME_OR_ID', help: 'who it is for (default: a service)' },
    ttl: { type: 'string', value: 'TIME', default: '8h', help: 'how long it is good: 30m, 8h, 7d' },
  },
  async run({ values, data, json }) {
    const name = values.business as string | undefined
    if (!name) throw new CliError('--business NAME is missing', 2)
    const role = oneOf(ROLES, 'role', values.role as string)
    const visibility = oneOf(VISIBILITIES, 'visibility', values.visibility as string)
    const ttlSeconds = parseTtl(values.ttl as string)
    const secret = await readSigningSecret(data)
    const url = await resolveSource(data)
    const sql = postgres(url, { max: 1, onnotice() {} })
    try {
      const business = await findBusiness(sql, name)
      const locations = await findLocations(sql, business, values.locations as string)
      const person = values.employee as string | undefined
      const employee = person === undefined ? null : await findEmployee(sql, business, person)
      const grant = { business: business.id, employee, role, locations, visibility }
      const { token, expiresAt } = await issueToken(secret, { ...grant, ttlSeconds })
      const answer = { token, expiresAt, ...grant, businessName: business.name }
      console.log(json ? JSON.stringify(answer) : token)
      return 0
    } catch (error) {
      throw unreachable(url, error)
    } finally {
      await sql.end({ timeout: 5 })
    }
  },
}

function oneOf<T extends string>(known: readonly T[], what: string, text: string): T {
  const found = known.find((one) => one === text)
  if (found) return found
  throw new CliError(`Unknown ${what}: ${text}; there are ${known.join(', ')}`, 2)
}

function parseTtl(text: string): number {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const seconds = Number(amount) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS]
  if (seconds > 0 && seconds <= MAX_TTL_SECONDS) return seconds
  throw new CliError(`--ttl is a time such as 30m, 8h or 7d, up to 365d: not ${text}`, 2)
}
