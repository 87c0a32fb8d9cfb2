/** How what a search has found is shown. */
import { expect, test } from 'bun:test'
import type { FoundCustomer } from '../../pwa/src/api/types.ts'
import { folded } from '../../pwa/src/search/search.ts'

const record = (id: string, into?: string): FoundCustomer => {
  const survivor = into === undefined ? null : { id: into, name: into, externalRef: null }
  const status = survivor ? 'merged' : 'active'
  return { id, name: id, externalRef: null, phoneEnding: null, status, mergedInto: null, survivor }
}
const ids = (customers: FoundCustomer[]) => folded(customers).map(({ id }) => id)

test('who is found under several records stands once, where the best of them does', () => {
  expect(ids([record('old', 'new'), record('other'), record('new')])).toEqual(['new', 'other'])
  expect(ids([record('new'), record('old', 'new'), record('older', 'new')])).toEqual(['new'])
})

test('a record that was merged stands for who is not found otherwise', () => {
  expect(ids([record('other'), record('old', 'new'), record('older', 'new')])).toEqual([
    'other',
    'old',
  ])
})
