/** The client against the app, and its committed types against the document of now. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createClient, isProblem, type TimelineClient } from '../../client/index.ts'
import { clientTypes } from '../../client/types.ts'
import { openApiDocument } from '../../src/http/openapi.ts'
import { OPERATIONS } from '../../src/http/operations.ts'
import { type TestApi, testApi, tokenFor } from '../http/support/api.ts'
import { BOOT_MS, makeId, ReadModel } from '../http/support/read-model.ts'

const baseUrl = 'http://api.test'
const businessId = makeId('biz')
let model: ReadModel
let api: TestApi
let customerId: string
let client: TimelineClient

beforeAll(async () => {
  model = await ReadModel.create()
  api = testApi(model.sql)
  const locationId = await model.location(businessId)
  customerId = await model.customer(businessId, { name: 'Anna' })
  await model.purchases([{ businessId, customerId, locationId, total: 4_599 }])
  const token = await tokenFor({ business: businessId, role: 'admin' })
  client = createClient({ baseUrl, token: () => token, fetch: answered })
}, BOOT_MS)
afterAll(() => model.drop())

/** The app, asked as a client asks a server; addresses without the host, as tests know them. */
async function answered(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  const { method, headers } = request
  const body = method === 'POST' ? await request.text() : undefined
  return api.request(pathname + search, { method, headers, ...(body && { body }) })
}

/** A client of something that only notes what it was asked, and answers with these headers. */
function noting(answer: Record<string, string> = {}) {
  const asked: Request[] = []
  const noted = createClient({
    baseUrl,
    token: async () => 'a-token',
    async fetch(request) {
      asked.push(request)
      return Response.json({}, { headers: answer })
    },
  })
  return { asked, noted, header: (at: number, name: string) => asked[at]!.headers.get(name) }
}

test('the committed types are what the document of now gives: else run `npm run client`', async () => {
  const made = clientTypes(openApiDocument(OPERATIONS.map(({ spec }) => spec)))
  const formatted = Bun.spawnSync(
    ['node_modules/.bin/biome', 'format', '--stdin-file-path=schema.d.ts'],
    {
      stdin: Buffer.from(made),
    },
  )

  const committed = await Bun.file(new URL('../../client/schema.d.ts', import.meta.url)).text()

  expect(committed).toBe(formatted.stdout.toString())
})

test('reads a list by its types', async () => {
  const { data, error } = await client.GET('/customers/{id}/purchases', {
    params: { path: { id: customerId }, query: { limit: 1, type: 'sale' } },
  })

  expect(error).toBeUndefined()
  const amounts: number[] = data!.data.flatMap((purchase) =>
    'masked' in purchase ? [] : [purchase.total.amount],
  )
  expect(amounts).toEqual([4_599])
})

test('gives a problem as a value, by its kind', async () => {
  const { data, error } = await client.GET('/customers/{id}/purchase-summary', {
    params: { path: { id: makeId('none') } },
  })

  expect(data).toBeUndefined()
  expect(isProblem(error)).toBe(true)
  expect(isProblem(error, 'customer-erased')).toBe(false)
  expect(isProblem(error, 'customer-not-found') && error.traceId).toMatch(/^[0-9a-f]{32}$/)
})

test('sends token and trace with everything, and a new Idempotency-Key with each command', async () => {
  const { noted, header } = noting()
  const path = { id: customerId, mergeId: makeId('mrge') }

  await noted.GET('/healthz')
  await noted.DELETE('/customers/{id}/merges/{mergeId}', { params: { path } })
  await noted.DELETE('/customers/{id}/merges/{mergeId}', { params: { path } })

  expect([0, 1].map((at) => header(at, 'Authorization'))).toEqual(Array(2).fill('Bearer a-token'))
  expect(header(0, 'traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
  expect(header(0, 'Idempotency-Key')).toBeNull()
  expect(header(1, 'Idempotency-Key')).toMatch(/^"[0-9a-f-]{36}"$/)
  expect(header(2, 'Idempotency-Key')).not.toBe(header(1, 'Idempotency-Key'))
})

test('leaves the key that it was given, for a command that is sent again', async () => {
  const { noted, header } = noting()

  await noted.POST('/customers/{id}/merges', {
    params: { path: { id: customerId }, header: { 'Idempotency-Key': '"again"' } },
    body: { fromCustomerId: makeId('from') },
  })

  expect(header(0, 'Idempotency-Key')).toBe('"again"')
})

test('reads what it wrote: the token of a command goes with the reads that follow', async () => {
  const { noted, header } = noting({ 'Consistency-Token': 'main@0/2A9F010' })
  const read = () =>
    noted.GET('/customers/{id}/purchases', { params: { path: { id: customerId } } })

  await read()
  await noted.POST('/customers/{id}/merges', {
    params: { path: { id: customerId } },
    body: { fromCustomerId: makeId('from') },
  })
  await read()

  expect(header(0, 'Consistency-Token')).toBeNull()
  expect(header(2, 'Consistency-Token')).toBe('main@0/2A9F010')
})
