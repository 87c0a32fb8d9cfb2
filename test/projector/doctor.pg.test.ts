/** What `pt doctor` finds, and that what it advises puts it right. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import { examine } from '../../projector/doctor/doctor.ts'
import { describeBytes, describeSeconds, type Finding } from '../../projector/doctor/finding.ts'
import { type Provider, readProvider } from '../../projector/doctor/provider.ts'
import { judgeSettings, type Settings } from '../../projector/doctor/settings.ts'
import { judgeRetained } from '../../projector/doctor/slot.ts'
import { connect, Projection } from './support/projection.ts'
import { openShop, put, ringUp } from './support/till.ts'
import { until } from './support/until.ts'

describe('on a source', () => {
  let on: Projection

  beforeEach(async () => {
    on = await Projection.open()
    await openShop(on.source)
  })
  afterEach(() => on.close())

  const look = (options: { readUrl?: string; sourceUrl?: string; publication?: string } = {}) => {
    const { sourceUrl, readUrl, slotName } = on
    return examine({
      sourceUrl,
      readUrl,
      slotName,
      pendingMigrations: [],
      measureMs: 1,
      ...options,
    })
  }
  /** The tests' server keeps WAL without a bound, and does without fsync. */
  const OF_THE_TESTS = ['max_slot_wal_keep_size', 'durability']
  const complaints = async (options = {}) =>
    (await look(options)).filter(
      ({ verdict, check }) => verdict !== 'ok' && !OF_THE_TESTS.includes(check),
    )
  const only = async (options = {}): Promise<Finding> => {
    const found = await complaints(options)
    expect(found).toHaveLength(1)
    return found[0]!
  }

  test('nothing is wrong before the first start, while a projector runs, and nothing is changed', async () => {
    expect(await complaints()).toEqual([])
    expect(await on.source`select 1 from pg_publication`).toHaveLength(0)

    await on.live()

    expect(await complaints()).toEqual([])
    const found = (await look()).find(({ check }) => check === 'slot')
    expect(found?.detail).toBe(`${on.slotName} is the read model's, and a projector reads from it`)
  })

  test('a slot that nobody reads from, that was made anew, that is gone', async () => {
    await on.live().then((projector) => projector.stop())
    expect(await only()).toMatchObject({ verdict: 'warn', remedy: 'pt projector run' })

    await on.source`select pg_drop_replication_slot(${on.slotName})`
    expect(await only()).toMatchObject({
      verdict: 'fail',
      detail: `the source has no slot ${on.slotName} any more`,
    })
    await ringUp(on.source)
    await on.source`select pg_create_logical_replication_slot(${on.slotName}, 'pgoutput')`
    expect((await only()).detail).toContain('ahead of the read model')

    await on.read`update projection_checkpoint set phase = 'creating'`
    expect((await only()).detail).toContain('the read store knows nothing of it')
  })

  test('a bound on the WAL that is kept, and a slot that is over it', async () => {
    await on.live().then((projector) => projector.stop())
    await ringUp(on.source)
    await on.source`alter system set max_slot_wal_keep_size = '1MB'`
    await on.source`select pg_reload_conf()`
    try {
      const bound = await until(async () => {
        const found = await look()
        return found.find(({ detail }) => detail.startsWith('1.0 MiB'))
      }, 'the setting is there')
      expect(bound).toMatchObject({ check: 'max_slot_wal_keep_size', verdict: 'warn' })
      const seen = new Set<string>()
      await until(async () => {
        await on.source`select pg_logical_emit_message(true, 'fill', 'x'), pg_switch_wal()`
        for (const { check, detail } of await look())
          if (check.startsWith('slot')) seen.add(detail.replace(/[\d.]+ (bytes|[KM]iB)/g, 'N'))
        await on.source`checkpoint`
        return [...seen].some((detail) => detail.includes('has lost WAL'))
      }, 'the slot is lost')
      expect([...seen]).toContain(
        'the source keeps N for it, more than it may: the next checkpoint can end it',
      )
    } finally {
      await on.source`alter system reset max_slot_wal_keep_size`
      await on.source`select pg_reload_conf()`
    }
  })

  const mendable: [string, fault: string, check: string][] = [
    ['a replica identity', 'alter table sale_payment replica identity full', 'replica identity'],
    [
      'an index',
      'alter table sale_line replica identity nothing; drop index sale_line_identity',
      'indexes',
    ],
    ['a publication', 'create publication purchase_timeline for table sale (id)', 'publication'],
    [
      'a publication that says too much',
      'create publication purchase_timeline for all tables',
      'publication',
    ],
  ]
  for (const [what, fault, check] of mendable)
    test(`${what} that is not right is right after what is advised`, async () => {
      await on.source.unsafe(fault)

      const found = await complaints()
      expect(found.map((finding) => finding.check)).toContain(check)
      for (const { remedy } of found) {
        // A statement that says CONCURRENTLY stands alone; for all tables is another kind.
        if (remedy?.includes('SET TABLE') && what.includes('too much'))
          await on.source`drop publication purchase_timeline`
        else for (const statement of remedy!.split('; ')) await on.source.unsafe(statement)
      }

      expect(await complaints()).toEqual([])
    })

  test('words of a POS that nobody here knows', async () => {
    await on.source`alter table sale drop constraint sale_status`
    for (let n = 0; n < 5; n++) await put(on.source, 'sale', { status: 'refunded' })
    await on.source`analyze sale`

    expect(await only()).toMatchObject({
      check: 'values',
      verdict: 'warn',
      detail:
        'sale.status holds "refunded", which is none of draft, parked, completed, voided: such rows become dead letters',
    })
  })

  test('a role that may do nothing: told what to grant, for everything that could be looked at', async () => {
    const role = `pt_nobody_${process.pid}`
    await on.source.unsafe(`create role ${role} login password 'x'`)
    const url = new URL(on.sourceUrl)
    url.username = role
    url.password = 'x'
    try {
      const found = await complaints({ sourceUrl: url.toString() })

      expect(found.map(({ check }) => check)).toEqual([
        'replication',
        ...Array(9).fill('rights'),
        'publication',
      ])
      expect(found[0]?.remedy).toBe(`ALTER ROLE "${role}" REPLICATION`)
      await on.source.unsafe(`alter table sale enable row level security`)
      for (const { remedy } of found) await on.source.unsafe(remedy!)
      const [left, ...others] = await complaints({ sourceUrl: url.toString() })
      expect(left?.detail).toStartWith('row security hides rows of sale')
      expect(others).toEqual([])
      await on.source.unsafe(left!.remedy!)
      expect(await complaints({ sourceUrl: url.toString() })).toEqual([])
    } finally {
      await on.source.unsafe(`drop owned by ${role}; drop role ${role}`)
    }
  })

  test('a role that may do nothing with the read store', async () => {
    const role = `pt_stranger_${process.pid}`
    await on.read.unsafe(`create role ${role} login password 'x'`)
    const url = new URL(on.readUrl)
    url.username = role
    url.password = 'x'
    try {
      const found = await complaints({ readUrl: url.toString() })

      expect(found).toMatchObject([
        {
          check: 'read rights',
          verdict: 'fail',
          detail: `${role} may not make schemas, and every generation is one`,
        },
      ])
    } finally {
      await on.read.unsafe(`drop role ${role}`)
    }
  })

  test('one database for both, and a read store that is not migrated', async () => {
    const found = await complaints({
      readUrl: on.sourceUrl,
      pendingMigrations: ['0000_read_model'],
    })

    expect(found).toMatchObject([
      { check: 'read schema', verdict: 'fail', remedy: 'pt migrate --read-only' },
      { check: 'two databases', verdict: 'fail' },
    ])
  })

  test('a standby, and a slot that does not go there', async () => {
    const standby = `standby_${on.slotName}`
    await on.live().then((projector) => projector.stop())
    await on.source`select pg_create_physical_replication_slot(${standby})`
    const failover = async () => (await complaints()).filter(({ check }) => check === 'failover')
    try {
      const [found] = await failover()
      expect(found?.verdict).toBe('warn')
      const [, statement] = found?.remedy?.split('replication=database: ') ?? []
      if (!statement) {
        expect(found?.detail).toStartWith('before PostgreSQL 17 a slot does not survive a failover')
        return
      }
      const connection = { replication: 'database' } as never
      const walsender = postgres(on.sourceUrl, { max: 1, fetch_types: false, connection })
      await walsender.unsafe(statement).simple()
      await walsender.end()
      const [left] = await failover()
      expect(left?.remedy).toStartWith('ALTER SYSTEM SET synchronized_standby_slots')
    } finally {
      await on.source`select pg_drop_replication_slot(${standby})`
    }
  })

  test('a managed server is told by its settings, and its own ways are advised', async () => {
    const [database] = await on.source<{ name: string }[]>`select current_database() as name`
    await on.source.unsafe(`alter database ${database!.name} set rds.logical_replication = 'off'`)
    const fresh = connect(on.sourceUrl, 1)

    const provider = await readProvider(fresh).finally(() => fresh.end())

    expect(provider.walLevel).toStartWith('set rds.logical_replication = 1')
    expect(provider.replication('"pt"')).toBe('GRANT rds_replication TO "pt"')
  })
})

describe('of settings', () => {
  const OWN: Provider = {
    walLevel: 'restart',
    setting: (name, value) => `${name} = ${value}`,
    replication: (role) => role,
  }
  const fine: Settings = {
    version: '18.1',
    major: 18,
    wal_level: 'logical',
    in_recovery: false,
    max_replication_slots: 10,
    max_wal_senders: 10,
    slots: 1,
    senders: 1,
    slot_exists: true,
    slot_active: true,
    keep_bytes: 50 * 1024 ** 3,
    wal_sender_timeout_s: 60,
    idle_timeout_s: 0,
  }
  const judge = (is: Partial<Settings>, rate: number | null = null) =>
    judgeSettings({ ...fine, ...is }, OWN, rate).filter(({ verdict }) => verdict !== 'ok')

  test('those of a server that is well set up are well', () => {
    expect(judge({})).toEqual([])
    expect(judge({ idle_timeout_s: null, major: 15 }, 1_000)).toEqual([])
  })

  const cases: [Partial<Settings>, verdict: string, detail: string][] = [
    [{ major: 14, version: '14.9' }, 'fail', 'PostgreSQL 14.9: it takes 15 or newer'],
    [{ wal_level: 'replica' }, 'fail', 'replica: nothing can be decoded'],
    [
      { in_recovery: true },
      'fail',
      'this is a standby: the projector writes marks, so it follows the primary',
    ],
    [{ slots: 10 }, 'warn', '10 of 10 in use: none is left for a rebuild'],
    [{ slots: 10, slot_exists: false }, 'fail', '10 of 10 in use: none is left for the projector'],
    [{ slots: 9, slot_exists: false }, 'warn', '9 of 10 in use: none is left for a rebuild'],
    [
      { senders: 10, slot_active: false },
      'fail',
      '10 of 10 in use: none is left for the projector',
    ],
    [
      { keep_bytes: -1 },
      'warn',
      "unlimited: a projector that is stopped and forgotten fills the source's disk",
    ],
    [{ keep_bytes: 2 ** 20 }, 'warn', '1.0 MiB: then its slot is lost'],
    [
      { wal_sender_timeout_s: 0 },
      'warn',
      "off: when the projector's host vanishes, its slot stays taken for ever",
    ],
    [
      { wal_sender_timeout_s: 3_600 },
      'warn',
      "1 h: when the projector's host vanishes, its slot stays taken for 1 h",
    ],
    [
      { idle_timeout_s: 7_200 },
      'warn',
      '2 h: a projector that is stopped for longer loses its slot',
    ],
  ]
  for (const [is, verdict, detail] of cases)
    test(`${verdict}: ${detail}`, () => {
      expect(judge(is)).toMatchObject([{ verdict, detail }])
    })

  test('what is kept is judged by how fast WAL is written', () => {
    expect(judge({}, 50 * 2 ** 20)).toMatchObject([
      {
        check: 'max_slot_wal_keep_size',
        detail:
          '50.0 GiB, which a stopped projector uses up in about 17 min: then its slot is lost',
      },
    ])
  })
})

describe('of a slot', () => {
  const slot = {
    plugin: 'pgoutput',
    active: false,
    walStatus: 'reserved',
    confirmedLsn: '0/1',
    retainedBytes: 3 * 2 ** 20,
    safeBytes: 10 * 2 ** 30,
    failover: null,
  }
  const detail = (is: Partial<typeof slot> & { safeBytes?: number | null }, rate: number | null) =>
    judgeRetained({ ...slot, ...is } as never, rate)

  test('how long it lasts is told at the present rate', () => {
    expect(detail({}, 2 ** 20)).toMatchObject({
      verdict: 'ok',
      detail:
        'the source keeps 3.0 MiB for it, and 10.0 GiB more until it is lost: at the present rate (1.0 MiB/s) in about 2 h',
    })
    expect(detail({}, 2 ** 23)).toMatchObject({ verdict: 'warn', remedy: 'pt projector run' })
    expect(detail({ active: true }, 2 ** 23).detail).toEndWith(
      'in about 21 min if the projector stopped now',
    )
    expect(detail({ safeBytes: null as never }, 2 ** 23).detail).toEndWith('without a bound')
    expect(detail({}, 0).detail).toEndWith('10.0 GiB more until it is lost')
    expect(detail({ walStatus: 'unreserved', safeBytes: -5 }, 1).verdict).toBe('warn')
  })

  test('in units that are read at a glance, never more than there is', () => {
    expect([0, 59.9, 60, 7_199, 172_799, 172_800].map(describeSeconds)).toEqual([
      '0 s',
      '59 s',
      '1 min',
      '1 h',
      '47 h',
      '2 days',
    ])
    expect([0, 1023, 1024, 5 * 2 ** 40].map(describeBytes)).toEqual([
      '0 bytes',
      '1023 bytes',
      '1.0 KiB',
      '5.0 TiB',
    ])
  })
})
