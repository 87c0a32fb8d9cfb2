/**
 * A sign-in without a password, for the demo: whoever sits at this machine chooses a chain, a role and stores.
 * It exists only where the databases are the stack's own and nobody else can reach it; see `isLoopback`.
 */
import postgres from 'postgres'
import * as z from 'zod'
import { ROLES, type Role } from '../../src/domain/access.ts'
import { VISIBILITIES } from '../../src/domain/scope.ts'
import { issueToken } from '../token/issue-token.ts'

const PATH = '/demo/sign-in'
const TTL_SECONDS = 8 * 3600

const choice = z.strictObject({
  business: z.guid(),
  role: z.enum(ROLES),
  locations: z.union([z.literal('*'), z.array(z.guid()).min(1).max(1000)]),
  visibility: z.enum(VISIBILITIES),
})

interface DemoSignInOptions {
  sourceUrl: string
  jwtSecret: string
}

/** Answers requests for the sign-in; undefined for all others. */
type DemoSignIn = (request: Request) => Promise<Response> | undefined

export function demoSignIn({ sourceUrl, jwtSecret }: DemoSignInOptions): DemoSignIn {
  return function answerSignIn(request) {
    const url = new URL(request.url)
    if (url.pathname !== PATH) return undefined
    // A page elsewhere may have given this machine's address a name of its own, to be let in by it.
    if (!isLoopback(url.hostname)) return refuse(403)
    if (request.method === 'GET') return onSource(sourceUrl, offer)
    if (request.method !== 'POST') return refuse(405)
    if (!isFromOurPage(request, url.origin)) return refuse(403)
    return onSource(sourceUrl, (sql) => enter(sql, request, jwtSecret))
  }
}

/** Whether only this machine can reach the host. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)
}

/** JSON can't be posted by a form of another page, and a script of one is told by its origin. */
function isFromOurPage({ headers }: Request, origin: string): boolean {
  const from = headers.get('Origin')
  const isJson = headers.get('Content-Type')?.startsWith('application/json') ?? false
  return isJson && (from === null || from === origin)
}

interface Chain {
  id: string
  name: string
  locations: { id: string; name: string }[]
}

async function offer(sql: postgres.Sql): Promise<Response> {
  const chains = await sql<Chain[]>`
    select b.id, b.name, coalesce(json_agg(json_build_object('id', l.id, 'name', l.name)
        order by l.name) filter (where l.id is not null), '[]') as locations
    from business b left join location l on l.business_id = b.id
    group by b.id order by b.name`
  return json({ chains, roles: ROLES, visibilities: VISIBILITIES })
}

async function enter(sql: postgres.Sql, request: Request, jwtSecret: string): Promise<Response> {
  const parsed = choice.safeParse(await request.json().catch(() => null))
  if (!parsed.success) return refuse(400)
  const { business, role } = parsed.data
  const someone = await someoneFor(sql, business, role)
  const { token } = await issueToken(jwtSecret, {
    ...parsed.data,
    employee: someone?.id ?? null,
    name: someone?.name,
    ttlSeconds: TTL_SECONDS,
  })
  return json({ token })
}

/**
 * Somebody of the chain, so that what is looked at and done has a name: with this role if the POS calls anybody
 * that, else always the same one for it. Undefined where there is nobody.
 */
async function someoneFor(sql: postgres.Sql, business: string, role: Role) {
  const [employee] = await sql<{ id: string; name: string }[]>`
    select id, display_name as name from employee where business_id = ${business}
    order by role = ${role} desc, md5(id::text || ${role}) limit 1`
  return employee
}

async function onSource(
  sourceUrl: string,
  work: (sql: postgres.Sql) => Promise<Response>,
): Promise<Response> {
  const sql = postgres(sourceUrl, { max: 1, onnotice() {} })
  try {
    return await work(sql)
  } catch {
    return refuse(503)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

function json(body: object): Response {
  return Response.json(body, { headers: { 'Cache-Control': 'no-store' } })
}

async function refuse(status: number): Promise<Response> {
  return new Response(null, { status, headers: { 'Cache-Control': 'no-store' } })
}
