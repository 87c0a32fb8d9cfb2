/** What each role may do. What is not in a role's list is denied; docs/ROLES.md shows the same table. Pure. */
import type { Role } from './access.ts'

const CASHIER = ['customers:search', 'purchases:read', 'purchases:return', 'devices:purge'] as const
const ASSOCIATE = [...CASHIER, 'purchases:link', 'merges:suggest'] as const
const MANAGER = [...ASSOCIATE, 'purchases:move', 'customers:merge', 'audit:read'] as const
const ADMIN = [...MANAGER, 'customers:export', 'customers:erase'] as const

export type Permission = (typeof ADMIN)[number]

/** Each permission, from what every role has to what few have. */
export const PERMISSIONS: readonly Permission[] = ADMIN

const GRANTS: Record<Role, readonly Permission[]> = {
  cashier: CASHIER,
  sales_associate: ASSOCIATE,
  store_manager: MANAGER,
  admin: ADMIN,
  owner: ADMIN,
}

export function mayDo(role: Role, permission: Permission): boolean {
  return GRANTS[role].includes(permission)
}
