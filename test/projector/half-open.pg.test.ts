/** Connections that are dead and do not say so. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { Projection } from './support/projection.ts'
import { TcpProxy } from './support/tcp-proxy.ts'
import { openShop, ringUp } from './support/till.ts'
import { until, within } from './support/until.ts'

/** The server is then asked by another way, and has a quarter of it to answer. */
const PATIENCE_MS = 3_000

let on: Projection
let proxy: TcpProxy
let sourceUrl: string

beforeEach(async () => {
  on = await Projection.open()
  await openShop(on.source)
  ;({ proxy, url: sourceUrl } = await TcpProxy.before(on.sourceUrl))
  // The server's own patience decides how long silence is borne.
  const database = new URL(on.sourceUrl).pathname.slice(1)
  await on.source`alter database ${on.source(database)} set wal_sender_timeout = '5s'`
})
afterEach(async () => {
  proxy.close()
  await on.close()
})

test('a half-open connection to the source is noticed by its silence, and made anew', async () => {
  const projector = await on.live({ sourceUrl })

  proxy.freeze()
  await ringUp(on.source)
  await until(() => projector.status().lastError, 'the silence is noticed')
  proxy.thaw()

  await until(() => projector.status().state === 'live', 'live again')
  expect(projector.status().lastError).toMatch(
    /silent for \d+ ms|does not answer|timeout|terminated/i,
  )
  await on.expectEqual()
})

test('a projector whose source has gone dead can be stopped', async () => {
  const live = await on.live({ sourceUrl })
  proxy.freeze()
  await within(live.stop(), 'stop of a live projector')

  const starting = on.start({ sourceUrl })
  await until(() => starting.status().state === 'copying', 'it looks at the source')
  await within(starting.stop(), 'stop of a starting projector')
})

test('a projector whose read store has gone dead can be stopped, and another goes on', async () => {
  const store = await TcpProxy.before(on.readUrl)
  const first = await on.live({ readUrl: store.url })
  store.proxy.freeze()
  await ringUp(on.source)
  await until(() => store.proxy.swallowed > 0, 'the projector writes')

  await within(first.stop(), 'stop')
  store.proxy.close()

  await on.live()
  await on.expectEqual()
})

test('a half-open connection to the read store is noticed, and a lock is not taken for one', async () => {
  const store = await TcpProxy.before(on.readUrl)
  const projector = await on.live({ readUrl: store.url, patienceMs: PATIENCE_MS })
  const lastError = () => projector.status().lastError

  await on.read.begin(async (lock) => {
    await lock`lock projection_checkpoint`
    await ringUp(on.source)
    await until(() => writerWaits(), 'the writer waits for the lock')
    await Bun.sleep(2 * PATIENCE_MS)
  })
  await on.expectEqual()
  expect(lastError()).toBeNull()

  store.proxy.freeze()
  await ringUp(on.source)
  await until(() => store.proxy.swallowed > 0, 'the projector writes')
  store.proxy.thaw()
  await until(lastError, 'the silence is noticed')
  // The server still believes in the dead connection, and in its lock on the lead.
  store.proxy.reset()
  await on.expectEqual()
  store.proxy.close()
})

async function writerWaits(): Promise<boolean> {
  const waiting = await on.read`
    select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  return waiting.length > 0
}
