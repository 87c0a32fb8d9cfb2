/**
 * Finding customers of the tenant by external ref, phone or name: three index look-ups, one
 * statement. The directory belongs to the tenant: a till must find a customer who has bought only
 * elsewhere so far; what she bought there stays out of scope in the other queries.
 *
 * The look-ups are the function `search_customer_ids` (`migrations/read/0003` says why). Prefixes are
 * ranges there, not LIKE: a range is an index condition for a generic plan too, and has no wildcards to
 * escape.
 */
import type { CustomerStatus } from '../domain/purchase.ts'
import type { Scope } from '../domain/scope.ts'
import {
  type AsOf,
  asOfRow,
  cardOrder,
  type FreshnessRow,
  freshnessColumns,
  owner,
  phoneEnding,
} from './customer.ts'
import type { ReadSql } from './store.ts'
import { tenantRows } from './tenant.ts'

export interface FoundCustomer {
  id: string
  name: string | null
  externalRef: string | null
  /** The last four digits, only where another hit goes by the same name; null also where there is no such number. */
  phoneEnding: string | null
  status: CustomerStatus
  mergedInto: string | null
  /** Where all merges lead to; null for who was not merged, or into one who was erased. */
  survivor: { id: string; name: string | null; externalRef: string | null } | null
}

export const SEARCH_LIMIT = 20
/** Fewer digits at the end of a phone number say nothing. */
const MIN_PHONE_DIGITS = 4
/** From here on zeros in front are a prefix for another town or country, not part of the end. */
export const WHOLE_NUMBER_DIGITS = 7
/** What is left of a number anywhere without country code and trunk prefix, and still says who. */
export const SUBSCRIBER_DIGITS = 9

interface FoundRow extends FreshnessRow {
  customer_id: string | null
  name: string | null
  external_ref: string | null
  phone_ending: string | null
  status: CustomerStatus
  merged_into: string | null
  survivor_id: string | null
  survivor_name: string | null
  survivor_ref: string | null
}

/**
 * The best matches first: exact ref, ref prefix, end of a phone number, words of a name. Those that are as good stand
 * as a person looks for a name in a list, whatever the database's own order of letters.
 */
export async function searchCustomers(
  sql: ReadSql,
  scope: Scope,
  query: string,
): Promise<{ asOf: AsOf; position: string; value: FoundCustomer[] }> {
  const phones = phoneEnds(query)
  const name = nameQuery(query)
  const asRead = (column: string) => sql.unsafe(`${column} collate "und-x-icu"`) as never
  const found = sql`
    select ${freshnessColumns(sql)}, f.*, s.customer_id as survivor_id, s.name as survivor_name,
      s.external_ref as survivor_ref
    from read_model rm
    left join lateral (
      select found.customer_id, found.rank, c.name, c.external_ref, c.status, c.merged_into,
        ${phoneEnding(sql, 'c.phone')} as phone_ending
      from (
        select customer_id, min(rank) as rank
        from search_customer_ids(${query}, ${`{${phones.join()}}`}, ${name}, ${SEARCH_LIMIT})
        group by customer_id
      ) found cross join lateral (
        select name, external_ref, phone, status, merged_into from customer_card
        where customer_id = found.customer_id and business_id = ${scope.businessId}
        order by ${cardOrder(sql)} limit 1
      ) c
      order by found.rank, ${asRead('c.name')}, ${asRead('c.external_ref')}, found.customer_id
      limit ${SEARCH_LIMIT}
    ) f on true
    left join lateral (${owner(sql, scope, 'f.merged_into')}) s on true
    order by f.rank, ${asRead('f.name')}, ${asRead('f.external_ref')}, f.customer_id`
  const rows = await tenantRows<FoundRow>(sql, scope, found)
  return {
    asOf: asOfRow(rows[0]),
    position: rows[0]!.position,
    value: toldApart(rows.filter((row) => row.customer_id !== null).map(foundOf)),
  }
}

/**
 * Without phone numbers where nobody needs them to choose: a list of people is no look at each of them, of which the
 * chain keeps a record.
 */
function toldApart(found: FoundCustomer[]): FoundCustomer[] {
  const title = ({ name, externalRef }: FoundCustomer) =>
    (name ?? externalRef ?? '').trim().toLowerCase()
  const times = new Map<string, number>()
  for (const each of found) times.set(title(each), (times.get(title(each)) ?? 0) + 1)
  return found.map((each) => (times.get(title(each))! > 1 ? each : { ...each, phoneEnding: null }))
}

/**
 * What a phone number may end in, backwards; nothing when the query is no phone number. A number is
 * stored with its country's code or without, and typed with it or without, so a whole number is looked
 * for without the zeros in front, and an international one by its last digits as well.
 */
export function phoneEnds(query: string): string[] {
  if (!/^[\d\s()+\-./]+$/.test(query)) return []
  const digits = query.replace(/\D/g, '')
  const significant = digits.replace(/^0+/, '')
  const whole = significant.length >= WHOLE_NUMBER_DIGITS ? significant : digits
  if (whole.length < MIN_PHONE_DIGITS) return []
  const international = /^\s*(\+|00)/.test(query) && whole.length > SUBSCRIBER_DIGITS
  const ends = international ? [whole, whole.slice(-SUBSCRIBER_DIGITS)] : [whole]
  return ends.map((end) => [...end].reverse().join(''))
}

/**
 * A tsquery in which every word of the query is the start of a word, or null when there is no word.
 * Only letters, marks and digits get through, so nothing of the query is tsquery syntax.
 */
function nameQuery(query: string): string | null {
  const words = query.normalize('NFC').match(/[\p{L}\p{N}\p{M}]+/gu)
  return words ? words.map((word) => `${word}:*`).join(' & ') : null
}

function foundOf(row: FoundRow): FoundCustomer {
  return {
    id: row.customer_id!,
    name: row.name,
    externalRef: row.external_ref,
    phoneEnding: row.phone_ending,
    status: row.status,
    mergedInto: row.merged_into,
    survivor:
      row.survivor_id === null
        ? null
        : { id: row.survivor_id, name: row.survivor_name, externalRef: row.survivor_ref },
  }
}
