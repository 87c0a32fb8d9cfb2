/** What a redaction may change of the read model, said apart from the redaction's own list. */
import { expect } from 'bun:test'
import { LINE_FIELDS, PAYMENT_FIELDS } from '../../src/domain/receipt.ts'

type Row = Record<string, unknown>
type Names = Map<string, Map<string, string>>

const TEXTS = new Set(['external_ref', 'name', 'phone', 'email', 'region', 'display_name'])
const TIMELINE_TEXTS = new Set(['receipt_number', 'top_product', 'top_variant'])
const PART_TEXTS = new Set([
  ...['productName', 'variantName', 'sku', 'size', 'color', 'categoryName'],
  ...['promotionRef', 'bundleRef', 'method', 'reference'],
])

/**
 * Expects that the rows differ only in the columns that hold typed texts, and there by a renaming: equal
 * texts have become equal ones, different ones different ones; null and empty have stayed.
 * @returns for each column the new text of each old one
 */
export function expectRenamed(table: string, original: readonly Row[], redacted: readonly Row[]) {
  const names: Names = new Map()
  expect(redacted).toHaveLength(original.length)
  for (const [at, row] of original.entries()) {
    const other = redacted[at]!
    expect(Object.keys(other)).toEqual(Object.keys(row))
    for (const column of Object.keys(row)) {
      const [before, after] = [row[column], other[column]]
      if (column === 'lines' || column === 'payments')
        expectPartsRenamed(column, parsed(before), parsed(after), names)
      else if ((table === 'purchase_timeline' ? TIMELINE_TEXTS : TEXTS).has(column))
        rename(names, column, before, after)
      else expect({ [column]: after }).toEqual({ [column]: before })
    }
  }
  for (const renamed of names.values()) expect(new Set(renamed.values()).size).toBe(renamed.size)
  return names
}

function expectPartsRenamed(part: string, before: unknown[][], after: unknown[][], names: Names) {
  const fields: readonly string[] = part === 'lines' ? LINE_FIELDS : PAYMENT_FIELDS
  expect(after.map((tuple) => tuple.length)).toEqual(before.map((tuple) => tuple.length))
  for (const [n, tuple] of before.entries())
    for (const [at, value] of tuple.entries()) {
      const field = fields[at]!
      if (PART_TEXTS.has(field)) rename(names, field, value, after[n]![at])
      else expect({ [field]: after[n]![at] }).toEqual({ [field]: value })
    }
}

function rename(names: Names, column: string, before: unknown, after: unknown) {
  if (typeof before !== 'string' || before === '') {
    expect(after).toBe(before)
    return
  }
  expect(after).not.toBe(before)
  const renamed = names.get(column) ?? new Map<string, string>()
  expect(renamed.get(before) ?? after).toBe(after)
  renamed.set(before, after as string)
  names.set(column, renamed)
}

const parsed = (tuples: unknown): unknown[][] =>
  typeof tuples === 'string' ? JSON.parse(tuples) : (tuples as unknown[][])
