import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { jwtVerify } from 'jose'
import postgres from 'postgres'
import { createTestDatabases, type TestDatabases } from '../support/postgres.ts'
import { pt } from '../support/pt.ts'

// Processes and servers are started here, on machines that have other things to do.
setDefaultTimeout(180_000)

const SECRET = 'a secret of the tests, long enough'
const BUSINESS = '0198a000-0000-7000-8000-000000000001'
const PARIS = '0198a000-0000-7000-8000-00000000000a'
const ROME = '0198a000-0000-7000-8000-00000000000b'
const SECOND_ROME = '0198a000-0000-7000-8000-00000000000c'
const LEA = '0198a000-0000-7000-8000-00000000000e'
const ELSEWHERE = '0198a000-0000-7000-8000-00000000000d'

let databases: TestDatabases
const token = (...args: string[]) =>
  pt(['token', ...args], { SOURCE_DATABASE_URL: databases.sourceUrl, PT_JWT_SECRET: SECRET })

beforeAll(async () => {
  databases = await createTestDatabases()
  const sql = postgres(databases.sourceUrl, { max: 1 })
  const other = '0198a000-0000-7000-8000-000000000002'
  const zone = { default_currency: 'EUR', timezone: 'UTC' }
  await sql`insert into business ${sql([
    { id: BUSINESS, name: "Chez Léa's", ...zone },
    { id: other, name: 'Other', ...zone },
  ])}`
  const place = { region: 'EU', timezone: 'UTC', kind: 'retail' }
  await sql`insert into location ${sql([
    { id: PARIS, business_id: BUSINESS, name: 'Paris', ...place },
    { id: ROME, business_id: BUSINESS, name: 'Rome', ...place },
    { id: SECOND_ROME, business_id: BUSINESS, name: 'Rome', ...place },
    { id: ELSEWHERE, business_id: other, name: 'Elsewhere', ...place },
  ])}`
  await sql`insert into employee ${sql([
    { id: LEA, business_id: BUSINESS, display_name: 'Léa', role: 'cashier' },
  ])}`
  await sql.end()
})

afterAll(() => databases.drop())

test('prints a token, and nothing else, that the secret verifies', async () => {
  const { code, stdout, stderr } = await token('--business', "Chez Léa's")

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { payload } = await jwtVerify(stdout.trimEnd(), new TextEncoder().encode(SECRET), {
    issuer: 'purchase-timeline',
    audience: 'purchase-timeline-api',
    algorithms: ['HS256'],
  })
  expect(payload).toMatchObject({
    business: BUSINESS,
    employee: null,
    role: 'store_manager',
    locations: '*',
    visibility: 'own',
  })
  expect(payload.exp! - payload.iat!).toBe(8 * 3600)
})

test('narrows a token to locations, by name or id, and to a time', async () => {
  const { stdout } = await token(
    ...['--business', "Chez Léa's", '--role', 'cashier', '--ttl', '30m', '--json'],
    ...['--locations', `Paris, ${ROME.toUpperCase()},Paris`],
    ...['--visibility', 'masked', '--employee', 'Léa'],
  )

  const answer = JSON.parse(stdout)
  expect(answer).toMatchObject({ role: 'cashier', locations: [PARIS, ROME], business: BUSINESS })
  const { payload } = await jwtVerify(answer.token, new TextEncoder().encode(SECRET))
  expect(payload).toMatchObject({ locations: [PARIS, ROME], visibility: 'masked', employee: LEA })
  expect(new Date(payload.exp! * 1000).toISOString()).toBe(answer.expiresAt)
  expect(payload.exp! - payload.iat!).toBe(1800)
})

test.each([
  [[], 2, '--business NAME is missing'],
  [['--business', 'Chez'], 1, "Unknown business: Chez; there is Chez Léa's, Other"],
  [
    ['--business', "Chez Léa's", '--locations', 'Elsewhere'],
    1,
    'Unknown location: Elsewhere; there is Paris, Rome, Rome',
  ],
  [
    ['--business', "Chez Léa's", '--locations', ELSEWHERE],
    1,
    `Unknown location: ${ELSEWHERE}; there is Paris, Rome, Rome`,
  ],
  [
    ['--business', "Chez Léa's", '--locations', 'Rome'],
    1,
    `More than one location is named Rome: take an id of ${ROME}, ${SECOND_ROME}`,
  ],
  [
    ['--business', 'Other', '--role', 'king'],
    2,
    'Unknown role: king; there are owner, admin, store_manager, sales_associate, cashier',
  ],
  [
    ['--business', 'Other', '--visibility', 'all'],
    2,
    'Unknown visibility: all; there are own, masked, chain',
  ],
  [['--business', 'Other', '--employee', 'Léa'], 1, 'Unknown employee: Léa; there is none yet'],
  [
    ['--business', 'Other', '--ttl', '0h'],
    2,
    '--ttl is a time such as 30m, 8h or 7d, up to 365d: not 0h',
  ],
  [
    ['--business', 'Other', '--ttl', '366d'],
    2,
    '--ttl is a time such as 30m, 8h or 7d, up to 365d: not 366d',
  ],
])('refuses `pt token %p`', async (args, code, line) => {
  const help = code === 2 ? ' (see `pt token --help`)' : ''
  expect(await token(...args)).toEqual({ code, stdout: '', stderr: `${line}${help}\n` })
})

test('does not sign with a secret that can be guessed', async () => {
  const { code, stdout, stderr } = await pt(['token', '--business', 'Other'], {
    SOURCE_DATABASE_URL: databases.sourceUrl,
    PT_JWT_SECRET: 'short',
  })

  expect({ code, stdout, stderr }).toEqual({
    code: 1,
    stdout: '',
    stderr: 'PT_JWT_SECRET is shorter than 32 bytes\n',
  })
})

test('revokes the tokens of a person, or of all', async () => {
  const revoke = (...args: string[]) =>
    pt(['token', 'revoke', ...args], {
      SOURCE_DATABASE_URL: databases.sourceUrl,
      READ_DATABASE_URL: databases.readUrl,
    })
  const ofLea = await revoke('--business', "Chez Léa's", '--employee', 'Léa')
  const ofAll = await revoke('--business', 'Other', '--all', '--json')
  const ofWhom = await revoke('--business', 'Other')

  expect(ofLea.stdout).toMatch(
    /^The tokens of Léa that were issued before \S+ open nothing, within/,
  )
  expect(ofWhom).toMatchObject({ code: 2, stderr: expect.stringContaining('Say whose') })
  const sql = postgres(databases.readUrl, { max: 1 })
  const rows = await sql`select business_id, employee_id, issued_before from token_revocation`
  await sql.end()
  expect([...rows]).toContainEqual(
    expect.objectContaining({ business_id: BUSINESS, employee_id: LEA }),
  )
  const { business, issuedBefore } = JSON.parse(ofAll.stdout)
  expect([...rows]).toContainEqual({
    business_id: business,
    employee_id: null,
    issued_before: new Date(issuedBefore),
  })
})

test('signs nothing where an issuer does', async () => {
  const { code, stderr } = await pt(['token', '--business', 'Other'], {
    SOURCE_DATABASE_URL: databases.sourceUrl,
    PT_JWKS_URL: 'https://issuer.example/jwks.json',
  })

  expect(code).toBe(1)
  expect(stderr).toBe('The API believes the tokens of PT_JWKS_URL: its issuer signs them\n')
})
