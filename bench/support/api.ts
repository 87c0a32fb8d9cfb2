/** The API as the benches ask it: on Bun, on a free port, for the chain's owner. */
import { ensureApiLogin } from '../../cli/stack/api-login.ts'
import { issueToken } from '../../cli/token/issue-token.ts'
import { type BunServer, type ServeOptions, serveBun } from '../../src/entry/bun.ts'
import { silentLog } from '../../src/log.ts'
import { BUSINESS } from './workload.ts'

const BENCH_SECRET = 'bench-secret-bench-secret-bench-secret'

/**
 * An API on a read store, with a cache of its own: fresh where its `floors` are raised, else never asked.
 * @param before answers first: the staff app's files
 */
export async function serveApi(
  ownerUrl: string,
  before?: ServeOptions['before'],
): Promise<BunServer> {
  const readUrl = await ensureApiLogin(ownerUrl, 'bench')
  return serveBun({
    readUrl,
    tokens: { PT_JWT_SECRET: BENCH_SECRET },
    cache: 'in-process',
    port: 0,
    host: '127.0.0.1',
    log: silentLog,
    ...(before && { before }),
  })
}

/** What a request of the owner of the whole chain carries. */
export async function ownersHeaders(): Promise<Record<string, string>> {
  return { Authorization: `Bearer ${await ownersToken()}` }
}

export async function ownersToken(): Promise<string> {
  const holder = { business: BUSINESS, role: 'owner', locations: '*', ttlSeconds: 86_400 } as const
  return (await issueToken(BENCH_SECRET, holder)).token
}

/** The variables of an API as a process: it reads as it does in service, and its quotas are never reached. */
export async function apiSettings(ownerUrl: string): Promise<Record<string, string>> {
  return {
    READ_DATABASE_URL: await ensureApiLogin(ownerUrl, 'bench'),
    PT_JWT_SECRET: BENCH_SECRET,
    PT_RATE_LIMITS: 'tenant-read=999999999/60,tenant-search=999999999/60',
  }
}
