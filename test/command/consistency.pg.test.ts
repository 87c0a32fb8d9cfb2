/** Read your writes: what a token is waited for, and what is said when it does not come. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import type { RunningProjector } from '../../projector/index.ts'
import { parseLsn } from '../../src/domain/lsn.ts'
import { READ_CLIENT_OPTIONS, type ReadSql } from '../../src/read/store.ts'
import { type Body, bodyOf, testApi } from '../http/support/api.ts'
import { Projection } from '../projector/support/projection.ts'
import { openShop } from '../projector/support/till.ts'
import { Counter, kindOf } from './support/counter.ts'
import { Shop } from './support/shop.ts'

let on: Projection
let shop: Shop
let counter: Counter
let readSql: ReadSql
let projector: RunningProjector

beforeAll(async () => {
  on = await Projection.open()
  await openShop(on.source)
  shop = new Shop(on.source, on.sourceUrl)
  projector = await on.live()
  readSql = postgres(on.readUrl, { ...READ_CLIENT_OPTIONS, max: 2, onnotice() {} }) as ReadSql
  counter = await Counter.open(shop, testApi(readSql, { sourceUrl: on.sourceUrl }))
})
afterAll(async () => {
  await readSql.end({ timeout: 1 })
  await on.close()
})

const read = (path: string, token: string) =>
  counter.send('GET', path, undefined, { key: null, headers: { 'Consistency-Token': token } })

async function merged() {
  const [ann, bea] = [await shop.person('Ann'), await shop.person('Bea')]
  const sale = await shop.sale(ann)
  const path = `/customers/${bea}/merges`
  const response = await counter.send('POST', path, { fromCustomerId: ann })
  await bodyOf(response, 201)
  return { ann, bea, sale, token: response.headers.get('Consistency-Token')! }
}

/** Each read, and what it says of the merge once it has it. */
const READS: [
  string,
  (at: Awaited<ReturnType<typeof merged>>) => string,
  (body: Body) => unknown,
][] = [
  [
    'summary',
    ({ ann }) => `/customers/${ann}/purchase-summary`,
    (body) => body.totals[0]?.orderCount,
  ],
  ['list', ({ ann }) => `/customers/${ann}/purchases`, (body) => body.data.length],
  ['receipt', ({ bea, sale }) => `/customers/${bea}/purchases/${sale}`, (body) => body.total && 1],
  ['search', () => '/customers?query=Ann', (body) => Number(body.data[0]?.status === 'merged')],
]

test.each(READS)(
  'a %s with the token of a merge has the merge, whatever was cached',
  async (_, pathOf, saidBy) => {
    for (let round = 0; round < 3; round++) {
      await shop.sql`delete from customer where status = 'active' and name = 'Ann'`
      const at = await merged()
      expect(saidBy(await bodyOf(await read(pathOf(at), at.token)))).toBe(1)
      await shop.sql`update customer set name = 'Was Ann' where id = ${at.ann}`
      await on.caughtUp()
    }
  },
)

describe('a token', () => {
  test.each([
    ['', 400],
    ['main', 400],
    ['main@', 400],
    ['main@0/0 ', 200],
    ['main@0/G', 400],
    ['main@0/1; drop table customer', 400],
    ['MAIN@0/1', 400],
    [`main@${'F'.repeat(9)}/0`, 400],
    ['elsewhere@0/1', 400],
  ])('%p is answered with %d', async (token, status) => {
    const body = await bodyOf(await read('/customers?query=Ann', token), status)
    if (status === 400) expect(body).toMatchObject({ parameter: 'Consistency-Token' })
  })

  test('that the projector does not come to is a 503 in time, and nothing older', async () => {
    const before = await merged()
    await on.caughtUp()
    await projector.stop()
    const at = await merged()
    const api = testApi(readSql, { sourceUrl: on.sourceUrl, asksAgain: false })
    const strict = await Counter.open(shop, api)
    const headers = { 'Consistency-Token': at.token }
    const late = await Promise.all(
      READS.map(([, pathOf]) => strict.send('GET', pathOf(at), undefined, { key: null, headers })),
    )
    for (const response of late) {
      expect(kindOf(await bodyOf(response, 503))).toBe('not-yet-consistent')
      expect(response.headers.get('Retry-After')).toBe('1')
    }
    expect((await read(`/customers/${before.bea}/purchases`, before.token)).status).toBe(200)

    projector = await on.live()
    for (const [, pathOf, saidBy] of READS.slice(0, 3)) {
      expect(saidBy(await bodyOf(await read(pathOf(at), at.token)))).toBe(1)
    }
  })

  test('of a command that is given again is a later one', async () => {
    const [ann, bea] = [await shop.person(), await shop.person()]
    const send = () =>
      counter.send('POST', `/customers/${bea}/merges`, { fromCustomerId: ann }, { key: 'twice' })
    const [first, second] = [await send(), await send()]

    const [before, token] = [first, second].map(
      ({ headers }) => headers.get('Consistency-Token')!,
    ) as [string, string]
    expect(parseLsn(token.slice(5)) > parseLsn(before.slice(5))).toBe(true)
    expect((await read(`/customers/${bea}/purchases`, token)).status).toBe(200)
  })
})
