/** Finds receipts by their number among the newest purchases that this device keeps of the customers it knows. */
import { type FoundPurchase, isMasked } from '../api/types.ts'
import { keptPurchases } from '../customer/timeline.ts'
import type { KeptCustomer } from './kept-customers.ts'

/** By the whole number, in any case, the newest first, as the API finds them among all. Never rejects. */
export async function keptReceipts(
  query: string,
  customers: readonly KeptCustomer[],
): Promise<FoundPurchase[]> {
  const printed = query.trim().toLowerCase()
  const found = await Promise.all(
    customers.map(async ({ id, name, status }) => {
      const customer = { id, name, status }
      return (await keptPurchases(id)).flatMap((entry) => {
        if (isMasked(entry) || entry.receiptNumber?.toLowerCase() !== printed) return []
        return [{ ...entry, receiptNumber: entry.receiptNumber, customer }]
      })
    }),
  )
  return found.flat().sort((a, b) => Date.parse(b.occurredAt) - Date.parse(a.occurredAt))
}
