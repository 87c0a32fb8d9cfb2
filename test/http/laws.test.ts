/**
 * Laws of list and summary, for any timeline, scope, filters and page size. Seed and number of runs
 * come from PT_PROPERTY_SEED and PT_PROPERTY_RUNS.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import fc from 'fast-check'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { parseLsn } from '../../src/domain/lsn.ts'
import { SALE_TYPES } from '../../src/domain/purchase.ts'
import { VISIBILITIES, type Visibility } from '../../src/domain/scope.ts'
import { type Body, bodyOf, type TestApi, testApi, tokenFor } from './support/api.ts'
import { BOOT_MS, makeId, type PurchaseInput, ReadModel } from './support/read-model.ts'

const { PT_PROPERTY_SEED: seed, PT_PROPERTY_RUNS: runs } = process.env
const settings = { numRuns: Number(runs ?? 40), ...(seed && { seed: Number(seed) }) }

/** Of the locations: between them a moment is of two months. */
const ZONES = ['Europe/London', 'America/New_York', 'Pacific/Kiritimati']
const LOCATIONS = ZONES.length
let model: ReadModel
let api: TestApi
let businessId: string
let locations: string[]

beforeAll(async () => {
  model = await ReadModel.create()
  // With a mark the cache works: the second of two equal questions is answered from it.
  const store = new MemoryStore()
  await store.raise(parseLsn('0/1000'), [])
  api = testApi(model.sql, { store })
  businessId = makeId('biz')
  locations = await Promise.all(
    ZONES.map((zone) => model.location(businessId, zone, undefined, zone)),
  )
}, BOOT_MS)
afterAll(() => model.drop())

interface Made extends Omit<PurchaseInput, 'businessId' | 'customerId' | 'locationId'> {
  location: number
  micros: number
}

/** Few different times, so that many purchases share one. */
const made: fc.Arbitrary<Made> = fc
  .record({
    location: fc.nat(LOCATIONS - 1),
    micros: fc.nat(9),
    currency: fc.constantFrom('EUR', 'JPY'),
    sale: fc.boolean(),
    type: fc.constantFrom(...SALE_TYPES),
    status: fc.constantFrom('completed', 'completed', 'voided', 'parked'),
    settled: fc.boolean(),
    total: fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n }),
    taken: fc.bigInt({ min: 0n, max: 2n ** 40n }),
  })
  .map(({ sale, type, status, settled, taken, ...rest }) => {
    if (!sale) return { ...rest, kind: 'order' as const, settledBy: settled ? [makeId('s')] : [] }
    const takesBack = type === 'return' || type === 'exchange'
    return { ...rest, type, status, refunded: takesBack ? taken : 0n }
  })

const inputOf = (customerId: string, { location, micros, ...rest }: Made): PurchaseInput => ({
  ...rest,
  id: crypto.randomUUID(),
  businessId,
  customerId,
  locationId: locations[location]!,
  occurredAt: timeOf(micros),
})

/** Microseconds around a midnight, so that filters by day and by microsecond both cut through. */
function timeOf(micros: number): string {
  return micros < 6 ? `2024-02-29T23:59:59.99999${micros}Z` : `2024-03-01T00:00:00.00000${micros}Z`
}

interface ScopeInput {
  own: '*' | number[]
  visibility: Visibility
}

const scopes: fc.Arbitrary<ScopeInput> = fc.record({
  own: fc.oneof(fc.constant('*' as const), fc.uniqueArray(fc.nat(LOCATIONS - 1))),
  visibility: fc.constantFrom(...VISIBILITIES),
})
const WHOLE: ScopeInput = { own: '*', visibility: 'own' }
const filters = fc.record({
  fromDate: fc.option(fc.oneof(fc.nat(9).map(timeOf), fc.constant('2024-03-01')), { nil: null }),
  toDate: fc.option(fc.oneof(fc.nat(9).map(timeOf), fc.constant('2024-02-29')), { nil: null }),
  type: fc.option(fc.constantFrom('sale', 'order'), { nil: null }),
  saleType: fc.option(fc.constantFrom(...SALE_TYPES), { nil: null }),
  locationId: fc.option(fc.nat(LOCATIONS - 1), { nil: null }),
})
type Filters = typeof filters extends fc.Arbitrary<infer T> ? T : never

const tokenOf = ({ own, visibility }: ScopeInput) =>
  tokenFor({
    business: businessId,
    locations: own === '*' ? '*' : own.map((at) => locations[at]!),
    visibility,
  })

/** Whether a purchase at this location is shown in full. */
const isOpen = ({ own, visibility }: ScopeInput, locationId: string) =>
  own === '*' || visibility === 'chain' || own.some((at) => locations[at] === locationId)

function queryOf(given: Filters, limit: number): string {
  const { locationId, ...rest } = given
  const location = locationId === null ? null : locations[locationId]!
  const all = { ...rest, locationId: location, limit: String(limit) }
  return new URLSearchParams(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null),
  ).toString()
}

/** All pages, one after the other; `between` runs after each. */
async function walk(path: string, token: string, between = async () => {}): Promise<Body[]> {
  const rows: Body[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Body = await bodyOf(
      await api.get(`${path}${cursor ? `&cursor=${cursor}` : ''}`, token),
    )
    rows.push(...page.data)
    cursor = page.page.next
    if (cursor !== null) expect(page.data.length).toBeGreaterThan(0)
    await between()
  }
  return rows
}

/** The microseconds that a filter's end stands for; texts of one width compare as times. */
const lowestOf = ({ fromDate }: Filters) =>
  fromDate?.length === 10 ? `${fromDate}T00:00:00.000000Z` : fromDate
const highestOf = ({ toDate }: Filters) =>
  toDate?.length === 10 ? `${toDate}T23:59:59.999999Z` : toDate

/** What the contract says a list is, over what was put in. */
function expectedIds(inputs: PurchaseInput[], scope: ScopeInput, given: Filters): string[] {
  const byTimeAlone = [given.type, given.saleType, given.locationId].every((one) => one === null)
  const masked = scope.visibility === 'masked' && byTimeAlone
  const lowest = lowestOf(given)
  const highest = highestOf(given)
  return inputs
    .filter((input) => !input.settledBy?.length)
    .filter(({ locationId }) => masked || isOpen(scope, locationId))
    .filter((input) => lowest === null || input.occurredAt! >= lowest)
    .filter((input) => highest === null || input.occurredAt! <= highest)
    .filter(({ kind }) => given.type === null || (kind ?? 'sale') === given.type)
    .filter(({ type }) => given.saleType === null || type === given.saleType)
    .filter(
      ({ locationId }) => given.locationId === null || locationId === locations[given.locationId],
    )
    .sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1))
    .map((input) => input.id!)
}

const keyOf = ({ occurredAt, id }: PurchaseInput) => `${occurredAt} ${id}`

test('the walk over all pages is the whole list, each purchase once and in order', async () => {
  const property = fc.asyncProperty(
    fc.array(made, { maxLength: 40 }),
    scopes,
    filters,
    fc.integer({ min: 1, max: 12 }),
    async (purchases, scope, given, limit) => {
      const [lowest, highest] = [lowestOf(given), highestOf(given)]
      fc.pre(lowest === null || highest === null || lowest <= highest)
      const customerId = await model.customer(businessId)
      const inputs = purchases.map((purchase) => inputOf(customerId, purchase))
      await model.purchases(inputs)
      const query = queryOf(given, limit)
      const token = await tokenOf(scope)

      for (const _round of ['computed', 'cached']) {
        const rows = await walk(`/customers/${customerId}/purchases?${query}`, token)
        expect(rows.map((row) => row.id)).toEqual(expectedIds(inputs, scope, given))
        for (const row of rows) {
          const { locationId } = inputs.find(({ id }) => id === row.id)!
          expect(row.masked ?? false).toBe(!isOpen(scope, locationId))
          if (row.masked) expect(detailsOf(row)).toEqual([])
        }
      }
    },
  )
  await fc.assert(property, settings)
})

/** What a row tells beside that, when and of which kind it is. */
function detailsOf({ id, kind, masked, occurredAt, ...rest }: Body): unknown[] {
  return Object.values(rest).filter((value) => value !== null)
}

test('a walk sees each purchase that was there at its start once, whatever is added meanwhile', async () => {
  const property = fc.asyncProperty(
    fc.array(made, { minLength: 1, maxLength: 20 }),
    fc.array(fc.array(made, { maxLength: 4 }), { maxLength: 10 }),
    fc.integer({ min: 1, max: 5 }),
    async (purchases, arrivals, limit) => {
      const customerId = await model.customer(businessId)
      const inputs = purchases.map((purchase) => inputOf(customerId, purchase))
      await model.purchases(inputs)
      const added: PurchaseInput[] = []
      const arrive = async () => {
        const batch = (arrivals.shift() ?? []).map((purchase) => inputOf(customerId, purchase))
        added.push(...batch)
        if (batch.length > 0) await model.purchases(batch)
      }

      const path = `/customers/${customerId}/purchases?limit=${limit}`
      const ids = (await walk(path, await tokenOf(WHOLE), arrive)).map((row) => row.id)

      const none = { fromDate: null, toDate: null, type: null, saleType: null, locationId: null }
      const everything = expectedIds([...inputs, ...added], WHOLE, none)
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids).toEqual(everything.filter((id) => ids.includes(id)))
      for (const id of expectedIds(inputs, WHOLE, none)) expect(ids).toContain(id)
    },
  )
  await fc.assert(property, settings)
})

test('the summary is the sum of what the list shows in full, which has receipts, in every scope', async () => {
  const property = fc.asyncProperty(
    fc.array(made, { maxLength: 30 }),
    scopes,
    async (purchases, scope) => {
      const customerId = await model.customer(businessId)
      await model.purchases(purchases.map((purchase) => inputOf(customerId, purchase)))
      const token = await tokenOf(scope)

      const { totals } = await bodyOf(
        await api.get(`/customers/${customerId}/purchase-summary`, token),
      )
      const rows = await walk(`/customers/${customerId}/purchases?limit=7`, token)

      expect(totals).toEqual(sumOf(rows))
      for (const { id, masked } of rows) {
        const receipt = await api.get(`/customers/${customerId}/purchases/${id}`, token)
        expect(receipt.status).toBe(masked ? 404 : 200)
      }
    },
  )
  await fc.assert(property, settings)
})

/** COUNTING's rules over the rows of a list, by hand. */
function sumOf(rows: Body[]): Body[] {
  const counted = rows.filter((row) => row.counted)
  const currencies = [...new Set(counted.map((row) => row.total.currency as string))].sort()
  return currencies.map((currency) => {
    const mine = counted.filter((row) => row.total.currency === currency)
    const orders = mine.filter((row) => row.type !== 'return')
    const times = orders.map((row) => row.occurredAt as string).sort()
    const net = mine.reduce((sum, row) => sum + row.total.amount, 0)
    const refunded = mine.reduce((sum, row) => sum + row.refunded.amount, 0)
    const gross = net + refunded
    const ticket = Math.round(Math.abs(gross) / orders.length) * Math.sign(gross)
    return {
      currency,
      gross,
      refunded,
      net,
      orderCount: orders.length,
      returnCount: mine.length - orders.length,
      exchangeCount: mine.filter((row) => row.type === 'exchange').length,
      averageTicket: orders.length > 0 ? ticket + 0 : null,
      firstPurchaseAt: times[0] ?? null,
      lastPurchaseAt: times.at(-1) ?? null,
      // All times lie within one second.
      daysBetweenPurchases: orders.length > 1 ? 0 : null,
    }
  })
}

test('the months add up to the summary, and each to what the list shows of it, in every scope', async () => {
  const property = fc.asyncProperty(
    fc.array(made, { maxLength: 30 }),
    scopes,
    async (purchases, scope) => {
      const customerId = await model.customer(businessId)
      await model.purchases(purchases.map((purchase) => inputOf(customerId, purchase)))
      const token = await tokenOf(scope)
      const get = async (path: string) =>
        bodyOf(await api.get(`/customers/${customerId}/${path}`, token))

      const { months } = await get('spending')
      const { totals } = await get('purchase-summary')
      const rows = await walk(`/customers/${customerId}/purchases?limit=100`, token)

      const added = totals.map(({ currency }: Body) =>
        months
          .filter((month: Body) => month.currency === currency)
          .reduce(
            (sum: Body, { gross, refunded, net, orderCount }: Body) => ({
              gross: sum.gross + gross,
              refunded: sum.refunded + refunded,
              net: sum.net + net,
              orderCount: sum.orderCount + orderCount,
            }),
            { gross: 0, refunded: 0, net: 0, orderCount: 0 },
          ),
      )
      const figures = ({ gross, refunded, net, orderCount }: Body) => ({
        ...{ gross, refunded, net, orderCount },
      })
      expect(added).toEqual(totals.map(figures))
      const named = [...new Set(rows.filter((row) => row.counted).map(monthOf))].sort()
      expect(months).toEqual(
        named.flatMap((month) =>
          sumOf(rows.filter((row) => row.counted && monthOf(row) === month)).map((sum) => ({
            month,
            currency: sum.currency,
            ...figures(sum),
          })),
        ),
      )
    },
  )
  await fc.assert(property, settings)
})

/** `2024-02`, on the clock of the row's location, which is named after it. */
function monthOf({ occurredAt, location }: Body): string {
  const parts = { timeZone: location.name, year: 'numeric', month: '2-digit' } as const
  return new Intl.DateTimeFormat('sv-SE', parts).format(new Date(occurredAt))
}
