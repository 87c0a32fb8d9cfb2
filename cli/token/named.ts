/** What the command line names, found in the source. */
import type postgres from 'postgres'
import { CliError } from '../command.ts'

/** So many names are listed when the one that was asked for is not there. */
const NAMES_SHOWN = 20

export interface Named {
  id: string
  name: string
}

/** @throws CliError that lists those there are */
export async function findBusiness(sql: postgres.Sql, name: string): Promise<Named> {
  const [found] = await sql<Named[]>`select id, name from business where name = ${name}`
  if (found) return found
  const others = await sql<Named[]>`
    select name from business order by name limit ${NAMES_SHOWN + 1}`
  throw new CliError(`Unknown business: ${name}; ${list(others) || 'the source has none yet'}`)
}

/** Ids of the business's locations that are named so, or `*`. */
export async function findLocations(
  sql: postgres.Sql,
  business: Named,
  wanted: string,
): Promise<'*' | string[]> {
  if (wanted === '*') return '*'
  const all = await sql<Named[]>`
    select id, name from location where business_id = ${business.id} order by name, id`
  const parts = wanted.split(',').map((part) => part.trim())
  return [...new Set(parts.map((part) => matchNamed('location', all, part)))]
}

/** The id of the business's employee who is named so. */
export async function findEmployee(
  sql: postgres.Sql,
  business: Named,
  wanted: string,
): Promise<string> {
  const all = await sql<Named[]>`
    select id, display_name as name from employee where business_id = ${business.id}
    order by display_name, id`
  return matchNamed('employee', all, wanted)
}

function matchNamed(what: string, all: Named[], part: string): string {
  const matches = all.filter(({ id, name }) => id === part.toLowerCase() || name === part)
  if (matches.length === 1) return matches[0]!.id
  if (matches.length === 0) {
    throw new CliError(`Unknown ${what}: ${part || "''"}; ${list(all) || 'there is none yet'}`)
  }
  const ids = matches.map(({ id }) => id).join(', ')
  throw new CliError(`More than one ${what} is named ${part}: take an id of ${ids}`)
}

function list(all: Pick<Named, 'name'>[]): string {
  const shown = all.slice(0, NAMES_SHOWN).map(({ name }) => name)
  if (all.length > NAMES_SHOWN) shown.push('…')
  return shown.length > 0 ? `there is ${shown.join(', ')}` : ''
}
