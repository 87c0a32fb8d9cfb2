/** The locations that a scope shows: their names, and the clocks that their receipts are read by. */
import type { LOCATION_KINDS } from '../domain/purchase.ts'
import type { Scope } from '../domain/scope.ts'
import { type AsOf, asOfRow, type FreshnessRow, freshnessColumns, visible } from './customer.ts'
import type { ReadSql } from './store.ts'
import { tenantRows } from './tenant.ts'

export interface Location {
  id: string
  name: string
  region: string
  /** An IANA name. */
  timezone: string
  kind: (typeof LOCATION_KINDS)[number]
}

interface LocationRow extends FreshnessRow {
  location_id: string | null
  name: string
  region: string
  timezone: string
  kind: Location['kind']
}

/** By region, then name. */
export async function readLocations(
  sql: ReadSql,
  scope: Scope,
): Promise<{ asOf: AsOf; position: string; value: Location[] }> {
  const query = sql`
    select ${freshnessColumns(sql)}, l.location_id, l.name, l.region, l.timezone, l.kind
    from read_model rm
    left join (
      select distinct on (location_id) location_id, name, region, timezone, kind
      from location_card
      where business_id = ${scope.businessId} ${visible(sql, scope, 'location_id')}
      order by location_id, source_id
    ) l on true
    order by l.region, l.name, l.location_id`
  const rows = await tenantRows<LocationRow>(sql, scope, query)
  return {
    asOf: asOfRow(rows[0]),
    position: rows[0]!.position,
    value: rows
      .filter((row) => row.location_id !== null)
      .map(({ location_id, name, region, timezone, kind }) => ({
        id: location_id!,
        name,
        region,
        timezone,
        kind,
      })),
  }
}
