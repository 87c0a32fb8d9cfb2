/** The commands of the API that the app knows: what each is sent as, and whose acts it takes its turn among. */
import type {
  Attribution,
  AttributionRequest,
  Erasure,
  Merge,
  MergeRequest,
  Money,
  Return,
  ReturnRequest,
  Unmerge,
} from '../api/types.ts'

/** Each command, and what it answers with. */
export interface Commands {
  return: { to: { purchaseId: string; body: ReturnRequest }; answer: Return }
  merge: { to: { customerId: string; body: MergeRequest }; answer: Merge }
  unmerge: { to: { customerId: string; mergeId: string }; answer: Unmerge }
  attribution: { to: { purchaseId: string; body: AttributionRequest }; answer: Attribution }
  erasure: {
    /** `expectedCustomerIds`: whom she was shown that it takes; it is refused if anybody else would go. */
    to: { customerId: string; expectedCustomerIds?: string[] }
    answer: Erasure
  }
}

export type CommandName = keyof Commands

/** One command with what it is about, whichever it is. */
export type Command = {
  [Name in CommandName]: { name: Name; to: Commands[Name]['to'] }
}[CommandName]

/** What the list of what waits shows of an act, to a person who has done other things since. */
export interface About {
  /** Acts of one customer are done in their order; null: a guest's. */
  customerId: string | null
  customerName: string | null
  /** Who loses by it what the other gets: whose the purchase was, whose record comes back. Their acts, too. */
  otherCustomerId?: string | null
  receiptNumber?: string | null
  amount?: Money
}

interface CommandAddress {
  method?: 'POST' | 'DELETE'
  path: string
  body?: object
}

/** Where a command goes, and with which body. */
export function addressOf({ name, to }: Command): CommandAddress {
  switch (name) {
    case 'return':
      return { path: `/purchases/${to.purchaseId}/returns`, body: to.body }
    case 'merge':
      return { path: `/customers/${to.customerId}/merges`, body: to.body }
    case 'unmerge':
      return { method: 'DELETE', path: `/customers/${to.customerId}/merges/${to.mergeId}` }
    case 'attribution':
      return { path: `/purchases/${to.purchaseId}/attribution`, body: to.body }
    case 'erasure':
      return { path: `/customers/${to.customerId}/erasure`, body: erasureBody(to) }
  }
}

function erasureBody({ customerId: confirm, expectedCustomerIds }: Commands['erasure']['to']) {
  return { confirm, ...(expectedCustomerIds && { expectedCustomerIds }) }
}

/**
 * Ids of those whose acts are done in the order in which they were begun: the customers, both of a merge, of its
 * undoing and of a change of owner, and the purchase, which a guest's has alone.
 */
export function lanesOf({ name, to }: Command, { customerId, otherCustomerId }: About): string[] {
  const lanes: (string | null | undefined)[] = [customerId, otherCustomerId]
  if (name === 'return') lanes.push(to.purchaseId)
  else if (name === 'attribution') lanes.push(to.purchaseId, to.body.customerId)
  else lanes.push(to.customerId)
  if (name === 'merge') lanes.push(to.body.fromCustomerId)
  return [...new Set(lanes.filter((id) => id != null))]
}
