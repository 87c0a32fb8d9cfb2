/**
 * What staff do that changes something. Every act goes through here, and is one intent with one
 * Idempotency-Key for as long as it lives.
 */
import { tell } from '../api/client.ts'
import { Failure } from '../api/failure.ts'
import type {
  Attribution,
  AttributionRequest,
  Erasure,
  Merge,
  MergeRequest,
  Return,
  ReturnRequest,
  Unmerge,
} from '../api/types.ts'

/** Each command of the API that the app knows, and what it answers with. */
export interface Commands {
  return: { to: { purchaseId: string; body: ReturnRequest }; answer: Return }
  merge: { to: { customerId: string; body: MergeRequest }; answer: Merge }
  unmerge: { to: { customerId: string; mergeId: string }; answer: Unmerge }
  attribution: { to: { purchaseId: string; body: AttributionRequest }; answer: Attribution }
  erasure: { to: { customerId: string }; answer: Erasure }
}

export type CommandName = keyof Commands

/** What the list of what waits shows of an act, to a person who has done other things since. */
export interface About {
  /** Acts of one customer are done in their order; null: a guest's. */
  customerId: string | null
  customerName: string | null
  receiptNumber?: string | null
  amount?: { amount: number | bigint; currency: string }
}

/** How an act stands when the one who began it is told. */
export type Outcome<Name extends CommandName> =
  | { state: 'done'; answer: Commands[Name]['answer'] }
  /** Refused for good; `failure.problem` says why. Nothing was changed. */
  | { state: 'refused'; failure: Failure }
  /** It is kept, and sent again until the server has said something. Nobody knows yet whether it was done. */
  | { state: 'waiting' }

/** Does it, or keeps it until it can be done. Never rejects. */
export async function act<Name extends CommandName>(
  name: Name,
  to: Commands[Name]['to'],
  _about: About,
): Promise<Outcome<Name>> {
  const { path, ...options } = requestOf(name, to)
  try {
    const answer = await tell<Commands[Name]['answer']>(path, {
      ...options,
      key: crypto.randomUUID(),
    })
    return { state: 'done', answer }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return error.kind === 'offline' ? { state: 'waiting' } : { state: 'refused', failure: error }
  }
}

/** What the act would do, without doing it. Rejects with a Failure, as the act itself would be refused. */
export function preview<Name extends Exclude<CommandName, 'unmerge' | 'attribution'>, Answer>(
  name: Name,
  to: Commands[Name]['to'],
): Promise<Answer> {
  const { path, ...options } = requestOf(name, to)
  return tell<Answer>(path, { ...options, query: { dryRun: true } })
}

function requestOf<Name extends CommandName>(name: Name, to: Commands[Name]['to']) {
  const all: { [Each in CommandName]: (to: Commands[Each]['to']) => CommandAddress } = {
    return: ({ purchaseId, body }) => ({ path: `/purchases/${purchaseId}/returns`, body }),
    merge: ({ customerId, body }) => ({ path: `/customers/${customerId}/merges`, body }),
    unmerge: ({ customerId, mergeId }) => ({
      method: 'DELETE',
      path: `/customers/${customerId}/merges/${mergeId}`,
    }),
    attribution: ({ purchaseId, body }) => ({
      path: `/purchases/${purchaseId}/attribution`,
      body,
    }),
    erasure: ({ customerId }) => ({
      path: `/customers/${customerId}/erasure`,
      body: { confirm: customerId },
    }),
  }
  return all[name](to)
}

interface CommandAddress {
  method?: 'POST' | 'DELETE'
  path: string
  body?: object
}
