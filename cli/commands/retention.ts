/** `pt retention`: what has had its time goes. */
import postgres from 'postgres'
import { AUDIT_MONTHS, type RetentionCounts, retain } from '../../src/privacy/retention.ts'
import { CliError, type Command } from '../command.ts'
import { resolveSource } from '../connections.ts'
import { unreachable } from '../database-errors.ts'

interface Business {
  id: string
  name: string
}

export const command: Command = {
  path: ['retention'],
  summary: 'Forget who has not bought for years; delete old audit rows and notes of keys',
  usage: `--years N --business NAME | --years N --all [--audit-months ${AUDIT_MONTHS}] [--dry-run]`,
  options: {
    years: { type: 'string', value: 'N', help: 'who has not bought for so long is forgotten' },
    business: { type: 'string', value: 'NAME', help: 'of this business' },
    all: { type: 'boolean', default: false, help: 'of every business' },
    'audit-months': {
      type: 'string',
      value: 'N',
      default: String(AUDIT_MONTHS),
      help: 'older rows of the audit are deleted',
    },
    'dry-run': { type: 'boolean', default: false, help: 'only counts' },
  },
  async run({ values, data, json, signal }) {
    const years = wholeNumber('--years', values.years, 100)
    const auditMonths = wholeNumber('--audit-months', values['audit-months'], 1_200)
    const dryRun = values['dry-run'] === true
    const name = values.business as string | undefined
    if ((name !== undefined) === (values.all === true))
      throw new CliError('Say --business NAME or --all: it can not be undone', 2)
    const sourceUrl = await resolveSource(data)
    try {
      const answers: (Business & RetentionCounts)[] = []
      for (const business of await findBusinesses(sourceUrl, name)) {
        const businessId = business.id
        const options = { sourceUrl, businessId, years, auditMonths, dryRun, signal }
        const counts = await retain(options)
        answers.push({ ...business, ...counts })
        if (!json) console.log(lineOf(business, counts, dryRun))
        if (signal.aborted) break
      }
      if (json)
        console.log(JSON.stringify({ dryRun, complete: !signal.aborted, businesses: answers }))
      if (signal.aborted) console.error('Stopped: what is left goes when it is run again')
      return signal.aborted ? 1 : 0
    } catch (error) {
      const { cause } = error as Error
      throw unreachable(sourceUrl, cause ?? error)
    }
  },
}

function wholeNumber(option: string, given: unknown, max: number): number {
  const value = typeof given === 'string' && /^\d{1,4}$/.test(given) ? Number(given) : 0
  if (value >= 1 && value <= max) return value
  throw new CliError(`${option} is a whole number from 1 to ${max}`, 2)
}

async function findBusinesses(url: string, name: string | undefined): Promise<Business[]> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice() {} })
  try {
    const found = await sql<Business[]>`
      select id::text, name from business
      where ${name ?? null}::text is null or name = ${name ?? null} order by name`
    if (found.length === 0) throw new CliError(`The source has no business ${name ?? ''}`.trim())
    return [...found]
  } finally {
    await sql.end({ timeout: 5 })
  }
}

function lineOf({ name }: Business, counts: RetentionCounts, dryRun: boolean): string {
  const { customers, purchases, auditRows, idempotencyKeys } = counts
  const people = dryRun
    ? `${customers} customers would be forgotten`
    : `${customers} customers are forgotten, with ${purchases} purchases that stay as nobody's`
  const rest = `${auditRows} rows of the audit, ${idempotencyKeys} notes of keys`
  return `${name}: ${people}; ${dryRun ? 'would be deleted' : 'deleted'}: ${rest}`
}
