/** A receipt as it is once something of it was taken back, before the next answer about it has that. Pure. */
import type { PurchaseReceipt, Return } from '../api/types.ts'

/** The answer to the return has what remains from the source itself; the receipt is from what follows it. */
export function afterReturn(
  receipt: PurchaseReceipt,
  done: { answer: Return; at: PurchaseReceipt['location']; occurredAt: string },
): PurchaseReceipt {
  const { purchaseId, receiptNumber, refund, lines } = done.answer
  if (purchaseId === null || receipt.returns.some(({ id }) => id === purchaseId)) return receipt
  const remaining = new Map(lines.map(({ lineId, remainingQty }) => [lineId, remainingQty]))
  return {
    ...receipt,
    lines: receipt.lines.map((line) => ({
      ...line,
      remainingQty: remaining.get(line.id) ?? line.remainingQty,
    })),
    returns: [
      ...receipt.returns,
      {
        id: purchaseId,
        type: 'return',
        status: 'completed',
        counted: true,
        occurredAt: done.occurredAt,
        receiptNumber,
        location: done.at,
        total: { ...refund, amount: -refund.amount },
      },
    ],
  }
}
