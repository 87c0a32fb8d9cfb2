/** What an import did, line by line of the file: as JSON, and as text for people. */
import type { ReservedSql } from 'postgres'
import { SHOP } from './online-retail.ts'
import type { Plan } from './plan.ts'
import type { RejectedLine } from './stage.ts'
import type { Written } from './write.ts'

export interface ImportReport {
  business: { id: string; name: string }
  file: string
  /** `total` is the sum of the others: every line of the file is in one of them. */
  lines: { total: number; imported: number; alreadyThere: number; notImported: number }
  /** Purchases of the file that the source now holds, from this run or an earlier one. */
  purchases: { sale: number; return: number }
  /** Rows that this run made. */
  new: { purchases: number; customers: number; products: number; locations: number }
  /** Of those purchases, the ones without a customer. */
  guests: { lines: number; purchases: number }
  customers: number
  products: number
  locations: number
  /** The first lines that were not imported, in the order of the file, and why. */
  notImported: RejectedLine[]
  /** All lines that were not imported, by reason. */
  byReason: Record<string, number>
  seconds: number
}

interface ReportInput {
  file: string
  /** Lines that the reader saw: the database's counts must come to the same. */
  linesRead: number
  plan: Plan
  written: Written
  seconds: number
}

const LISTED_LINES = 1000
const SHOWN_LINES = 20

/** @throws Error when the lines do not add up: a bug, never to be reported as a success. */
export async function makeReport(sql: ReservedSql, input: ReportInput): Promise<ImportReport> {
  const { plan, written } = input
  const notImported = await sql<RejectedLine[]>`
    select file_line::int8::float8 as line, reason from import_reject
    order by file_line limit ${LISTED_LINES}`
  const reasons = await sql<{ reason: string; lines: string }[]>`
    select reason, count(*) as lines from import_reject group by reason order by count(*) desc, reason`

  const lines = {
    total: input.linesRead,
    imported: written.lines,
    alreadyThere: plan.lines.alreadyThere,
    notImported: reasons.reduce((sum, { lines }) => sum + Number(lines), 0),
  }
  if (lines.total !== lines.imported + lines.alreadyThere + lines.notImported) {
    throw new Error(`the lines of the import do not add up: ${JSON.stringify(lines)}`)
  }
  return {
    business: { id: plan.businessId, name: SHOP.business },
    file: input.file,
    lines,
    purchases: plan.purchases,
    new: {
      purchases: written.purchases,
      customers: written.customers,
      products: written.products,
      locations: written.locations,
    },
    guests: plan.guests,
    customers: plan.customers,
    products: plan.products,
    locations: plan.locations,
    notImported: notImported.map(({ line, reason }) => ({ line, reason })),
    byReason: Object.fromEntries(reasons.map(({ reason, lines }) => [reason, Number(lines)])),
    seconds: Math.round(input.seconds * 100) / 100,
  }
}

/** The report as text, for the end of a command. */
export function formatReport(report: ImportReport): string {
  const { lines, purchases, guests } = report
  const n = (value: number) => value.toLocaleString('en')
  const made = (count: number) => `${n(count)} new`
  const rate = Math.round(lines.total / Math.max(report.seconds, 0.01))
  const text = [
    `${report.file} → business "${report.business.name}" in ${report.seconds} s (${n(rate)} lines/s)`,
    `  lines      ${n(lines.total)} = ${n(lines.imported)} imported + ${n(lines.alreadyThere)} already there + ${n(lines.notImported)} not imported`,
    `  purchases  ${n(purchases.sale)} sales, ${n(purchases.return)} returns (${made(report.new.purchases)})`,
    `  guests     ${n(guests.purchases)} purchases, ${n(guests.lines)} lines without a customer`,
    `  customers  ${n(report.customers)} (${made(report.new.customers)})`,
    `  products   ${n(report.products)} (${made(report.new.products)})`,
    `  locations  ${n(report.locations)} (${made(report.new.locations)})`,
  ]
  if (lines.notImported > 0) {
    text.push(`NOT IMPORTED: ${n(lines.notImported)} lines`)
    for (const [reason, count] of Object.entries(report.byReason)) {
      text.push(`  ${n(count)} × ${reason}`)
    }
    for (const { line, reason } of report.notImported.slice(0, SHOWN_LINES)) {
      text.push(`  line ${line}: ${reason}`)
    }
    if (lines.notImported > SHOWN_LINES) {
      text.push(
        `  … and ${n(lines.notImported - SHOWN_LINES)} more; --json names the first ${n(LISTED_LINES)}`,
      )
    }
  }
  return text.join('\n')
}
