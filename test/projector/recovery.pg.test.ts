/** What is lost on the way comes back by itself. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { testCluster } from '../support/postgres.ts'
import { Projection } from './support/projection.ts'
import { openShop, ringUp, ringUpMany } from './support/till.ts'
import { until } from './support/until.ts'
import { randomOf, Workload } from './support/workload.ts'

let on: Projection

beforeEach(async () => {
  on = await Projection.open()
  await openShop(on.source)
})
afterEach(() => on.close())

/** Ends the projector's backends in a database, at whatever they are; how many there were. */
async function terminate(url: string): Promise<number> {
  const ended = await on.source`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = ${new URL(url).pathname.slice(1)}
      and application_name = 'purchase-timeline projector'`
  return ended.length
}

for (const side of ['sourceUrl', 'readUrl'] as const) {
  test(`connections to the ${side === 'readUrl' ? 'read store' : 'source'} that are ended under load are made anew`, async () => {
    const projector = await on.live()
    const tills = new Workload(on.sourceUrl, randomOf(3)).start()

    for (let n = 0; n < 4; n++) {
      await ringUpMany(on.source, 400, 2)
      await until(() => projector.status().state === 'live', 'live')
      expect(await terminate(on[side])).toBeGreaterThan(0)
      await until(() => projector.status().state !== 'live', 'the loss is noticed')
    }
    await tills.stop()

    await until(() => projector.status().state === 'live', 'live again')
    await on.expectEqual()
  })
}

test('a writing connection that is ended in the middle of a COPY leaves nothing behind', async () => {
  await on.live()
  await on.read.unsafe(`
    create sequence rows;
    create function lose() returns trigger language plpgsql as $$ begin
      if nextval('rows') = 300 then perform pg_terminate_backend(pg_backend_pid()); end if;
      return new;
    end $$;
    create trigger lose before insert on purchase_timeline for each row execute function lose()`)

  await ringUpMany(on.source, 600, 1)

  await on.expectEqual()
  const [row] = await on.read`select count(*)::int as n from purchase_timeline`
  expect(row?.n).toBe(600)
})

test('a restart of Postgres under load is waited for', async () => {
  const cluster = await testCluster()
  const projector = await on.live()
  const tills = new Workload(on.sourceUrl, randomOf(4)).start()
  await until(() => tills.commits > 30, 'the tills write')

  await cluster.stop()
  await until(() => projector.status().lastError, 'the loss is noticed')
  await cluster.start()
  const before = tills.commits
  await until(() => tills.commits > before + 30, 'the tills write again')
  await tills.stop()

  await until(() => projector.status().state === 'live', 'live again')
  await on.expectEqual()
  await ringUp(on.source)
  await on.expectEqual()
})

test('a crash of Postgres under load is waited for', async () => {
  const cluster = await testCluster()
  const projector = await on.live()
  const tills = new Workload(on.sourceUrl, randomOf(5)).start()
  await until(() => tills.commits > 30, 'the tills write')

  await cluster.stop('immediate')
  await cluster.start()
  const before = tills.commits
  await until(() => tills.commits > before + 30, 'the tills write again')
  await tills.stop()

  await until(() => projector.status().state === 'live', 'live again')
  await on.expectEqual()
})
