import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { instantOfMicros } from '../../src/domain/instant.ts'
import { scopeOf } from '../../src/domain/scope.ts'
import { CursorCodec } from '../../src/http/cursor.ts'
import type { ListFilters } from '../../src/read/list.ts'
import { makeId } from './support/read-model.ts'

const codec = new CursorCodec('a secret')
const businessId = makeId('biz')
const scope = await scopeOf(businessId, [makeId('loca')])
const filters: ListFilters = {
  from: '2024-01-01T00:00:00.000000Z',
  to: '2024-12-31T23:59:59.999999Z',
  kind: 'sale',
  saleType: 'return',
  locationId: makeId('loca'),
}

test('a cursor brings back what was put into it, exactly, and is always as long', async () => {
  const any = fc.record({
    occurredAt: fc
      .bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n })
      .map(instantOfMicros),
    purchaseId: fc.uuid(),
    customerId: fc.uuid(),
  })
  await fc.assert(
    fc.asyncProperty(any, async (cursor) => {
      const text = await codec.sign(cursor, scope, filters)

      expect(text).toMatch(/^[A-Za-z0-9_-]{76}$/)
      expect(await codec.open(text, scope, filters)).toEqual(cursor)
    }),
  )
})

const cursor = {
  occurredAt: '2024-05-01T00:00:00.000001Z',
  purchaseId: makeId('purc'),
  customerId: makeId('cust'),
}

test.each(Object.keys(filters) as (keyof ListFilters)[])(
  'is bound to the filter %s',
  async (key) => {
    const text = await codec.sign(cursor, scope, filters)
    const swapped = { ...filters, from: filters.to, to: filters.from }

    await expect(codec.open(text, scope, { ...filters, [key]: null })).rejects.toThrow('cursor')
    await expect(codec.open(text, scope, swapped)).rejects.toThrow('cursor')
  },
)

test('is bound to the tenant, its locations, and the secret', async () => {
  const text = await codec.sign(cursor, scope, filters)
  const others = [
    await scopeOf(makeId('biz'), scope.locations as string[]),
    await scopeOf(businessId, '*'),
    await scopeOf(businessId, []),
  ]

  for (const other of others) {
    await expect(codec.open(text, other, filters)).rejects.toThrow('cursor')
  }
  const stranger = new CursorCodec('another secret').open(text, scope, filters)
  await expect(stranger).rejects.toThrow('cursor')
})
