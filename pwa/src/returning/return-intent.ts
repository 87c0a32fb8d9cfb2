/**
 * Goods on the counter: what of a receipt comes back, why, where and how it is paid, from the first press until
 * it is done. What is given back is never computed here: each choice is asked of the server as a dry run, and the
 * act itself is refused if it would give back another amount than the one that was shown.
 */
import { computed, effect, type ReadonlySignal, signal } from '@preact/signals'
import { Failure } from '../api/failure.ts'
import type { PurchaseReceipt, Return, ReturnRequest } from '../api/types.ts'
import { act, type Outcome, preview, requestReturn, type Settles } from '../outbox/act.ts'
import { counterFor, counterOf, rememberCounter } from './counter.ts'
import {
  linesLeft,
  obviousChoice,
  type Quantities,
  quantitiesOf,
  unitsOf,
  within,
} from './quantities.ts'

/** Steppers are pressed several times. */
const PAUSE_MS = 150
/** The read model is behind the source by milliseconds. */
const LOOKS_AGAIN = 5
const LOOK_PAUSE_MS = 200

export type Reason = ReturnRequest['reason']
export type Tender = ReturnRequest['refund']

/** What would be given back for what is chosen. */
export type Quote =
  | { state: 'none' }
  | { state: 'asking'; before: Return | null }
  | { state: 'known'; answer: Return }
  | { state: 'failed' }

type Phase =
  | { name: 'choosing' }
  | { name: 'sending' }
  | { name: 'done'; answer: Return }
  /** Sent, and nobody answered: it is sent again until somebody does. */
  | { name: 'waiting' }
  /** There was no server to say what it is worth: nothing was sent, and a person has to settle it later. */
  | { name: 'requested' }

export interface ReceiptSource {
  readonly value: ReadonlySignal<PurchaseReceipt | null>
  /** Asks again, now. */
  renew(): Promise<boolean>
}

export interface ReturnOptions {
  purchaseId: string
  receipt: ReceiptSource
  customerName: string | null
  /** What was asked for before and waits for this: it is begun with. */
  settles?: (Settles & { body: ReturnRequest }) | undefined
  /** Called once it is done. */
  onDone: (answer: Return, at: PurchaseReceipt['location']) => void
}

export class ReturnIntent {
  readonly reason = signal<Reason | null>(null)
  readonly tender = signal<Tender>('original')
  readonly quote = signal<Quote>({ state: 'none' })
  readonly phase = signal<Phase>({ name: 'choosing' })
  /** Why the last attempt, or the last look, was refused. */
  readonly refusal = signal<Failure | null>(null)
  readonly lines = computed(() => linesLeft(this.receipt.value?.lines ?? []))
  /** Never more than is left, whatever happens elsewhere meanwhile. */
  readonly chosen: ReadonlySignal<Quantities>
  readonly locationId: ReadonlySignal<string | null>
  readonly #options: ReturnOptions
  readonly #wanted = signal<Quantities>({})
  readonly #location = signal<string | null>(null)
  #settles: Settles | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Only the answer to the last question counts. */
  #turn = 0
  /** How often she has chosen: why something was refused that was chosen before is nothing to her any more. */
  #choices = 0
  /** Aborted if she leaves before she is shown what came of it; null while nothing is under way. */
  #sending: AbortController | null = null

  constructor(options: ReturnOptions) {
    this.#options = options
    this.#settles = options.settles
    const before = options.settles?.body
    this.#wanted.value = before ? quantitiesOf(before.lines) : obviousChoice(this.lines.peek())
    if (before) {
      this.reason.value = before.reason
      this.tender.value = before.refund
      this.#location.value = before.locationId
    }
    this.chosen = computed(() => within(this.lines.value, this.#wanted.value))
    this.locationId = computed(
      () => this.#location.value ?? counterFor(this.receipt.value?.location.id ?? ''),
    )
  }

  get receipt(): ReadonlySignal<PurchaseReceipt | null> {
    return this.#options.receipt.value
  }

  /** What would be sent, but for the reason; null while nothing is chosen. */
  readonly #asked = computed<Omit<ReturnRequest, 'reason'> | null>(() => {
    const lines = Object.entries(this.chosen.value)
    const locationId = this.locationId.value
    if (lines.length === 0 || locationId === null) return null
    return {
      locationId,
      lines: lines.map(([lineId, qty]) => ({ lineId, qty: unitsOf(qty) })),
      refund: this.tender.value,
    }
  })

  /** Keeps the quote to what is chosen, until it is stopped by what it returns. */
  start(): () => void {
    const asked = computed(() => JSON.stringify(this.#asked.value))
    const stop = effect(() => {
      asked.value
      this.#quoteAfter(PAUSE_MS)
    })
    return () => {
      stop()
      clearTimeout(this.#timer)
      this.#turn += 1
      this.#sending?.abort()
    }
  }

  choose(quantities: Quantities): void {
    this.#forgetRefusal()
    this.#wanted.value = { ...this.chosen.peek(), ...quantities }
  }

  chooseLocation(id: string): void {
    this.#forgetRefusal()
    this.#location.value = id
    rememberCounter(id)
  }

  chooseTender(tender: Tender): void {
    this.#forgetRefusal()
    this.tender.value = tender
  }

  /** After a refusal that may pass. */
  retry(): void {
    this.#forgetRefusal()
    this.#quoteAfter(0)
  }

  #forgetRefusal(): void {
    this.#choices += 1
    this.refusal.value = null
  }

  /** Asks what would be given back; the answer is in `quote`. */
  #quoteAfter(pauseMs: number): void {
    clearTimeout(this.#timer)
    this.#turn += 1
    if (this.#asked.peek() === null) this.quote.value = { state: 'none' }
    else {
      const current = this.quote.peek()
      const before = current.state === 'known' ? current.answer : null
      this.quote.value = { state: 'asking', before }
      this.#timer = setTimeout(() => void this.#ask(this.#turn), pauseMs)
    }
  }

  /** Whether the server can't be asked what it is worth; then it can only be requested. */
  readonly unreachable = computed(
    () => this.quote.value.state === 'failed' && this.refusal.value?.kind === 'offline',
  )

  /** Takes it back, for what `quote` says. Where nobody can say it, it is kept as a request. */
  async confirm(): Promise<void> {
    const { purchaseId, customerName } = this.#options
    const quote = this.quote.peek()
    const reason = this.reason.peek()
    const asked = this.#asked.peek()
    const receipt = this.receipt.peek()
    if (!reason || !asked) return
    const body = { ...asked, reason }
    const about = {
      customerId: receipt?.customerId ?? null,
      customerName,
      receiptNumber: receipt?.receiptNumber ?? null,
    }
    if (quote.state === 'known') {
      const { refund, customerId } = quote.answer
      const expectedRefund = { ...refund, amount: wireAmount(refund.amount) }
      const options = { settles: this.#settles, left: this.#begin() }
      const to = { purchaseId, body: { ...body, expectedRefund } }
      await this.#end(
        await act('return', to, { ...about, customerId, amount: refund }, options),
        body,
      )
    } else if (this.unreachable.peek()) {
      const options = { settles: this.#settles, left: this.#begin() }
      await this.#end(await requestReturn({ purchaseId, body }, about, options), body)
    }
  }

  #begin(): AbortSignal {
    this.#forgetRefusal()
    this.phase.value = { name: 'sending' }
    this.#sending = new AbortController()
    return this.#sending.signal
  }

  async #end(outcome: Outcome<'return'>, body: ReturnRequest): Promise<void> {
    if (outcome.state === 'done') {
      this.phase.value = { name: 'done', answer: outcome.answer }
      this.#options.onDone(outcome.answer, counterOf(body.locationId))
    } else if (outcome.state === 'refused') {
      this.#settles = outcome.settles ?? this.#settles
      await this.#refused(outcome.failure, body)
      this.phase.value = { name: 'choosing' }
      this.#quoteAfter(0)
    } else this.phase.value = { name: outcome.state }
    this.#sending = null
  }

  async #ask(turn: number): Promise<void> {
    const { purchaseId } = this.#options
    // What it is worth does not depend on why it comes back.
    const body: ReturnRequest = { ...this.#asked.peek()!, reason: this.reason.peek() ?? 'other' }
    try {
      const answer = await preview<'return', Return>('return', { purchaseId, body })
      if (turn === this.#turn) this.quote.value = { state: 'known', answer }
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      if (turn !== this.#turn) return
      this.quote.value = { state: 'failed' }
      await this.#refused(error, body)
    }
  }

  /** Says so, once what it is about is as it is now. */
  async #refused(failure: Failure, { lines }: ReturnRequest): Promise<void> {
    const choices = this.#choices
    const kind = failure.problem?.kind
    const tooMuch = lines.find(({ lineId }) => lineId === failure.problem?.culprit)
    if (kind === 'more-than-remains' && tooMuch) await this.#untilLessIsLeft(tooMuch)
    else if (failure.kind === 'conflict' || failure.kind === 'not-found') {
      await this.#options.receipt.renew()
    }
    if (choices === this.#choices) this.refusal.value = failure
  }

  /** Somebody else was first: the receipt is read until it shows it. */
  async #untilLessIsLeft({ lineId, qty }: ReturnRequest['lines'][number]): Promise<void> {
    const left = () => this.lines.peek().find(({ line }) => line.id === lineId)?.left ?? 0
    for (let look = 0; look < LOOKS_AGAIN; look += 1) {
      await this.#options.receipt.renew()
      if (unitsOf(left()) < qty) return
      await new Promise((resolve) => setTimeout(resolve, LOOK_PAUSE_MS))
    }
  }
}

/** The API takes digits as a text beyond 2^53. */
function wireAmount(amount: number | bigint): number | string {
  return typeof amount === 'bigint' ? String(amount) : amount
}
