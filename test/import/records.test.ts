import { describe, expect, test } from 'bun:test'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { type CsvRecord, RecordReader } from '../../cli/import/records.ts'

/** Reads `text` as CSV of `columns` columns, the lines given in pieces of `size`. */
function read(text: string, columns: number, size = 1): CsvRecord[] {
  const lines = text.split('\n').map((line, i) => ({ number: i + 1, text: line }))
  const reader = new RecordReader(columns)
  const records: CsvRecord[] = []
  for (let at = 0; at < lines.length; at += size) {
    records.push(...reader.read(lines.slice(at, at + size)))
  }
  return [...records, ...reader.end()]
}

const show = (records: CsvRecord[]) =>
  records.map((r) => ('reason' in r ? `${r.line} ${r.reason}` : `${r.line} ${r.fields.join('|')}`))

const quote = (field: string) => `"${field.replaceAll('"', '""')}"`

describe('a record', () => {
  test('may have quoted fields, with commas, quotes and line breaks in them', () => {
    expect(show(read('a,"b, ""c""",d\n"e","f\ng",h', 3))).toEqual(['1 a|b, "c"|d', '2 e|f\ng|h'])
  })

  test('is named by its first line when it has the wrong number of columns', () => {
    expect(show(read('a,b\nc,d,e\nf', 2))).toEqual([
      '1 a|b',
      '2 wrong number of columns',
      '3 wrong number of columns',
    ])
  })

  test('is named when a quote stands where none may be', () => {
    expect(show(read('a,b"c\na,"b"c\na,b', 2))).toEqual([
      '1 broken quoting',
      '2 broken quoting',
      '3 a|b',
    ])
  })

  test('is named when the line is empty', () => {
    expect(show(read('a,b\n\nc,d', 2))).toEqual(['1 a|b', '2 empty line', '3 c|d'])
  })
})

describe('a quote that is never closed costs one line', () => {
  test('at the end of the file', () => {
    expect(show(read('a,"b\nc,d\ne,f', 2))).toEqual(['1 broken quoting', '2 c|d', '3 e|f'])
  })

  test('where a later quote makes no sense of it', () => {
    expect(show(read('a,"b,c\nd,"e, f",g', 3))).toEqual(['1 broken quoting', '2 d|e, f|g'])
  })

  test('where a later stray quote would close it', () => {
    const text = 'a,"b,c\nd,e,f\ng,h",i\nj,k,l'

    expect(show(read(text, 3))).toEqual([
      '1 broken quoting',
      '2 d|e|f',
      '3 broken quoting',
      '4 j|k|l',
    ])
  })

  test('where nothing closes it for many lines', () => {
    const rest = Array.from({ length: 2000 }, (_, i) => `x${i}`)
    const records = read(['"a', ...rest].join('\n'), 1, 100)

    expect(records).toHaveLength(2001)
    expect(records[0]).toEqual({ line: 1, reason: 'broken quoting' })
    expect(records.slice(1).every((record) => 'fields' in record)).toBe(true)
  })

  test('and never more than its own, wherever it is put', () => {
    const line = fc.tuple(fc.constantFrom('a', 'b c', '"d, e"'), fc.constantFrom('1', '"2"'))
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 30 }),
        fc.nat(),
        fc.nat(),
        (rows, which, where) => {
          const lines = rows.map(([name, n]) => `x,${name},${n},y`)
          const broken = which % lines.length
          const text = lines[broken]!
          const at = where % (text.length + 1)
          const damaged = lines.with(broken, `${text.slice(0, at)}"${text.slice(at)}`)

          const good = read(lines.join('\n'), 4)
          const seen = new Map(read(damaged.join('\n'), 4).map((record) => [record.line, record]))

          for (const record of good) {
            if (record.line !== broken + 1) expect(seen.get(record.line)).toEqual(record)
          }
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('against csv-parse', () => {
  const plain = fc.string({ unit: fc.constantFrom('a', 'é', ' ', "'", '|', '\t'), maxLength: 5 })
  const quotable = fc.string({ unit: fc.constantFrom('a', '"', ',', ' ', '£'), maxLength: 8 })
  const broken = fc.string({ unit: fc.constantFrom('a', '"', '\n', ' '), maxLength: 8 })
  const field = fc.oneof(plain, quotable.map(quote), broken.map(quote))
  const row = fc.array(field, { minLength: 4, maxLength: 4 }).map((fields) => fields.join(','))

  test('reads every well-formed file alike, however the lines come', () => {
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        (rows, size) => {
          const text = rows.join('\n')
          const records = read(text, 4, size)

          expect(records.map((record) => ('fields' in record ? record.fields : record))).toEqual(
            parse(text, { delimiter: ',', record_delimiter: '\n' }),
          )
        },
      ),
      { numRuns: 1000 },
    )
  })
})
