/** Two chains in one source, each with words of its own in every text; the projector live; the API on it. */
import postgres from 'postgres'
import { MemoryStore } from '../../../src/cache/memory-store.ts'
import { serveBun } from '../../../src/entry/bun.ts'
import { parseQuotas } from '../../../src/http/quotas.ts'
import type { Log, LogFields } from '../../../src/log.ts'
import { READ_CLIENT_OPTIONS, type ReadSql } from '../../../src/read/store.ts'
import { assertContract } from '../../contract/support/contract.ts'
import { SECRET, type TestApi, testApi, tokenFor } from '../../http/support/api.ts'
import { Projection } from '../../projector/support/projection.ts'
import { put } from '../../projector/support/till.ts'
import { asApi } from '../../support/postgres.ts'
import type { Sender } from './requests.ts'
import type { IdKind, Known } from './values.ts'

const CUSTOMERS = 120
/** Of each customer. */
const PURCHASES = 3

export interface Tenant {
  /** In every text of this chain, and in none of the other. */
  marker: string
  known: Known
  /** Ids that its people have sent: an answer may repeat one, as the audit does, whosever it is. */
  said: Set<string>
  tokens: Record<Sender, string | null>
}

export interface World {
  api: Pick<TestApi, 'request'>
  tenants: readonly [Tenant, Tenant]
  /** What the API has logged as its own fault. */
  faults: string[]
  close(): Promise<void>
}

/** The API in this process; `overTheWire`, a server on Bun that is asked through sockets. */
export async function openWorld({ overTheWire = false } = {}): Promise<World> {
  const on = await Projection.open()
  const tenants = [await chain(on, 'qzalpha'), await chain(on, 'qzomega')] as const
  const faults: string[] = []
  const log: Log = {
    info() {},
    warn() {},
    error: (message: string, fields?: LogFields) =>
      faults.push(JSON.stringify({ message, ...fields })),
  }
  const { api, floors, stop } = await (overTheWire ? served(on, log) : inProcess(on, log))
  await on.live({ floors })
  return {
    api,
    tenants,
    faults,
    async close() {
      await stop()
      await on.close()
    },
  }
}

/** Limits that nobody meets, so that their code runs with every request; and streams that are read to their end. */
const QUOTAS = parseQuotas(
  Object.keys(parseQuotas('')!)
    .map((name) => `${name}=999999999/60`)
    .join(','),
)
const HTTP = { quotas: QUOTAS, metrics: 'open', streams: { lifeMs: 1 } } as const

async function inProcess(on: Projection, log: Log) {
  const store = new MemoryStore()
  const options = { ...READ_CLIENT_OPTIONS, max: 6, onnotice() {} }
  const sql = postgres(asApi(on.readUrl), options) as ReadSql
  // Some of the tokens that it makes are of positions that never come.
  const { sourceUrl } = on
  const api = testApi(sql, { store, log, sourceUrl, http: HTTP, asksAgain: false })
  const stop = async () => {
    await api.settled()
    await sql.end({ timeout: 1 })
  }
  return { api, floors: store, stop }
}

async function served(on: Projection, log: Log) {
  const server = await serveBun({
    readUrl: asApi(on.readUrl),
    sourceUrl: on.sourceUrl,
    tokens: { PT_JWT_SECRET: SECRET },
    cache: 'in-process',
    port: 0,
    host: '127.0.0.1',
    log,
    http: HTTP,
  })
  const request = async (path: string, init?: RequestInit) => {
    const response = await fetch(server.url + path, init)
    await assertContract(init?.method ?? 'GET', path, response.clone() as Response)
    return response
  }
  return { api: { request }, floors: server.floors, stop: () => server.stop() }
}

async function chain({ source }: Projection, marker: string): Promise<Tenant> {
  const business_id = crypto.randomUUID()
  const ids: Known['ids'] = {
    customer: [],
    purchase: [],
    line: [],
    merge: [],
    location: [],
    employee: [],
  }
  await source.begin(async (tx) => {
    const add = async (
      kind: IdKind,
      table: string,
      row: Record<string, string | number | null>,
    ) => {
      const id = await put(tx, table, { business_id, ...row })
      ids[kind].push(id)
      return id
    }
    await tx`insert into business (id, name, default_currency, timezone)
      values (${business_id}, ${`Chain ${marker}`}, 'EUR', 'UTC')`
    const employee_id = await add('employee', 'employee', {
      display_name: `Kim ${marker}`,
      role: 'cashier',
    })
    for (const region of ['North', 'South']) {
      const place = { name: `${region} ${marker}`, region, timezone: 'UTC', kind: 'retail' }
      await add('location', 'location', place)
    }
    for (let nth = 0; nth < CUSTOMERS; nth += 1) {
      await add('customer', 'customer', {
        name: `Anna ${nth} ${marker}`,
        phone: `+49 30 ${1000 + (nth % 20)}`,
        email: `${nth % 20}@${marker}.example`,
        external_ref: `${marker}-${nth}`,
      })
      ids.merge.push(crypto.randomUUID())
    }
    const text = { product_name: `Shirt ${marker}`, sku: marker, category_name: `Tops ${marker}` }
    for (let nth = 0; nth < PURCHASES * CUSTOMERS; nth += 1) {
      const isGuests = nth % 10 === 0
      const sale_id = await add('purchase', 'sale', {
        location_id: ids.location[nth % 2]!,
        employee_id,
        customer_id: isGuests ? null : ids.customer[nth % CUSTOMERS]!,
        receipt_number: `${marker}-${nth}`,
      })
      await add('line', 'sale_line', { sale_id, ...text })
      await put(tx, 'sale_payment', { business_id, sale_id, reference: marker })
    }
  })
  const [employee_id] = ids.employee as [string]
  const [north] = ids.location as [string]
  const tokens = {
    admin: await tokenFor({ business: business_id, role: 'admin', employee: employee_id }),
    manager: await tokenFor({
      business: business_id,
      role: 'store_manager',
      employee: employee_id,
    }),
    cashier: await tokenFor({ business: business_id, role: 'cashier' }),
    northOnly: await tokenFor({ business: business_id, role: 'owner', locations: [north] }),
    garbage: 'eyJhbGciOiJub25lIn0.e30.',
    none: null,
  }
  const words = ['anna', marker, `${marker}-1`, '1001', 'shirt']
  return {
    marker,
    tokens,
    said: new Set(),
    known: { ids, cursors: [], etags: [], tokens: [], words },
  }
}
