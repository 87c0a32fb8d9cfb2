/** Redaction: what is replaced, and the law that a redacted recording still tells the same story. */
import { describe, expect, test } from 'bun:test'
import { getTableColumns, getTableName } from 'drizzle-orm'
import fc from 'fast-check'
import { isReplaced, Redaction } from '../../projector/record/redaction.ts'
import type { Change } from '../../projector/source/change.ts'
import { TABLES, tableNamed } from '../../projector/source/tables.ts'
import * as source from '../../src/schema/source.ts'
import { insert, keyOf, rowOf, update, uuid } from '../projector/support/changes.ts'
import { MemoryStore } from '../projector/support/memory-store.ts'
import { historyOf } from '../projector/support/source-model.ts'
import { expectRenamed } from './renaming.ts'

const seed = Number(process.env.PT_SEED ?? Date.now() % 2 ** 31)
type Update = Extract<Change, { op: 'update' }>

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 })

test('every published column that may hold a typed text is replaced', () => {
  const kept: string[] = []
  for (const table of [
    source.location,
    source.employee,
    source.customer,
    source.sale,
    source.saleLine,
    source.salePayment,
    source.order,
    source.orderItem,
    source.orderPayment,
  ]) {
    const published = tableNamed(getTableName(table))!
    const columns = Object.values(getTableColumns(table))
    for (const name of published.columns) {
      const column = columns.find((column) => column.name === name)!
      const free = column.getSQLType() === 'text' && !column.enumValues?.length
      if (isReplaced(name)) expect({ [name]: free }).toEqual({ [name]: true })
      else if (free) kept.push(`${published.name}.${name}`)
    }
  }

  expect(kept).toEqual(['location.timezone', 'sale.currency', 'order.currency'])
})

describe('a replacement', () => {
  test('is the same for the same text of a column, and another for another', () => {
    fc.assert(
      fc.property(fc.uniqueArray(text), (texts) => {
        const redaction = new Redaction()
        const first = texts.map((text) => redaction.text('name', text))

        expect(texts.map((text) => redaction.text('name', text))).toEqual(first)
        expect(new Set(first).size).toBe(texts.length)
      }),
      { seed },
    )
  })

  test('tells nothing but roughly the length, not even whether another recording has the text', () => {
    const replace = (text: string) => new Redaction().text('name', text)

    expect(replace('Ann')).toMatch(/^[a-z2-9]{16}$/)
    expect(replace('Ann')).not.toBe(replace('Ann'))
    expect(replace('Ann')).toHaveLength(replace('Bartholomew').length)
    expect(replace('二'.repeat(1_000))).toHaveLength(3_008)
  })

  test('of a phone number is digits, more of them than a number has', () => {
    expect(new Redaction().text('phone', '+44 20 7946 0958')).toMatch(/^\d{32}$/)
  })
})

test('null, empty, what was not sent and the former key stay as they are', () => {
  const row = rowOf('sale_line', { id: uuid(1), sale_id: uuid(2), sku: '', color: null })
  const change = update('sale_line', row, { unsent: ['product_name'], old: row }) as Update

  const redacted = new Redaction().change(change)

  const { at } = TABLES.sale_line
  expect(redacted).toEqual({ ...change, old: keyOf('sale_line', row) })
  expect(change.values[at.product_name]).toBeUndefined()
  const whole = new Redaction().change(insert('sale_line', { ...row, sku: 'A-1' }))
  expect(whole.op === 'insert' && whole.values[at.sku]).toMatch(/^[a-z2-9]{16}$/)
})

test(`redacted changes fold to the same rows but for the texts, which are renamed (PT_SEED=${seed})`, async () => {
  const number = fc.nat(9_999)
  const command = { op: number, a: number, b: number, c: number, commits: fc.boolean() }
  const commands = fc.array(fc.record(command), { minLength: 1, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(commands, async (commands) => {
      const { transactions } = historyOf(commands)
      const redaction = new Redaction()
      const [original, redacted] = [new MemoryStore(), new MemoryStore()]

      for (const transaction of transactions) {
        const changes = transaction.changes.map((change) => redaction.change(change))
        await original.fold([transaction])
        await redacted.fold([{ ...transaction, changes }])
      }

      const timelines = [original, redacted].map(({ purchases }) => [...purchases.values()])
      expectRenamed('purchase_timeline', timelines[0]!, timelines[1]!)
      const cards = [original, redacted].map(({ cards }) => [...cards.values()])
      expectRenamed('customer_card', cards[0]!, cards[1]!)
      expect(redacted.metrics).toEqual(original.metrics)
      expect(redacted.deadLetters).toEqual(original.deadLetters)
    }),
    { seed, numRuns: Number(process.env.PT_LAW_RUNS ?? 100) },
  )
})
