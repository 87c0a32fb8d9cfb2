/** `pt token` */
import postgres from 'postgres'
import { ROLES, type Role } from '../../src/domain/access.ts'
import { CliError, type Command } from '../command.ts'
import { resolveSource } from '../connections.ts'
import { unreachable } from '../database-errors.ts'
import { issueToken } from '../token/issue-token.ts'
import { readJwtSecret } from '../token/secret.ts'

/** So many names are listed when the one that was asked for is not there. */
const NAMES_SHOWN = 20
const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 }
const MAX_TTL_SECONDS = 365 * UNIT_SECONDS.d

export const command: Command = {
  path: ['token'],
  summary: 'Print a token that opens the API for one business',
  usage: `--business NAME [--role ${ROLES.join('|')}] [--locations NAME_OR_ID,…] [--ttl 8h]`,
  options: {
    business: { type: 'string' },
    role: { type: 'string', default: 'store_manager' },
    locations: { type: 'string', default: '*' },
    ttl: { type: 'string', default: '8h' },
  },
  async run({ values, data, json }) {
    const name = values.business as string | undefined
    if (!name) throw new CliError('--business NAME is missing', 2)
    const role = parseRole(values.role as string)
    const ttlSeconds = parseTtl(values.ttl as string)
    const secret = await readJwtSecret(data)
    const url = await resolveSource(data)
    const sql = postgres(url, { max: 1, onnotice() {} })
    try {
      const business = await findBusiness(sql, name)
      const locations = await findLocations(sql, business, values.locations as string)
      const grant = { business: business.id, role, locations }
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

function parseRole(text: string): Role {
  const role = ROLES.find((known) => known === text)
  if (role) return role
  throw new CliError(`Unknown role: ${text}; there are ${ROLES.join(', ')}`, 2)
}

function parseTtl(text: string): number {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const seconds = Number(amount) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS]
  if (seconds > 0 && seconds <= MAX_TTL_SECONDS) return seconds
  throw new CliError(`--ttl is a time such as 30m, 8h or 7d, up to 365d: not ${text}`, 2)
}

interface Named {
  id: string
  name: string
}

async function findBusiness(sql: postgres.Sql, name: string): Promise<Named> {
  const [found] = await sql<Named[]>`select id, name from business where name = ${name}`
  if (found) return found
  const others = await sql<Named[]>`
    select name from business order by name limit ${NAMES_SHOWN + 1}`
  throw new CliError(`Unknown business: ${name}; ${list(others) || 'the source has none yet'}`)
}

async function findLocations(
  sql: postgres.Sql,
  business: Named,
  wanted: string,
): Promise<'*' | string[]> {
  if (wanted === '*') return '*'
  const all = await sql<Named[]>`
    select id, name from location where business_id = ${business.id} order by name, id`
  const parts = wanted.split(',').map((part) => part.trim())
  return [...new Set(parts.map((part) => matchLocation(all, part)))]
}

function matchLocation(all: Named[], part: string): string {
  const matches = all.filter(({ id, name }) => id === part.toLowerCase() || name === part)
  if (matches.length === 1) return matches[0]!.id
  if (matches.length === 0) {
    throw new CliError(`Unknown location: ${part || "''"}; ${list(all) || 'there is none yet'}`)
  }
  const ids = matches.map(({ id }) => id).join(', ')
  throw new CliError(`More than one location is named ${part}: take an id of ${ids}`)
}

function list(all: Pick<Named, 'name'>[]): string {
  const shown = all.slice(0, NAMES_SHOWN).map(({ name }) => name)
  if (all.length > NAMES_SHOWN) shown.push('…')
  return shown.length > 0 ? `there is ${shown.join(', ')}` : ''
}
