import { describe, expect, test } from 'bun:test'
import type { KeptCustomer } from '../../pwa/src/offline/kept-customers.ts'
import { searchKept } from '../../pwa/src/offline/search-kept.ts'
import { claimsOf, scopeKey } from '../../pwa/src/session/claims.ts'

describe('the search among kept customers', () => {
  const known = (id: string, name: string | null, externalRef: string | null = null) =>
    ({ id, name, externalRef, phoneEnding: '0991', status: 'active' }) as KeptCustomer
  const customers = [
    known('1', 'Anna-Lena Smith', 'C-100'),
    known('2', 'José Ñúñez', 'C-1001'),
    known('3', null, 'X-7'),
  ]
  const found = (query: string) => searchKept(query, customers).map(({ id }) => id)

  test.each([
    ['smi an', ['1']],
    ['lena', ['1']],
    ['ena', []],
    ['anna jose', []],
    ['JOSE nun', ['2']],
    ['c-100', ['1', '2']],
    ['x-7', ['3']],
    ['+44 20 7946 0991', ['1', '2', '3']],
    ['991', []],
    ['  ', []],
    ['-', []],
  ])('finds for “%s” the customers %j', (query, ids) => {
    expect(found(query)).toEqual(ids)
  })
})

describe('what a token says', () => {
  const token = (claims: object) =>
    `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`
  const whole = { business: 'b', employee: 'e', role: 'cashier', locations: ['2', '1'], exp: 9 }

  test('is nothing where something is missing', () => {
    for (const name of ['business', 'role', 'exp'])
      expect(claimsOf(token({ ...whole, [name]: undefined }))).toBeNull()
    for (const text of ['', 'x', 'a.b.c', token(whole).slice(0, 20)])
      expect(claimsOf(text)).toBeNull()
  })

  test('may be kept unless the chain says no, or it is nobody’s', () => {
    expect(claimsOf(token(whole))).toMatchObject({ keeps: true, expiresAt: 9000 })
    expect(claimsOf(token({ ...whole, offline: false }))!.keeps).toBe(false)
    expect(claimsOf(token({ ...whole, employee: null }))!.keeps).toBe(false)
  })

  test('sees the same whatever the order of its locations, and nothing else does', () => {
    const key = (changes: object) => scopeKey(claimsOf(token({ ...whole, ...changes }))!)
    expect(key({ locations: ['1', '2'], employee: 'f' })).toBe(key({}))
    const others = [
      { locations: '*' },
      { locations: ['1'] },
      { role: 'owner' },
      { visibility: 'chain' },
    ]
    expect(new Set([{}, ...others].map(key)).size).toBe(5)
  })
})
