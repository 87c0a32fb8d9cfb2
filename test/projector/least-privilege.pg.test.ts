/** The role that `pt doctor --role-script` makes can do all of a projector's work, and no more. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { examine } from '../../projector/doctor/doctor.ts'
import { roleScript } from '../../projector/doctor/role-script.ts'
import { reset } from '../../projector/reset.ts'
import { verify } from '../../projector/verify/verify.ts'
import { testCluster } from '../support/postgres.ts'
import { connect, Projection } from './support/projection.ts'
import { openShop, put, ringUp, serve } from './support/till.ts'

const ROLE = `Pt's "role" ${process.pid}`
let on: Projection
let sourceUrl: string

beforeEach(async () => {
  on = await Projection.open()
  await openShop(on.source)
  const script = await roleScript(on.source, ROLE, 'purchase_timeline')
  await on.source.unsafe(script)
  await on.source.unsafe(`alter role ${quotedRole} password 'little'`)
  const url = new URL(on.sourceUrl)
  url.username = encodeURIComponent(ROLE)
  url.password = 'little'
  sourceUrl = url.toString()
})
afterEach(async () => {
  await on.close()
  const admin = connect((await testCluster()).url('postgres'), 1)
  await admin.unsafe(`drop role ${quotedRole}`)
  await admin.end()
})

const quotedRole = `"${ROLE.replaceAll('"', '""')}"`

test('it copies, follows, proves and resets', async () => {
  await put(on.source, 'customer', { name: 'Ann' })
  await ringUp(on.source, {}, 2)
  const projector = await on.live({ sourceUrl })
  await ringUp(on.source)
  await serve(on.source)
  await on.source`update sale set tip_total = 1`
  await on.caughtUp()

  const { equal, tables } = await verify({ sourceUrl, readUrl: on.readUrl })
  const findings = await examine({
    sourceUrl,
    readUrl: on.readUrl,
    pendingMigrations: [],
  })
  await projector.stop()
  await reset({ sourceUrl, readUrl: on.readUrl })

  expect(equal).toBe(true)
  expect(tables.find(({ table }) => table === 'purchase_timeline')?.rows).toBe(3)
  expect(findings.filter(({ verdict }) => verdict === 'fail')).toEqual([])
  expect(findings.filter(({ detail }) => detail.includes("can't be checked"))).toEqual([])
  expect(await on.slot()).toBeUndefined()
})

test('it reads no other table or column, and writes nothing', async () => {
  const limited = connect(sourceUrl, 1)
  const refused = [
    'select role from employee',
    'select * from customer',
    'select 1 from business',
    'delete from sale',
    'create table t ()',
  ]

  const answers = await Promise.all(
    refused.map((statement) =>
      limited.unsafe(statement).then(
        () => `${statement}: done`,
        (error) => error.message,
      ),
    ),
  )

  for (const answer of answers) expect(answer).toStartWith('permission denied for ')
  await limited.end()
})
