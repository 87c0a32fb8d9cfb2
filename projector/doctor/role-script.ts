/** SQL that makes a role which may do what the projector must do on a source, and nothing else. */
import type { Sql } from 'postgres'
import { quoted, readSource } from '../source/contract.ts'
import { publicationSql, readPublication } from '../source/publication.ts'
import { TABLES } from '../source/tables.ts'
import { readProvider } from './provider.ts'

/**
 * For the owner of the tables, or a superuser, to run on the source. It holds no password: the role gets
 * one by `\password`. The publication is made by its owner, so that the role need own nothing.
 */
export async function roleScript(sql: Sql, role: string, publication: string): Promise<string> {
  const source = await readSource(sql)
  const found = await readPublication(sql, publication, source)
  const provider = await readProvider(sql)
  const [{ database } = { database: '' }] = await sql<{ database: string }[]>`
    select current_database() as database`
  const name = quoted(role)
  const schema = quoted(source.schema)
  const published =
    found.exists && found.lacks.length === 0
      ? []
      : publicationSql(publication, source.schema, found.exists ? 'wrong' : 'none')
  return [
    `-- Run this in database ${database} as the owner of its tables; then give the role a password: \\password ${name}`,
    `CREATE ROLE ${name} LOGIN;`,
    `${provider.replication(name)};`,
    `GRANT CONNECT ON DATABASE ${quoted(database)} TO ${name};`,
    `GRANT USAGE ON SCHEMA ${schema} TO ${name};`,
    ...Object.values(TABLES).map(
      ({ name: table, columns }) =>
        `GRANT SELECT (${columns.map(quoted).join(', ')}) ON ${schema}.${quoted(table)} TO ${name};`,
    ),
    ...published.map((statement) => `${statement};`),
    '',
  ].join('\n')
}
