/** Whose a purchase is, as it is said in a dialog: what is said of it, and how it went. */
import { signal } from '@preact/signals'
import type { Failure } from '../api/failure.ts'
import type { AttributionRequest, FoundPurchase } from '../api/types.ts'
import { act } from '../outbox/act.ts'

export interface Person {
  id: string
  name: string | null
}

/** What has to be known of a purchase to say whose it is. */
export type OwnedPurchase = Pick<
  FoundPurchase,
  'id' | 'kind' | 'type' | 'occurredAt' | 'location' | 'total' | 'counted'
> & {
  receiptNumber: string | null
  /** Null: a guest's. */
  customer: Person | null
}

export type Evidence = AttributionRequest['evidence']
/** The strongest first. */
export const EVIDENCE: readonly Evidence[] = ['proven', 'confirmed', 'suggested']

export type AttributionState =
  | { name: 'asking' }
  | { name: 'busy' }
  | { name: 'refused'; failure: Failure }
  | { name: 'waiting' }

export class Attribution {
  readonly evidence = signal<Evidence>('confirmed')
  readonly note = signal('')
  /** That it is meant although somebody was surer. */
  readonly overrule = signal(false)
  readonly state = signal<AttributionState>({ name: 'asking' })
  readonly #purchase: OwnedPurchase

  constructor(purchase: OwnedPurchase) {
    this.#purchase = purchase
  }

  /** Whether it was refused since somebody was surer of something else. */
  get isOutweighed(): boolean {
    const state = this.state.value
    return state.name === 'refused' && state.failure.problem?.kind === 'stronger-evidence'
  }

  /**
   * `to`: whose it is; null: a guest's. Whose it is then, or undefined: it was not done. Never rejects.
   * @param left as that of `act`
   */
  async say(to: Person | null, left?: AbortSignal): Promise<string | null | undefined> {
    const { id: purchaseId, receiptNumber, total, customer } = this.#purchase
    const note = this.note.peek().trim()
    const body = {
      customerId: to?.id ?? null,
      evidence: this.evidence.peek(),
      ...(note && { note }),
      ...(this.overrule.peek() && { overrule: true }),
    }
    this.state.value = { name: 'busy' }
    const about = {
      customerId: to?.id ?? null,
      customerName: to?.name ?? null,
      otherCustomerId: customer?.id ?? null,
    }
    const outcome = await act(
      'attribution',
      { purchaseId, body },
      { ...about, receiptNumber, amount: total },
      { left },
    )
    if (outcome.state === 'done') return outcome.answer.customerId
    this.state.value =
      outcome.state === 'waiting'
        ? { name: 'waiting' }
        : { name: 'refused', failure: outcome.failure }
    return undefined
  }
}
