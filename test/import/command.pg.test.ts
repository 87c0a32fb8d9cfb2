/** `pt import online-retail` as a user has it: what it prints, how it exits, what it refuses. */
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createDatabase } from '../support/postgres.ts'
import { pt } from '../support/pt.ts'
import { csv, row } from './support/csv.ts'
import { dump, openSource, type Source } from './support/source.ts'

// A server is started here, on machines that have other things to do.
setDefaultTimeout(180_000)

let source: Source
beforeAll(async () => {
  source = await openSource()
})
beforeEach(() => source.clear())
afterAll(() => source.close())

const run = (...args: string[]) =>
  pt(['import', 'online-retail', ...args], { SOURCE_DATABASE_URL: source.url })

const LINES = Array.from({ length: 40 }, (_, i) => row({ invoice: String(Math.floor(i / 4)) }))

/** 40 lines in 10 invoices as `xz -6` packs them: `xz` itself is not on every machine. */
const PACKED = Buffer.from(
  `
  /Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4A6EATNdACSbiscRK6kDxYRcFLCGs+rPtejxTmFkwcf5BRDJ6ERqUyr13VkecX5p
  JNCqhcHqpuC+GCKhSPL7+mwisa2YhvR4TmmcbiY8rrQuGs6J6pRXrZuHZ+zhxC01bv9lV+PV/GsssRWT3WrZCUmnXO/seIgV
  6dkC3hT0sg7P5c99uzcgQxwqyZF3kkwIxEohSpJznKCxyJDmZmhwFGfiZgh8JNtox276i3YCMw5SJt2iutUZ+d27RzW4rCYm
  j404pGgJ/cnToUqKikIocZw+Kq059OlegSb11vktbUEDsvSZsuTHJ7t9Qe1kMLIoGTTDVUkE95+kIqYjRYPGHW3Ad5YZpIIF
  Hgc5vUr/FMEGaIw1sK7gUa2wYcm8MSV//wnAFyswEAaRZbGwY69reibJ/ZjSAyo28aAAACdK5cScOA+MAAHPAoUdAAD2XVKX
  scRn+wIAAAAABFla`,
  'base64',
)

describe('the answer', () => {
  test('is one JSON document with --json, and the rest is on stderr', async () => {
    const { code, stdout, stderr } = await run(await source.file(csv(LINES)), '--json')

    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      lines: { total: 40, imported: 40, alreadyThere: 0, notImported: 0 },
      purchases: { sale: 10, return: 0 },
    })
    expect(stderr).toBe('Read 40 lines; working out what is new\n')
  })

  test('is a text that names what was not imported, and says so again on stderr', async () => {
    const file = await source.file(csv([...LINES, 'x', ...Array(30).fill('a,b')]))
    const { code, stdout, stderr } = await run(file)

    expect(code).toBe(0)
    expect(stdout).toContain('71 = 40 imported + 0 already there + 31 not imported')
    expect(stdout).toContain('NOT IMPORTED: 31 lines\n  31 × wrong number of columns\n  line 42: ')
    expect(stdout).toContain('  … and 11 more; --json names the first 1,000')
    expect(stderr).toEndWith('31 of 71 lines were not imported: see the report\n')
  })

  test('is a failure when no line could be imported', async () => {
    const { code, stdout, stderr } = await run(await source.file(csv(['x', 'y'])), '--json')

    expect(code).toBe(1)
    expect(JSON.parse(stdout).lines).toEqual({
      total: 2,
      imported: 0,
      alreadyThere: 0,
      notImported: 2,
    })
    expect(stderr).toMatch(/No line of .*retail\.csv could be imported\n$/)
    expect((await dump(source.sql)).business).toEqual([])
  })
})

describe('one clear line, and nothing written, for', () => {
  async function refused(file: string): Promise<string> {
    const { code, stdout, stderr } = await run(file)
    expect([code, stdout]).toEqual([1, ''])
    expect((await dump(source.sql)).business).toEqual([])
    return stderr.replaceAll(`${dirname(file)}/`, '')
  }

  test('no file', async () => {
    expect(await refused('/nowhere/at-all.csv')).toMatchInlineSnapshot(`
      "at-all.csv does not exist
      "
    `)
  })

  test('a directory', async () => {
    const directory = join(dirname(await source.file('')), 'folder.csv')
    await mkdir(directory)
    expect(await refused(directory)).toMatchInlineSnapshot(`
      "folder.csv is a directory, not a CSV file
      "
    `)
  })

  test('no regular file', async () => {
    expect(await refused('/dev/null')).toMatchInlineSnapshot(`
      "null is no regular file: write it to one first
      "
    `)
  })

  test('an empty file', async () => {
    expect(await refused(await source.file(''))).toMatchInlineSnapshot(`
      "retail.csv is empty
      "
    `)
  })

  test('another header', async () => {
    expect(await refused(await source.file('id,name\n1,x\n'))).toMatchInlineSnapshot(`
      "retail.csv is no Online Retail file: its header has an unknown column "id"
      "
    `)
  })

  test('a header that lacks a column', async () => {
    const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,Country'
    expect(await refused(await source.file(`${header}\n`))).toMatchInlineSnapshot(`
      "retail.csv is no Online Retail file: its header lacks CustomerID or Customer ID
      "
    `)
  })

  test('dates that may be day/month or month/day', async () => {
    const dates = ['1/12/2010 8:26', '12/1/2010 8:26', 'never']
    const file = await source.file(csv(dates.map((date) => row({ date }))))
    expect(await refused(file)).toMatchInlineSnapshot(`
      "retail.csv has no day above 12, so its dates may be day/month or month/day: write them as YYYY-MM-DD HH:MM:SS
      "
    `)
  })

  test('dates of two orders, whatever the other line is besides', async () => {
    const dates = ['1/12/2010 8:26', '13/12/2010 8:26', '12/14/2010 8:26']
    const rows = dates.map((date, i) => row({ date, quantity: i === 2 ? 'six' : '6' }))
    expect(await refused(await source.file(csv(rows)))).toMatchInlineSnapshot(`
      "retail.csv mixes its dates: others are D/M/YYYY H:MM, line 4 is not; nothing was imported
      "
    `)
  })

  test('dates with slashes among those that a computer sorts', async () => {
    const rows = ['2010-12-01 08:26:00', '1/12/2010 8:26'].map((date) => row({ date }))
    expect(await refused(await source.file(csv(rows)))).toContain(
      'mixes its dates: others are YYYY-MM-DD HH:MM:SS, line 3 is not',
    )
  })

  test('a binary file', async () => {
    const noise = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)
    expect(await refused(await source.file(noise))).toMatchInlineSnapshot(`
      "retail.csv is no Online Retail file: its first line is no header
      "
    `)
  })

  test('a CSV that is named .xz', async () => {
    expect(await refused(await source.file(csv(LINES), 'retail.csv.xz'))).toMatchInlineSnapshot(`
      "retail.csv.xz is named .xz but is no xz file
      "
    `)
  })

  test('a truncated .xz, wherever it was cut', async () => {
    for (const size of [PACKED.length - 1, PACKED.length >> 1, 40, 6]) {
      const file = await source.file(PACKED.subarray(0, size), 'retail.csv.xz')
      expect(await refused(file)).toEndWith(
        'retail.csv.xz is a truncated xz file; nothing was imported\n',
      )
    }
  })

  test('a damaged .xz', async () => {
    const damaged = PACKED.map((byte, i, all) => (i === all.length >> 1 ? ~byte : byte))
    expect(await refused(await source.file(damaged, 'retail.csv.xz'))).toMatchInlineSnapshot(`
      "retail.csv.xz is a damaged xz file; nothing was imported
      "
    `)
  })

  test('a database without tables', async () => {
    const file = await source.file(csv(LINES))
    const empty = await createDatabase()
    const { code, stderr } = await pt(['import', 'online-retail', file], {
      SOURCE_DATABASE_URL: empty,
    })
    expect([code, stderr.replace(/\S+\/\w+ /, '')]).toEqual([
      1,
      'has no source tables: run `pt migrate` first\n',
    ])
  })

  test('a database that cannot be reached', async () => {
    const file = await source.file(csv(LINES))
    const { code, stderr } = await pt(['import', 'online-retail', file], {
      SOURCE_DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/none',
    })
    expect([code, stderr]).toEqual([1, "Can't reach the database 127.0.0.1:1/none: ECONNREFUSED\n"])
  })

  test('no file name, or two', async () => {
    expect(await run()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Name the file to import: FILE.csv or FILE.csv.xz'),
    })
    expect(await run('a.csv', 'b.csv')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('One file at a time'),
    })
  })
})

test('an .xz is known by what it holds, not by its name', async () => {
  const packed = await run(await source.file(PACKED, 'retail.csv.xz'), '--json')
  const renamed = await run(await source.file(PACKED, 'retail.csv'), '--json')

  expect(JSON.parse(packed.stdout).lines).toMatchObject({ total: 40, imported: 40 })
  expect(JSON.parse(renamed.stdout).lines).toMatchObject({ total: 40, alreadyThere: 40 })
})
