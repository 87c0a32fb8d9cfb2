/** Who may ask: roles, what a token must say, and the principal that comes of it. Pure. */
import type { Scope } from './scope.ts'

export const ROLES = ['owner', 'admin', 'store_manager', 'sales_associate', 'cashier'] as const
export type Role = (typeof ROLES)[number]

/** The `iss` and `aud` of every token; whoever signs tokens takes them from here. */
export const TOKEN_ISSUER = 'purchase-timeline'
export const TOKEN_AUDIENCE = 'purchase-timeline-api'

/** HS256 asks for a key at least as long as its hash (RFC 7518, 3.2). */
export const MIN_SECRET_BYTES = 32

/** Somebody whose token has been verified. */
export interface Principal {
  /** Null for a service that acts for no person. */
  employeeId: string | null
  role: Role
  scope: Scope
}
