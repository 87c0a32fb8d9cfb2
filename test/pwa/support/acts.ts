/** Acts as dialogs begin them. */
import type { ReturnRequest } from '../../../pwa/src/api/types.ts'

/** Of one piece; `amount`: what somebody agreed to. */
export function returnOf(amount?: number) {
  const body: ReturnRequest = {
    ...{ locationId: 'l', lines: [{ lineId: 'x', qty: 1 }], reason: 'other', refund: 'cash' },
    ...(amount && { expectedRefund: { amount, currency: 'GBP' } }),
  }
  return {
    command: { name: 'return' as const, to: { purchaseId: 'p', body } },
    about: { customerId: 'ann', customerName: null },
    state: 'requested' as const,
  }
}

/** The undoing of a merge into the customer: the shortest act there is. */
export const unmergeOf = (customerId: string) => ({
  command: { name: 'unmerge', to: { customerId, mergeId: 'm' } } as const,
  about: { customerId, customerName: null },
})
