/** `pt token revoke` */
import postgres from 'postgres'
import { CliError, type Command } from '../command.ts'
import { resolveConnections } from '../connections.ts'
import { unreachable } from '../database-errors.ts'
import { findBusiness, findEmployee } from '../token/named.ts'
import { revokeTokens } from '../token/revoke-tokens.ts'

export const command: Command = {
  path: ['token', 'revoke'],
  summary: 'Take back the tokens that a person, or a business, has been given until now',
  usage: '--business NAME --employee NAME_OR_ID | --business NAME --all',
  options: {
    business: { type: 'string', value: 'NAME', help: 'the business of the tokens' },
    employee: { type: 'string', value: 'NAME_OR_ID', help: 'whose they are' },
    all: { type: 'boolean', help: 'all of the business' },
  },
  async run({ values, data, json }) {
    const { business: name, employee: person, all } = values
    if (typeof name !== 'string') throw new CliError('--business NAME is missing', 2)
    if ((typeof person === 'string') === (all === true)) {
      throw new CliError('Say whose: --employee NAME_OR_ID, or --all of the business', 2)
    }
    const { sourceUrl, readUrl } = await resolveConnections(data)
    const sql = postgres(sourceUrl, { max: 1, onnotice() {} })
    try {
      const business = await findBusiness(sql, name)
      const employee = typeof person === 'string' ? await findEmployee(sql, business, person) : null
      const issuedBefore = await revokeTokens(readUrl, { business: business.id, employee })
      const whose = employee === null ? business.name : person
      console.log(
        json
          ? JSON.stringify({ business: business.id, employee, issuedBefore })
          : `The tokens of ${whose} that were issued before ${issuedBefore.toISOString()} open nothing, within a minute.`,
      )
      return 0
    } catch (error) {
      throw unreachable(sourceUrl, error)
    } finally {
      await sql.end({ timeout: 5 })
    }
  },
}
