/** Stopped anywhere and run again: the same as one run. And two at once. */
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import postgres from 'postgres'
import { CliError } from '../../cli/command.ts'
import { silentProgress } from '../../cli/import/progress.ts'
import { startPt, until } from '../support/pt.ts'
import { csv, row } from './support/csv.ts'
import { type Dump, dump, openSource, type Source } from './support/source.ts'

// A server is started here, on machines that have other things to do.
setDefaultTimeout(600_000)

let source: Source
let large: string
let expected: Dump

beforeAll(async () => {
  source = await openSource()
  const two = (n: number) => String(n).padStart(2, '0')
  large = csv(
    Array.from({ length: 20_000 }, (_, i) => {
      const sale = Math.floor(i / 4)
      const date = `2011-0${1 + (sale % 9)}-${two(1 + (sale % 28))} ${two(8 + (sale % 9))}:00:00`
      return row({
        invoice: `${sale % 7 === 0 ? 'C' : ''}${100_000 + sale}`,
        sku: `S${i % 900}`,
        customer: sale % 5 === 0 ? '' : `${sale % 300}`,
        date,
      })
    }),
  )
  await source.load(large)
  expected = await dump(source.sql)
})
beforeEach(() => source.clear())
afterAll(() => source.close())

const FIVE = csv(['1', '2', '3', '4', '5'].map((invoice) => row({ invoice, customer: invoice })))

describe('Ctrl-C', () => {
  test('stops after a whole sale, says how to go on, and the next run writes the rest', async () => {
    await source.load(FIVE)
    const whole = await dump(source.sql)

    for (let sales = 0; sales < 5; sales++) {
      await source.clear()
      const stop = new AbortController()
      const progress = {
        ...silentProgress,
        phase: (name: string) => name === 'Writing' && sales === 0 && stop.abort(),
        at: (done: number) => done === sales && stop.abort(new CliError('Stopped', 143)),
      }
      const run = source.load(FIVE, { signal: stop.signal, progress, salesACall: 1 })

      const error = await run.catch((error) => error)
      expect(error).toBeInstanceOf(CliError)
      expect(error.message).toBe(
        `Stopped after ${sales} of 5 purchases; run the same command again to write the rest`,
      )
      expect(error.exitCode).toBe(sales === 0 ? 130 : 143)
      expect(await source.sql`select 1 from sale`).toHaveLength(sales)

      const report = await source.load(FIVE)
      expect(report.lines).toMatchObject({ imported: 5 - sales, alreadyThere: sales })
      expect(await dump(source.sql)).toEqual(whole)
    }
  })

  test('while the file is read leaves the source as it was', async () => {
    const stop = new AbortController()
    stop.abort()

    await expect(source.load(FIVE, { signal: stop.signal })).rejects.toThrow(
      'Stopped before anything was written',
    )
    expect(await source.sql`select 1 from business`).toHaveLength(0)
  })
})

describe('kill -9', () => {
  test('at any moment, again and again, comes to the same as one run', async () => {
    const file = await source.file(large)
    const args = ['import', 'online-retail', file, '--json']
    const seen: number[] = []

    // Each time a little later into the writing, until a run gets through.
    for (let kill = 0; ; kill++) {
      const run = startPt(args, { SOURCE_DATABASE_URL: source.url })
      const ended = { is: false }
      run.finished.then(() => (ended.is = true))
      const before = await count()
      await until(
        async () => ended.is || (await count()) > before + kill * 40,
        'the import goes on',
      )
      run.signal('SIGKILL')
      const { code, stdout, stderr } = await run.finished
      seen.push(await count())
      if (code === 0) {
        const { lines } = JSON.parse(stdout)
        expect(lines.imported + lines.alreadyThere).toBe(20_000)
        break
      }
      expect([code, stderr.replaceAll(/^.*(Reading|Read|Writing|waiting).*\n/gm, '')]).toEqual([
        137,
        '',
      ])
    }

    expect(seen.filter((sales) => sales > 0 && sales < 5000).length).toBeGreaterThan(2)
    expect(await dump(source.sql)).toEqual(expected)
  })

  const count = async () =>
    (await source.sql`select count(*)::integer as n from sale`)[0]!.n as number
})

test('a server that ends the connection gets one clear line, and the next run writes the rest', async () => {
  const admin = postgres(source.url, { max: 1, onnotice() {} })
  // Connected, so that it does not come too late.
  await admin`select 1`
  let ended = false
  const progress = {
    ...silentProgress,
    at: (done: number) => {
      if (done < 1000 || done > 2000 || ended) return
      ended = true
      void admin`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'pt import'`.execute()
    },
  }
  try {
    await expect(source.load(large, { progress, salesACall: 10 })).rejects.toThrow(
      /^The connection to .* was lost \(.*\); run the same command again, and it goes on where it stopped$/,
    )
  } finally {
    await admin.end()
  }

  const report = await source.load(large)
  expect(report.lines.alreadyThere).toBeGreaterThan(0)
  expect(report.lines.imported).toBeGreaterThan(0)
  expect(await dump(source.sql)).toEqual(expected)
})

test('of two imports at once the second waits, says so, and finds all there', async () => {
  const said: string[] = []
  const start = Promise.withResolvers<void>()
  const waits = Promise.withResolvers<void>()
  // So that the first one is still at work when the second comes.
  const holder = postgres(source.url, { max: 1, onnotice() {} })
  await holder`begin`
  await holder`lock table sale in share mode`
  const first = source.load(large, {
    name: 'first.csv',
    salesACall: 50,
    progress: { ...silentProgress, phase: (name) => name === 'Writing' && start.resolve() },
  })
  await start.promise
  const second = source.load(large, {
    name: 'second.csv',
    progress: {
      ...silentProgress,
      say(text) {
        said.push(text)
        waits.resolve()
      },
    },
  })
  await waits.promise
  await holder`rollback`
  await holder.end()

  expect((await first).lines.imported).toBe(20_000)
  expect((await second).lines.alreadyThere).toBe(20_000)
  expect(said).toContain('Another import writes to this database: waiting for it to end')
  expect(await dump(source.sql)).toEqual(expected)
})

test('the wait for another import ends with Ctrl-C', async () => {
  const stop = new AbortController()
  const holder = postgres(source.url, { max: 1, onnotice() {} })
  try {
    await holder`select pg_advisory_lock(${0x70_74_69_6d})`
    const progress = { ...silentProgress, say: () => stop.abort(new CliError('Stopped', 130)) }

    await expect(source.load(FIVE, { signal: stop.signal, progress })).rejects.toThrow('Stopped')
    expect(await source.sql`select 1 from business`).toHaveLength(0)
  } finally {
    await holder.end()
  }
})
