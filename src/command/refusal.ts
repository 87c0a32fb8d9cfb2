/** Why a command was not done: something that the caller can understand, and often mend. */

export const REFUSAL_REASONS = [
  /** The business has no such customer. */
  'customer-not-found',
  'purchase-not-found',
  'merge-not-found',
  'location-not-found',
  'line-not-found',
  /** The role may act here, but not to that end. */
  'not-permitted',
  /** From and into are one customer. */
  'into-itself',
  /** The customer was merged into another before: act on the survivor. */
  'already-merged',
  /** Nobody is merged into a customer who was merged on: take the survivor. */
  'target-merged',
  /** Who was erased can't be acted on again. */
  'erased',
  /** Others are the same person since it was said who would be erased: look at them first. */
  'others-merged',
  /** A merge would lose the block, and a blocked customer gets no purchases: unblock first. */
  'blocked',
  'already-undone',
  /** Somebody was surer of whose the purchase is: say that this overrules it. */
  'stronger-evidence',
  /** Nothing of such a purchase, or line, ever comes back. */
  'not-returnable',
  /** Less of the line is left than was to come back. */
  'more-than-remains',
  /** Another amount than the client showed: it should show this one first. */
  'refund-changed',
  /** Below zero, or more than is left of what was paid. */
  'refund-out-of-range',
  /** The payments of the sale can't take so much: refund it in cash. */
  'tender-exhausted',
] as const
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

/** Nothing was changed. The message names ids and nothing personal. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** Stable: for programs. */
  readonly reason: RefusalReason
  /** The id (of a customer, a purchase or a merge) that is the reason. */
  readonly culprit: string | null

  constructor(reason: RefusalReason, message: string, culprit: string | null, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
    this.culprit = culprit
  }
}

/**
 * The refusal that an error of the source stands for, when it is one of its rules (the triggers of
 * `migrations/source/0003_merge_rules.sql`); null for any other error.
 */
export function refusalOf(error: unknown): Refusal | null {
  if (!(error instanceof Error) || !('code' in error) || error.code !== '23514') return null
  const constraint = 'constraint_name' in error ? error.constraint_name : null
  const reason = REFUSAL_REASONS.find((each) => each === constraint)
  if (!reason) return null
  const [culprit = null] = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(error.message) ?? []
  return new Refusal(reason, error.message, culprit, error)
}
