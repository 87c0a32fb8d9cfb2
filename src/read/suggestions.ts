/**
 * Who may be the same person: other active customers of the tenant with the same phone number or e-mail
 * address. Two statements: whom it is about, and who has the same; each is a look-up in an index.
 */
import type { Scope } from '../domain/scope.ts'
import {
  type Answer,
  cardOrder,
  forCustomer,
  fromHead,
  type HeadRow,
  headColumns,
} from './customer.ts'
import { phoneEnds, SEARCH_LIMIT, SUBSCRIBER_DIGITS, WHOLE_NUMBER_DIGITS } from './search.ts'
import type { ReadSql } from './store.ts'
import { tenantRows } from './tenant.ts'

export interface Match {
  on: 'phone' | 'email'
  /** What of it may be shown, to ask the person by. */
  hint: string
}

export interface Suggestion {
  id: string
  name: string | null
  externalRef: string | null
  matches: Match[]
}

export interface Contact {
  phone: string | null
  email: string | null
}

interface CandidateRow extends Contact {
  customer_id: string
  name: string | null
  external_ref: string | null
}

/** Those with more matches first, at most 20. Null when the tenant has no such customer. Throws CustomerErased. */
export async function readSuggestions(
  sql: ReadSql,
  scope: Scope,
  customerId: string,
): Promise<Answer<Suggestion[]> | null> {
  const card = sql`select phone, email from customer_card
    where customer_id = c.customer_id and business_id = ${scope.businessId}
    order by ${cardOrder(sql)} limit 1`
  const query = (id: string) =>
    tenantRows<HeadRow & Contact>(
      sql,
      scope,
      sql`select ${headColumns(sql)}, card.phone, card.email
        from ${fromHead(sql, scope, id, customerId)} left join lateral (${card}) card on true`,
    )
  const answer = await forCustomer(sql, scope, customerId, query, ([row]): Contact => row!)
  return answer && { ...answer, value: await suggestionsFor(sql, scope, answer) }
}

async function suggestionsFor(
  sql: ReadSql,
  scope: Scope,
  { customerId, value: contact }: Answer<Contact>,
): Promise<Suggestion[]> {
  const ends = `{${phoneEnds(contact.phone ?? '').join()}}`
  // One more than are shown: the customer herself is found, too.
  const atMost = SEARCH_LIMIT + 1
  const candidates = await tenantRows<CandidateRow>(
    sql,
    scope,
    sql`
      select found.customer_id, c.name, c.external_ref, c.phone, c.email
      from (
        select customer_id from search_customer_ids(null, ${ends}, null, ${atMost})
        union
        select customer_id from customer_ids_with_email(${contact.email}, ${atMost})
      ) found cross join lateral (
        select name, external_ref, phone, email, status from customer_card
        where customer_id = found.customer_id and business_id = ${scope.businessId}
        order by ${cardOrder(sql)} limit 1
      ) c
      where c.status = 'active' and found.customer_id <> ${customerId}
      order by c.name, c.external_ref, found.customer_id`,
  )
  return candidates
    .map((row) => ({
      id: row.customer_id,
      name: row.name,
      externalRef: row.external_ref,
      matches: matchesOf(contact, row),
    }))
    .filter(({ matches }) => matches.length > 0)
    .sort((a, b) => b.matches.length - a.matches.length)
    .slice(0, SEARCH_LIMIT)
}

/** What two customers have in common. Pure. */
export function matchesOf(one: Contact, other: Contact): Match[] {
  const matches: Match[] = []
  if (one.phone && other.phone && isSamePhone(one.phone, other.phone)) {
    matches.push({ on: 'phone', hint: `•••${other.phone.replace(/\D/g, '').slice(-3)}` })
  }
  if (one.email && other.email && one.email.toLowerCase() === other.email.toLowerCase()) {
    const [first = ''] = other.email
    matches.push({
      on: 'email',
      hint: `${first}•••${other.email.slice(other.email.lastIndexOf('@'))}`,
    })
  }
  return matches
}

/** The same digits, however punctuated; with the country's code or without, when they are enough. */
function isSamePhone(one: string, other: string): boolean {
  const [short, long] = [one, other]
    .map((phone) => phone.replace(/\D/g, '').replace(/^0+/, ''))
    .sort((a, b) => a.length - b.length) as [string, string]
  if (short.length < WHOLE_NUMBER_DIGITS) return false
  return short === long || (short.length >= SUBSCRIBER_DIGITS && long.endsWith(short))
}
