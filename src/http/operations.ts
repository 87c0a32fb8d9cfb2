/** All that the API can do. */
import type { Operation } from './operation.ts'
import { getAccesses } from './routes/accesses.ts'
import { attribute } from './routes/attribution.ts'
import { getChanges } from './routes/changes.ts'
import { contractOperations } from './routes/contract.ts'
import { getCustomer } from './routes/customer.ts'
import { erase } from './routes/erasure.ts'
import { exportCustomer } from './routes/export.ts'
import { getHealth, getReadiness } from './routes/health.ts'
import { getPurchases } from './routes/list.ts'
import { getLocations } from './routes/locations.ts'
import { getMerges, merge, unmerge } from './routes/merges.ts'
import { getMetrics } from './routes/metrics.ts'
import { getPurchase } from './routes/purchase.ts'
import { findPurchases } from './routes/purchase-search.ts'
import { getPurge } from './routes/purge.ts'
import { getReceipt } from './routes/receipt.ts'
import { returnLines } from './routes/returns.ts'
import { findCustomers } from './routes/search.ts'
import { getSpending } from './routes/spending.ts'
import { suggestMerges } from './routes/suggestions.ts'
import { getPurchaseSummary } from './routes/summary.ts'

export const OPERATIONS: readonly Operation[] = [
  getHealth,
  getReadiness,
  getMetrics,
  findCustomers,
  getCustomer,
  getPurchaseSummary,
  getSpending,
  getPurchases,
  getReceipt,
  getChanges,
  findPurchases,
  getPurchase,
  getLocations,
  suggestMerges,
  getMerges,
  merge,
  unmerge,
  attribute,
  returnLines,
  erase,
  getPurge,
  getAccesses,
  exportCustomer,
  ...contractOperations(() => OPERATIONS),
]
