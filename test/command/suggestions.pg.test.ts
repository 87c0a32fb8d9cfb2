/** Who may be the same person, through the read model. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { matchesOf } from '../../src/read/suggestions.ts'
import type { Body } from '../http/support/api.ts'
import { bodyOf, type TestApi, testApi, tokenFor } from '../http/support/api.ts'
import { BOOT_MS, makeId, ReadModel } from '../http/support/read-model.ts'
import { kindOf } from './support/counter.ts'

let model: ReadModel
let api: TestApi
const business = makeId('biz')

beforeAll(async () => {
  model = await ReadModel.create()
  api = testApi(model.sql)
}, BOOT_MS)
afterAll(() => model.drop())

async function suggested(id: string, role = 'sales_associate', status = 200): Promise<Body> {
  const token = await tokenFor({ business, role })
  return bodyOf(await api.get(`/customers/${id}/merge-suggestions`, token), status)
}

test('finds the same phone or e-mail among active customers of the chain, most alike first', async () => {
  const ann = await model.customer(business, { phone: '+49 30 1234567', email: 'Ann@Example.com' })
  const phone = await model.customer(business, { name: 'A', phone: '030 / 123 45-67' })
  const email = await model.customer(business, { name: 'B', email: 'ann@example.COM' })
  const both = await model.customer(business, {
    ...{ name: 'C', phone: '0049301234567', email: 'ann@example.com', externalRef: 'C-1' },
  })
  await model.customer(business, { phone: '+49 40 1234567', email: 'bann@example.com' })
  await model.customer(business, { phone: '1234567' })
  await model.customer(business, { status: 'blocked', email: 'ann@example.com' })
  await model.customer(makeId('biz'), { email: 'ann@example.com' })
  const merged = await model.customer(business, {
    ...{ status: 'merged', mergedInto: ann, email: 'ann@example.com' },
  })

  const answer = await suggested(ann)

  expect(answer.data).toEqual([
    {
      ...{ id: both, name: 'C', externalRef: 'C-1' },
      matches: [
        { on: 'phone', hint: '•••567' },
        { on: 'email', hint: 'a•••@example.com' },
      ],
    },
    expect.objectContaining({ id: phone, matches: [{ on: 'phone', hint: '•••567' }] }),
    expect.objectContaining({ id: email, matches: [{ on: 'email', hint: 'a•••@example.COM' }] }),
  ])
  expect(await suggested(merged)).toMatchObject({ customerId: ann, mergedFrom: merged })
  expect((await suggested(email)).data.map(({ id }: Body) => id)).toEqual([both, ann])
  expect(JSON.stringify(answer)).not.toMatch(/1234567|Ann@/)
})

test('is bounded, and answers nothing for who has no contact', async () => {
  for (let n = 0; n < 25; n++) await model.customer(business, { email: 'desk@example.com' })
  const one = await model.customer(business, { email: 'desk@example.com' })
  expect((await suggested(one)).data).toHaveLength(20)
  expect((await suggested(await model.customer(business))).data).toEqual([])
})

test('is not for all, nor of another chain', async () => {
  const id = await model.customer(business)
  expect(kindOf(await suggested(id, 'cashier', 403))).toBe('not-permitted')
  const foreign = await model.customer(makeId('biz'))
  expect(kindOf(await suggested(foreign, 'owner', 404))).toBe('customer-not-found')
})

describe('a phone number is the same', () => {
  test.each([
    ['+44 20 7946 0958', '(020) 7946-0958', true],
    ['0044 20 79460958', '+442079460958', true],
    ['7946 0958', '79460958', true],
    ['7946 0958', '+44 20 7946 0958', false],
    ['12345', '12345', false],
    ['020 7946 0958', '020 7946 0959', false],
  ])('%s, %s: %p', (one, other, same) => {
    const contact = (phone: string) => ({ phone, email: null })
    expect(matchesOf(contact(one), contact(other)).length === 1).toBe(same)
    expect(matchesOf(contact(other), contact(one)).length === 1).toBe(same)
  })
})
