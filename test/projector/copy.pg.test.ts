/** The first copy and its hand-over to the stream, while the tills go on. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import type { Log } from '../../src/log.ts'
import { Projection } from './support/projection.ts'
import { openShop, put, ringUp, ringUpMany, serve } from './support/till.ts'
import { randomOf, Workload } from './support/workload.ts'

let on: Projection

beforeEach(async () => {
  on = await Projection.open()
  await openShop(on.source)
})
afterEach(() => on.close())

/** A log that calls back after every page of the first copy. */
function afterPages(page: () => void): Log {
  const info = (message: string) => {
    if (message === 'copied') page()
  }
  return { info, warn() {}, error() {} }
}

/** Starts projectors, each of which is stopped after some pages. */
async function copyInPieces(pages: readonly number[]): Promise<void> {
  for (const count of pages) {
    let left = count
    const log = afterPages(() => {
      if (--left === 0) projector.stop()
    })
    const projector = on.start({ log })
    await projector.finished
  }
}

const copied = async () => {
  const [row] = await on.read`select phase, copied_rows::int as rows from projection_checkpoint`
  return row
}

test('rows of before, of meanwhile and of after are all there, once each', async () => {
  await ringUpMany(on.source, 5_000, 2, await put(on.source, 'customer'))
  const tills = new Workload(on.sourceUrl, randomOf(1)).start()

  const projector = await on.live()
  const commits = tills.commits
  await on.caughtUp()
  await tills.stop()

  await on.expectEqual()
  expect(commits).toBeGreaterThan(0)
  expect(projector.status().state).toBe('live')
})

test('a copy that is stopped at any page goes on where it was, and copies nothing twice', async () => {
  await ringUpMany(on.source, 12_500, 1, await put(on.source, 'customer'))
  await serve(on.source)
  await ringUp(on.source, { completed_at: 'infinity' })

  await copyInPieces([1, 1, 3, 1])
  const halfway = await copied()
  await on.live()

  expect(halfway?.phase).toBe('copying')
  const [total] = await on.source`
    select ((select count(*) from location) + (select count(*) from employee)
      + (select count(*) from customer) + (select count(*) from "order")
      + (select count(*) from sale))::int as rows`
  expect(halfway?.rows).toBeGreaterThan(2_000)
  expect((await copied())?.rows).toBe(total?.rows)
  expect(await on.deadLetters()).toHaveLength(1)
  await on.expectEqual()
})

test('a copy that is stopped again and again while the tills go on ends equal', async () => {
  await ringUpMany(on.source, 12_500, 1)
  for (let n = 0; n < 20; n++) await serve(on.source)
  const tills = new Workload(on.sourceUrl, randomOf(2)).start()

  await copyInPieces([1, 2, 2, 1])
  await on.live()
  await tills.stop()

  await on.expectEqual()
})

test('an order that is opened and settled while the sales are copied is one purchase', async () => {
  const ann = await put(on.source, 'customer')
  await ringUpMany(on.source, 2_500, 1)
  let order = ''
  let told: Promise<void> = Promise.resolve()
  // The pages of locations, employees, customers and orders.
  let pages = 0
  const log = afterPages(() => {
    if (++pages !== 4) return
    told = serve(on.source, { customer_id: ann }).then(async (id) => {
      order = id
      await ringUp(on.source, { customer_id: ann, order_id: id })
    })
  })
  await serve(on.source, { customer_id: ann })

  await on.live({ log })
  await told

  await on.expectEqual()
  expect(await on.purchase(order)).toMatchObject({ listed: false, counted: false })
})

test('an empty source is copied, too', async () => {
  await on.source.begin(async (tx) => {
    // The audit stays, unless it is said that it goes.
    await tx`select set_config('pt.retention', 'on', true)`
    await tx`truncate business cascade`
  })

  const projector = await on.live()

  expect(projector.status()).toMatchObject({ state: 'live', lastError: null })
  await on.expectEqual()
})
