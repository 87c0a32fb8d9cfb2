/** The closed vocabularies of purchases. Everything else takes its words from here. */

export const LOCATION_KINDS = ['retail', 'restaurant'] as const
export const CUSTOMER_STATUSES = ['active', 'merged', 'blocked', 'erased'] as const

/** A purchase is a sale (rung up at a till) or an order (a restaurant's ticket). */
export const PURCHASE_KINDS = ['sale', 'order'] as const

export const SALE_TYPES = ['sale', 'return', 'exchange', 'layaway_completion'] as const
export const SALE_STATUSES = ['draft', 'parked', 'completed', 'voided'] as const

export const ORDER_TYPES = ['dine_in', 'takeaway', 'delivery'] as const
export const ORDER_STATUSES = ['open', 'closed', 'cancelled'] as const

/** Why something is brought back. A closed list, so that nobody writes about a person here. */
export const RETURN_REASONS = [
  'unwanted',
  'wrong_size',
  'wrong_item',
  'defective',
  'not_as_described',
  'other',
] as const
/** How money is given back: as cash, or to what the sale was paid with. */
export const REFUND_TENDERS = ['cash', 'original'] as const
/** How sure it is whose a purchase is, the weakest first. */
export const EVIDENCE = ['suggested', 'confirmed', 'proven'] as const

export type CustomerStatus = (typeof CUSTOMER_STATUSES)[number]
export type PurchaseKind = (typeof PURCHASE_KINDS)[number]
export type SaleType = (typeof SALE_TYPES)[number]
export type ReturnReason = (typeof RETURN_REASONS)[number]
export type RefundTender = (typeof REFUND_TENDERS)[number]
export type Evidence = (typeof EVIDENCE)[number]
