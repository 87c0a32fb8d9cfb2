/** A rebuild makes a second generation beside the one that serves, and nobody notices but by its rows. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { PROJECTION_VERSION } from '../../projector/apply/checkpoint.ts'
import { switchGeneration } from '../../projector/apply/generation.ts'
import { FatalProjectorError } from '../../projector/errors.ts'
import { startBuilder } from '../../projector/index.ts'
import type { RebuildOptions } from '../../projector/rebuild.ts'
import { readChecksums } from '../../projector/record/checksums.ts'
import { connect, Projection } from './support/projection.ts'
import { openShop, put, ringUp, ringUpMany } from './support/till.ts'
import { until, within } from './support/until.ts'
import { randomOf, Workload } from './support/workload.ts'

let on: Projection

beforeEach(async () => {
  on = await Projection.open()
  await openShop(on.source)
})
afterEach(() => on.close())

test('is switched to while the tills write and a projector follows', async () => {
  await ringUpMany(on.source, 500, 2)
  const projector = await on.live()
  const tills = new Workload(on.sourceUrl, randomOf(1)).start()

  const report = await on.rebuild()
  const before = tills.commits
  await until(() => tills.commits > before + 20, 'the tills write on')
  await tills.stop()

  expect(report).toMatchObject({ switched: true, generation: 2, verified: { equal: true } })
  await on.expectEqual()
  expect(projector.status().state).toBe('live')
  expect(await on.generations()).toMatchObject([{ generation: 2 }])
  await on.expectNothingLeft()
})

test('mends what differs, and serves as before where nobody follows', async () => {
  const ids = [await ringUp(on.source), await ringUp(on.source), await ringUp(on.source)]
  const projector = await on.live()
  await on.caughtUp()
  await projector.stop()
  await on.read`update purchase_timeline set total = total + 1 where purchase_id = ${ids[0]!}`
  await on.read`delete from purchase_timeline where purchase_id = ${ids[1]!}`

  await on.rebuild()
  await ringUp(on.source)
  await on.live()

  await on.expectEqual()
})

/** What a rebuild says when it gives up; it must have changed nothing. */
async function refusal(options: Partial<RebuildOptions> = {}): Promise<string> {
  const before = await on.generations()
  const error = await within(on.rebuild(options), 'it is refused').catch((error) => error)
  expect(error).toBeInstanceOf(FatalProjectorError)
  expect(await on.generations()).toEqual(before)
  return error.message
}

describe('is refused', () => {
  test('where nothing serves yet', async () => {
    expect(await refusal()).toBe(
      'there is no whole read model of source main to build again: run `pt projector run`',
    )
  })

  test('for another slot, and for another database than that of what serves', async () => {
    await on.live()
    const { slotName, sourceUrl } = on
    const other = await on.beside('main')

    expect(await refusal({ slotName: 'another' })).toBe(
      `the read model follows slot ${slotName}, not another`,
    )
    const database = (url: string) => new URL(url).pathname.slice(1)
    expect(await refusal({ sourceUrl: other.sourceUrl })).toBe(
      `the read model was made from database ${database(sourceUrl)}, not ${database(other.sourceUrl)}`,
    )
    await other.close()
  })

  test('for another cluster', async () => {
    await on.live()
    await on.read`update projection_checkpoint set system_identifier = '7'`

    expect(await refusal()).toMatch(
      /^the read model was made from another cluster \(system identifier 7\) than this source \(\d+\)$/,
    )
  })

  test('at once while another is at work, which goes on', async () => {
    await ringUpMany(on.source, 500, 1)
    await on.live()
    let error: Error | undefined
    const first = await on.rebuild({
      async onStep(step) {
        if (step === 'verifying') error = await on.rebuild().catch((error) => error)
      },
    })

    expect(error).toBeInstanceOf(FatalProjectorError)
    expect(error?.message).toBe(
      'another rebuild of source main is at work: wait for it, or stop it',
    )
    expect(first.switched).toBe(true)
    await on.expectNothingLeft()
  })
})

describe('leaves the old generation serving', () => {
  const tampering: [string, string][] = [
    ['a purchase', 'update g.purchase_timeline set total = total + 1'],
    ['a sum', 'update g.customer_metrics set net = net + 1'],
    ['a card', `update g.location_card set name = 'Elsewhere'`],
    ['a row too few', 'delete from g.employee_card'],
  ]
  for (const [what, statement] of tampering)
    test(`and drops the new one when it differs by ${what}`, async () => {
      await ringUp(on.source, { customer_id: await put(on.source, 'customer') })
      await on.live()
      const before = await readChecksums(on.readUrl)

      const report = await on.rebuild({
        async onStep(step) {
          if (step === 'verifying') await on.read.unsafe(statement.replace(' g.', ' generation_2.'))
        },
      })

      expect(report).toMatchObject({ switched: false, generation: 2, verified: { equal: false } })
      expect(await readChecksums(on.readUrl)).toEqual(before)
      await on.expectNothingLeft()
      await ringUp(on.source)
      await on.expectEqual()
      expect((await on.rebuild()).switched).toBe(true)
    })
})

test('goes on after a stop where it was, and a reset before that clears both away', async () => {
  await ringUpMany(on.source, 10_000, 1)
  const projector = await on.live()
  const stopped = async () => {
    const stop = new AbortController()
    const onPoint = () => stop.abort(new Error('enough'))
    expect(await on.rebuild({ signal: stop.signal, onPoint }).catch(({ message }) => message)).toBe(
      'enough',
    )
    const [, building] = await on.generations()
    expect(building).toMatchObject({ serving: false, phase: 'copying' })
    expect(Number(building!.copied_rows)).toBeGreaterThan(0)
    return building!.generation
  }

  const begun = await stopped()
  expect(await stopped()).toBe(begun)
  expect(await on.rebuild()).toMatchObject({ switched: true, generation: begun })
  await on.expectEqual()
  await on.expectNothingLeft()

  await stopped()
  await projector.stop()
  await on.reset()
  expect(await on.generations()).toHaveLength(0)
  await on.live()
  await on.expectEqual()
  await on.expectNothingLeft()
})

test('a reset while it is at work ends it, and the projector that starts then is left alone', async () => {
  await ringUpMany(on.source, 12_500, 1)
  await on.live().then((projector) => projector.stop())
  const till = connect(on.sourceUrl, 1)
  // Connected: what is locked while the copy is at work must be locked before it is whole.
  await till`select 1`
  const held = Promise.withResolvers<void>()
  let slots = 0
  const info = (message: string) => {
    if (!message.startsWith('slot made')) return
    slots++
    // It would be refused from when the copy is whole: the next page waits for this.
    if (slots === 1) held.resolve(till.unsafe('begin; lock table sale, "order"').then(() => {}))
  }
  const rebuilding = on.rebuild({ log: { info, warn() {}, error() {} } }).catch((error) => error)
  await held.promise

  await on.reset()
  await till.end({ timeout: 0 })
  await on.live()

  expect(await rebuilding).toBeInstanceOf(FatalProjectorError)
  // Nor does it begin another.
  expect(slots).toBe(1)
  await on.expectEqual()
  await on.expectNothingLeft()
})

test('mends a read model whose slot is lost', async () => {
  await ringUp(on.source)
  const projector = await on.live()
  await projector.stop()
  await on.source`select pg_drop_replication_slot(${on.slotName})`
  await ringUp(on.source)

  await on.rebuild()

  await on.live()
  await on.expectEqual()
  await on.expectNothingLeft()
})

describe('a new version of the projection', () => {
  const told = (made: number) =>
    `the read model was made by version ${made} of the projection, this is version ${PROJECTION_VERSION}`

  test('is built while a projector of the old one tails, which then says what to do', async () => {
    await ringUp(on.source)
    const projector = await on.live()
    // As if the process that goes on were of the old version, and the rebuild of the new.
    await on.read`update projection_checkpoint set projection_version = 7`
    let applied = 0
    const report = await on.rebuild({
      async onStep() {
        await ringUp(on.source)
        await on.caughtUp()
        applied++
      },
    })

    expect(report.switched).toBe(true)
    expect(applied).toBe(3)
    await on.read`update projection_checkpoint set projection_version = 7`
    const error = await projector.finished.catch((error) => error)
    expect(error).toBeInstanceOf(FatalProjectorError)
    expect(error.message).toBe(`${told(7)}: start the newer program`)
    await on.read`update projection_checkpoint set projection_version = ${PROJECTION_VERSION}`
    await on.live()
    await on.expectEqual()
    await on.expectNothingLeft()
  })

  test('is asked for when a projector meets rows of another', async () => {
    await ringUp(on.source)
    await on.live().then((projector) => projector.stop())
    await on.read`update projection_checkpoint set projection_version = 1`

    const error = await on.start().finished.catch((error) => error)

    expect(error.message).toStartWith(`${told(1)}: run \`pt projector rebuild\``)
    await on.rebuild()
    await on.live()
    await on.expectEqual()
    await on.expectNothingLeft()
  })

  test('does not go on with what another has begun to build', async () => {
    await ringUpMany(on.source, 2_500, 1)
    await on.live()
    const stop = new AbortController()
    await on.rebuild({ signal: stop.signal, onPoint: () => stop.abort() }).catch(() => {})
    await on.read`update projection_checkpoint set projection_version = 7 where not serving`

    expect(await on.rebuild()).toMatchObject({ switched: true, generation: 3 })
    await on.expectEqual()
    await on.expectNothingLeft()
  })
})

describe('the switch', () => {
  /** A connection of its own with an open transaction. */
  async function holding(url: string, statement: string) {
    const sql = connect(url, 1)
    await sql.unsafe('begin')
    await sql.unsafe(statement)
    return () => sql.end({ timeout: 0 })
  }

  const untilWaiting = (query: string) =>
    until(
      async () =>
        (
          await on.read`
            select 1 from pg_stat_activity
            where datname = current_database() and query like ${query} and wait_event_type = 'Lock'`
        ).length > 0,
      `${query} waits`,
    )

  test('is the end of who built it: it notes no cache floors', async () => {
    const customer_id = await put(on.source, 'customer')
    await on.live().then((projector) => projector.stop())
    const { sourceUrl, readUrl, slotName } = on
    const builder = startBuilder({ sourceUrl, readUrl, slotName })
    await builder.live
    await until(() => switchGeneration(on.readUrl, 'main', 2), 'the switch')
    const id = await ringUp(on.source, { customer_id })

    const error = await within(builder.finished, 'it ends').catch((error) => error)

    expect(error.message).toBe('generation 2 of source main is not being built any more')
    expect(await on.purchase(id)).toBeUndefined()
    const down = () => Promise.reject('down')
    const floors = { raise: down, raiseAll: down, forget: down }
    await on.live({ floors })
    await on.expectEqual()
    const noted = await on.read<{ customers: string | null }[]>`
      select array_to_string(customer_ids, ',') as customers from cache_outbox order by id`
    expect(noted.map(({ customers }) => customers)).toEqual([null, null, customer_id])
    await on.expectNothingLeft()
  })

  test('does not wait for a sale where the source rests, and never says that it knows less', async () => {
    await ringUp(on.source)
    await on.live().then((projector) => projector.stop())
    let known = ''
    const report = await on.rebuild({
      async onStep(step) {
        if (step !== 'switching') return
        // So goes a checkpoint over WAL that is others': the two need not do it at the same moment.
        const [moved] = await on.read<{ lsn: string }[]>`
          update projection_checkpoint set applied_lsn = pg_current_wal_flush_lsn() where serving
          returning applied_lsn::text as lsn`
        known = moved!.lsn
      },
    })

    expect(report.switched).toBe(true)
    expect(await on.read`select 1 from read_model where lsn >= ${known}`).toHaveLength(1)
    await on.live()
    await ringUp(on.source)
    await on.expectEqual()
    await on.expectNothingLeft()
  })

  test('waits for a long read, and lets all others go first', async () => {
    const id = await ringUp(on.source)
    await on.live()
    const release = await holding(on.readUrl, 'select * from purchase_timeline limit 1')
    const switching = Promise.withResolvers<void>()
    const rebuilding = on.rebuild({
      onStep(step) {
        if (step === 'switching') switching.resolve()
      },
    })
    await switching.promise

    // Longer than the switch may hold anybody up, the server gives up: it would be an error here.
    const reads = connect(on.readUrl, 1)
    await reads`set statement_timeout = '30s'`
    for (let n = 0; n < 20; n++) {
      const id = await ringUp(on.source)
      await on.caughtUp()
      expect(await reads`select from purchase_timeline where purchase_id = ${id}`).toHaveLength(1)
    }
    expect(await on.generations()).toHaveLength(2)
    await reads.end({ timeout: 1 })
    await release()

    expect((await rebuilding).switched).toBe(true)
    expect(await on.purchase(id)).toBeDefined()
    await on.expectEqual()
  })

  test('waits for a projector in a long transaction', async () => {
    await ringUp(on.source)
    await on.live({ limits: { batch: 40, chunk: 20, pending: 80 } })
    const card = await put(on.source, 'customer', { name: 'Ann' })
    const blocked = Promise.withResolvers<() => Promise<void>>()
    const rebuilding = on.rebuild({
      async onStep(step) {
        if (step !== 'switching') return
        // The first chunks are in, and the last waits for this row.
        blocked.resolve(
          await holding(
            on.readUrl,
            `update generation_1.customer_card set name = '?' where customer_id = '${card}'`,
          ),
        )
        await on.source.begin(async (tx) => {
          await ringUpMany(tx, 200, 1)
          await tx`update customer set name = 'Ann Lee' where id = ${card}`
        })
        await untilWaiting('insert into customer_card%')
      },
    })
    const release = await blocked.promise
    await untilWaiting('lock table%')
    expect(await on.generations()).toHaveLength(2)
    await release()

    expect((await rebuilding).switched).toBe(true)
    await on.expectEqual()
    await on.expectNothingLeft()
  })
})
