/** The closed vocabularies of purchases. Everything else takes its words from here. */

export const LOCATION_KINDS = ['retail', 'restaurant'] as const
export const CUSTOMER_STATUSES = ['active', 'merged', 'blocked', 'erased'] as const

/** A purchase is a sale (rung up at a till) or an order (a restaurant's ticket). */
export const PURCHASE_KINDS = ['sale', 'order'] as const

export const SALE_TYPES = ['sale', 'return', 'exchange', 'layaway_completion'] as const
export const SALE_STATUSES = ['draft', 'parked', 'completed', 'voided'] as const

export const ORDER_TYPES = ['dine_in', 'takeaway', 'delivery'] as const
export const ORDER_STATUSES = ['open', 'closed', 'cancelled'] as const

export type LocationKind = (typeof LOCATION_KINDS)[number]
export type CustomerStatus = (typeof CUSTOMER_STATUSES)[number]
export type PurchaseKind = (typeof PURCHASE_KINDS)[number]
export type SaleType = (typeof SALE_TYPES)[number]
export type SaleStatus = (typeof SALE_STATUSES)[number]
export type OrderType = (typeof ORDER_TYPES)[number]
export type OrderStatus = (typeof ORDER_STATUSES)[number]
