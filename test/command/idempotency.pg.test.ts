/** Once for each Idempotency-Key: however often, at the same moment, later, or by somebody else. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { bodyOf } from '../http/support/api.ts'
import { KIM, put } from '../projector/support/till.ts'
import { Counter, kindOf, staff } from './support/counter.ts'
import { Shop } from './support/shop.ts'

let shop: Shop
let counter: Counter

beforeAll(async () => {
  shop = await Shop.open()
  counter = await Counter.open(shop)
})
afterAll(() => shop.close())

async function pair() {
  const [from, into] = [await shop.person(), await shop.person()]
  return { path: `/customers/${into}/merges`, body: { fromCustomerId: from }, from, into }
}

const mergesOf = async (from: string) =>
  (await shop.sql`select 1 from customer_merge where from_customer_id = ${from}`).length
const ageKey = (key: string, days: number) => shop.sql`
  update idempotency_key set created_at = now() - make_interval(days => ${days}) where key = ${key}`

test('fifty at the same moment have one effect and one answer', async () => {
  const { path, body, from } = await pair()

  const answers = await Promise.all(
    Array.from({ length: 50 }, () => counter.send('POST', path, body, { key: 'fifty' })),
  )

  const done = answers.filter(({ status }) => status === 201)
  const rest = answers.filter(({ status }) => status !== 201)
  expect(new Set(await Promise.all(done.map((answer) => answer.text()))).size).toBe(1)
  for (const answer of rest) {
    expect(kindOf(await bodyOf(answer, 409))).toBe('idempotency-in-progress')
    expect(answer.headers.get('Retry-After')).toBe('1')
  }
  expect(done.filter(({ headers }) => !headers.has('Idempotency-Replayed'))).toHaveLength(1)
  expect(await mergesOf(from)).toBe(1)
  const audit = await shop.sql`
    select outcome from access_audit where action = 'mergeCustomers' and customer_id = ${path.split('/')[2]!}`
  expect([...audit]).toEqual([{ outcome: 'done' }])
})

test('while the first is still at work the second is told so, and done with when it is done', async () => {
  const { path, body, from } = await pair()
  const { promise: untilReleased, resolve: release } = Promise.withResolvers<void>()
  const { promise: held, resolve: holds } = Promise.withResolvers<void>()
  const till = shop.sql.begin(async (tx) => {
    await tx`select from customer where id = ${from} for update`
    holds()
    await untilReleased
  })
  await held

  const answers = await Promise.all(
    [1, 2].map(() => counter.send('POST', path, body, { key: 'slow' })),
  )
  const kinds = await Promise.all(
    answers.map(async (answer) => kindOf(await bodyOf(answer, answer.status))),
  )
  release()
  await till

  // Whoever has the key waits for the till, and gives up; the other waits for the key, or has it next.
  expect(kinds).toContain('source-busy')
  expect(['source-busy', 'idempotency-in-progress']).toEqual(expect.arrayContaining(kinds))
  for (const { headers } of answers) expect(headers.get('Retry-After')).toBe('1')
  expect(await bodyOf(await counter.send('POST', path, body, { key: 'slow' }), 201)).toMatchObject({
    mergeId: expect.any(String),
  })
  expect(await mergesOf(from)).toBe(1)
})

test('for another request the key is refused', async () => {
  const [one, two] = [await pair(), await pair()]
  await counter.post(one.path, one.body, 201, { key: 'one' })

  for (const [path, body] of [
    [one.path, { ...one.body, reason: 'said so' }],
    [one.path, two.body],
    [two.path, one.body],
  ] as const) {
    expect(kindOf(await counter.post(path, body, 422, { key: 'one' }))).toBe(
      'idempotency-key-reused',
    )
  }
  expect(await mergesOf(two.from)).toBe(0)
})

test('is asked for, and may be any 255 printable characters, bare or as a Structured Field', async () => {
  const { path, body } = await pair()
  for (const key of [null, '', '""', 'x'.repeat(256), 'schlüssel', 'a\tb', '"a']) {
    const answer = await counter.send('POST', path, body, { key })
    // A quote that nothing closes is a key of its own, bare.
    if (key === '"a') expect(answer.status).toBe(201)
    else expect(await bodyOf(answer, 400)).toMatchObject({ parameter: 'Idempotency-Key' })
  }

  const long = await pair()
  const first = await counter.post(long.path, long.body, 201, { key: 'x'.repeat(255) })
  expect(await counter.post(long.path, long.body, 201, { key: `"${'x'.repeat(255)}"` })).toEqual(
    first,
  )
})

test('of another person, or of a service, is another key', async () => {
  const lee = await put(shop.sql, 'employee', { display_name: 'Lee', role: 'owner' })
  const { path, body } = await pair()
  const first = await counter.post(path, body, 201, { key: 'mine' })

  for (const employee of [lee, null]) {
    const answer = await counter.send('POST', path, body, {
      key: 'mine',
      token: await staff({ employee }),
    })
    expect(answer.headers.has('Idempotency-Replayed')).toBe(false)
    expect(kindOf(await bodyOf(answer, 409))).toBe('already-merged')
  }
  expect(await counter.post(path, body, 201, { key: 'mine' })).toEqual(first)
  const notes = await shop.sql`
    select principal from idempotency_key where key = 'mine' order by principal = 'service', principal = ${lee}`
  expect(notes.map(({ principal }) => principal)).toEqual([KIM, lee, 'service'])
})

test('holds for thirty days, and is then as good as new', async () => {
  const { path, body, from } = await pair()
  const first = await counter.post(path, body, 201, { key: 'late' })

  await ageKey('late', 29)
  expect(await counter.post(path, body, 201, { key: 'late' })).toEqual(first)

  await ageKey('late', 31)
  // More notes than one sweep takes, all of them older.
  await shop.sql`insert into idempotency_key (business_id, principal, key, fingerprint, created_at)
    select id, 'service', 'old ' || n, '', now() - interval '1 year'
    from business, generate_series(1, 50) n`
  const again = await counter.send('POST', path, body, { key: 'late' })
  expect(again.headers.has('Idempotency-Replayed')).toBe(false)
  expect(kindOf(await bodyOf(again, 409))).toBe('already-merged')
  expect(await mergesOf(from)).toBe(1)
  // And what it answers now it goes on answering.
  expect(kindOf(await counter.post(path, body, 409, { key: 'late' }))).toBe('already-merged')
})

test('a refusal is kept and given again, even when it would go well by now', async () => {
  const { path, body, from } = await pair()
  await shop.sql`update customer set status = 'blocked' where id = ${from}`
  const refused = await counter.post(path, body, 409, { key: 'refused' })
  await shop.sql`update customer set status = 'active' where id = ${from}`

  const again = await counter.send('POST', path, body, { key: 'refused' })

  expect(again.headers.get('Idempotency-Replayed')).toBe('true')
  expect(again.headers.get('Content-Type')).toBe('application/problem+json')
  expect(await bodyOf(again, 409)).toEqual(refused)
  expect(refused).toMatchObject({ culprit: from, status: 409 })
  expect((await counter.post(path, body, 201)).mergeId).toBeString()
})

describe('a token of whom the source does not know', () => {
  test.each([
    ['employee', { employee: crypto.randomUUID() }],
    ['business', { business: crypto.randomUUID(), employee: null }],
    ['business and employee', { business: crypto.randomUUID() }],
  ])('%s is refused, and nothing is kept', async (_what, input) => {
    const { path, body, from } = await pair()
    const token = await staff(input)

    expect(kindOf(await counter.post(path, body, 403, { key: 'unknown', token }))).toBe(
      'actor-unknown',
    )
    expect(await shop.sql`select from idempotency_key where key = 'unknown'`).toHaveLength(0)
    expect(await mergesOf(from)).toBe(0)
  })
})
