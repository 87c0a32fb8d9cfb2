/** The real year of invoices, where it is at hand: what the source holds after it was imported. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { importOnlineRetail } from '../../cli/import/import-online-retail.ts'
import { silentProgress } from '../../cli/import/progress.ts'
import type { ImportReport } from '../../cli/import/report.ts'
import { openSource, type Source } from './support/source.ts'

setDefaultTimeout(600_000)

const FILE = new URL('../../../shared/data/online_retail/online_retail.csv.xz', import.meta.url)
const present = existsSync(FILE)
if (!present) console.warn(`SKIPPED for want of ${FILE.pathname}: real-file.pg.test.ts`)

describe.skipIf(!present)('the real file', () => {
  let source: Source
  let report: ImportReport
  const load = () =>
    importOnlineRetail({
      file: FILE.pathname,
      sourceUrl: source.url,
      signal: new AbortController().signal,
      progress: silentProgress,
    })

  beforeAll(async () => {
    source = await openSource()
    report = await load()
  })
  afterAll(() => source?.close())

  test('is imported to its last line', () => {
    expect(report).toMatchObject({
      lines: { total: 541_909, imported: 541_909, alreadyThere: 0, notImported: 0 },
      purchases: { sale: 22_064, return: 3836 },
      guests: { lines: 135_080 },
      customers: 4372,
      locations: 38,
      new: { purchases: 25_900, customers: 4372, products: report.products, locations: 38 },
    })
  })

  /** The counting rules, in SQL over the source: see docs/COUNTING.md. */
  const figures = () => source.sql<Record<string, string>[]>`
    select external_ref as customer, sum(total) as net, -sum(returned) as refunded,
      count(*) filter (where type = 'sale') as orders,
      count(*) filter (where type = 'return') as returns,
      max(completed_at) filter (where type = 'sale')::date::text as last
    from customer join sale on sale.customer_id = customer.id
    cross join lateral (
      select coalesce(sum(total) filter (where qty < 0 and type = 'return'), 0) as returned
      from sale_line where sale_id = sale.id) line
    group by external_ref`

  test('gives each customer what they bought and brought back', async () => {
    const all = await figures()
    const of = (ref: string) => ({ ...all.find(({ customer }) => customer === ref)! })

    expect(of('14646')).toMatchObject({
      net: '27948902',
      orders: '74',
      returns: '3',
      last: '2011-12-08',
    })
    expect(of('12346')).toMatchObject({ net: '0', refunded: '7718360' })
    expect(all.reduce((sum, { net }) => sum + BigInt(net!), 0n)).toBe(830_006_581n)
  })

  test('is in sales that add up, with 43 that took a minute', async () => {
    const [sums] = await source.sql`
      select count(*) filter (where s.total <> l.total) as wrong,
        count(*) filter (where completed_at > created_at)::integer as two_times,
        count(*) filter (where l.lines <> l.last) as gaps
      from sale s cross join lateral (
        select sum(total) as total, count(*) as lines, max(line_no) as last
        from sale_line where sale_id = s.id) l`
    expect(sums).toEqual({ wrong: '0', two_times: 43, gaps: '0' })
  })

  test('is all there when it comes again', async () => {
    const [before] = await source.sql`select max(xmin::text::bigint) as xid from sale_line`

    const again = await load()

    expect(again.lines).toMatchObject({ imported: 0, alreadyThere: 541_909, notImported: 0 })
    expect(again.new).toEqual({ purchases: 0, customers: 0, products: 0, locations: 0 })
    const [after] = await source.sql`select max(xmin::text::bigint) as xid, count(*)::integer as n
      from sale_line`
    expect(after).toEqual({ ...before, n: 541_909 })
  })
})
