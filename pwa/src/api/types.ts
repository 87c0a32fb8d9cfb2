/** What the API answers with: the types of its own schemas, which are not part of the bundle. */
import type * as z from 'zod'
import type { components } from '../../../client/index.ts'
import type {
  customerAnswer,
  listAnswer,
  listedPurchase,
  locationsAnswer,
  maskedPurchase,
  maskedRelated,
  purchaseAnswer,
  purchaseSearchAnswer,
  receiptAnswer,
  receiptLine,
  relatedPurchase,
  searchAnswer,
  spendingAnswer,
  summaryAnswer,
} from '../../../src/http/schemas.ts'

export type Customer = z.infer<typeof customerAnswer>
export type CustomerSearch = z.infer<typeof searchAnswer>
export type FoundCustomer = CustomerSearch['data'][number]
export type Location = z.infer<typeof locationsAnswer>['data'][number]
export type Locations = z.infer<typeof locationsAnswer>
export type Purchase = z.infer<typeof listedPurchase>
/** What an entry and a receipt have in common. */
export type PurchaseInBrief = Omit<Purchase, 'topItem'>
/** Of another store, where the session sees only that it happened. */
export type MaskedPurchase = z.infer<typeof maskedPurchase>
export type Entry = Purchase | MaskedPurchase
export type PurchasePage = z.infer<typeof listAnswer>
/** By the number on its receipt, with whose it is. */
export type FoundPurchase = PurchaseSearch['data'][number]
export type PurchaseSearch = z.infer<typeof purchaseSearchAnswer>
/** Whoever's it is: without a customer a guest's. */
export type PurchaseReceipt = z.infer<typeof purchaseAnswer>
export type Receipt = z.infer<typeof receiptAnswer>
export type ReceiptLine = z.infer<typeof receiptLine>
export type RelatedPurchase = z.infer<typeof relatedPurchase>
export type MaskedRelated = z.infer<typeof maskedRelated>
export type Spending = z.infer<typeof spendingAnswer>
export type MonthlySpending = Spending['months'][number]
export type Summary = z.infer<typeof summaryAnswer>
export type Totals = Summary['totals'][number]
export type Money = Purchase['total']
/** Whole minor units; a bigint only beyond 2^53. */
export type MinorUnits = Money['amount']

type Schemas = components['schemas']
export type AccessList = Schemas['AccessList']
export type Attribution = Schemas['Attribution']
export type AttributionRequest = Schemas['AttributionRequest']
export type CustomerExport = Schemas['CustomerExport']
export type Erasure = Schemas['Erasure']
export type Merge = Schemas['Merge']
export type MergeHistory = Schemas['MergeHistory']
export type MergePreview = Schemas['MergePreview']
export type MergeRequest = Schemas['MergeRequest']
export type MergeSuggestions = Schemas['MergeSuggestions']
export type PurgeList = Schemas['PurgeList']
export type Return = Schemas['Return']
export type ReturnRequest = Schemas['ReturnRequest']
export type Unmerge = Schemas['Unmerge']

export function isMasked<T extends { id: string }, M extends { masked: true }>(
  entry: T | M,
): entry is M {
  return 'masked' in entry
}
