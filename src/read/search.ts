/**
 * Finding customers of the tenant by external ref, phone or name: three index look-ups, one
 * statement. The directory belongs to the tenant: a till must find a customer who has bought only
 * elsewhere so far; what she bought there stays out of scope in the other queries.
 *
 * Prefixes are ranges (`~>=~`, `~<~`), not LIKE: a range is an index condition for a prepared
 * statement's generic plan too, and has no wildcards to escape.
 */
import type { CustomerStatus } from '../domain/purchase.ts'
import type { Scope } from '../domain/scope.ts'
import {
  type AsOf,
  asOfRow,
  type FreshnessRow,
  freshnessColumns,
  fromCheckpoint,
} from './customer.ts'
import type { ReadSql } from './store.ts'

export interface FoundCustomer {
  id: string
  name: string | null
  externalRef: string | null
  status: CustomerStatus
  mergedInto: string | null
}

export const SEARCH_LIMIT = 20
/** Fewer digits at the end of a phone number say nothing. */
const MIN_PHONE_DIGITS = 4

interface FoundRow extends FreshnessRow {
  customer_id: string | null
  name: string | null
  external_ref: string | null
  status: CustomerStatus
  merged_into: string | null
}

/** The best matches first: exact ref, ref prefix, end of a phone number, words of a name. */
export async function searchCustomers(
  sql: ReadSql,
  scope: Scope,
  query: string,
): Promise<{ asOf: AsOf; value: FoundCustomer[] }> {
  const phone = phoneDigits(query)
  const name = nameQuery(query)
  const columns = sql`customer_id, name, external_ref, status, merged_into`
  const rows = await sql<FoundRow[]>`
    select ${freshnessColumns(sql)}, f.* from ${fromCheckpoint(sql)}
    left join lateral (
      select ${columns}, min(rank) as rank from (
        (select ${columns}, case when lower(external_ref) = lower(${query}) then 0 else 1 end as rank
         from customer_card
         where business_id = ${scope.businessId}
           and lower(external_ref) ~>=~ lower(${query})
           and lower(external_ref) ~<~ (lower(${query}) || chr(1114111))
         order by lower(external_ref) using ~<~
         limit ${SEARCH_LIMIT})
        ${
          phone
            ? sql`union all (select ${columns}, 2 from customer_card
                where business_id = ${scope.businessId}
                  and reverse(regexp_replace(phone, '\\D', '', 'g')) ~>=~ ${phone}
                  and reverse(regexp_replace(phone, '\\D', '', 'g')) ~<~ ${`${phone}:`}
                limit ${SEARCH_LIMIT})`
            : sql``
        }
        ${
          name
            ? sql`union all (select ${columns}, 3 from customer_card
                where business_id = ${scope.businessId}
                  and to_tsvector('simple', name) @@ to_tsquery('simple', ${name})
                order by name, customer_id
                limit ${SEARCH_LIMIT})`
            : sql``
        }
      ) as matches
      group by ${columns}
      order by min(rank), name, external_ref, customer_id
      limit ${SEARCH_LIMIT}
    ) f on true
    order by f.rank, f.name, f.external_ref, f.customer_id`
  return {
    asOf: asOfRow(rows[0]),
    value: rows.filter((row) => row.customer_id !== null).map(foundOf),
  }
}

/**
 * The digits backwards when the query is a phone number, else null. Leading zeros go: they are the
 * prefix for another country or another town, and the number may be stored without or with a
 * country's code in their place.
 */
export function phoneDigits(query: string): string | null {
  if (!/^[\d\s()+\-./]+$/.test(query)) return null
  const digits = query.replace(/\D/g, '').replace(/^0+/, '')
  return digits.length < MIN_PHONE_DIGITS ? null : [...digits].reverse().join('')
}

/**
 * A tsquery in which every word of the query is the start of a word, or null when there is no word.
 * Only letters, marks and digits get through, so nothing of the query is tsquery syntax.
 */
export function nameQuery(query: string): string | null {
  const words = query.normalize('NFC').match(/[\p{L}\p{N}\p{M}]+/gu)
  return words ? words.map((word) => `${word}:*`).join(' & ') : null
}

function foundOf(row: FoundRow): FoundCustomer {
  return {
    id: row.customer_id!,
    name: row.name,
    externalRef: row.external_ref,
    status: row.status,
    mergedInto: row.merged_into,
  }
}
