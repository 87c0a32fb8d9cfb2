/**
 * The peers of `bench api`, as a program of their own on Bun and on workerd: a bare Hono route that answers
 * with what one round trip to the same Redis brings, and the original system's live queries.
 */
import { Redis } from '@upstash/redis/cloudflare'
import { Hono } from 'hono'
import postgres, { type Sql } from 'postgres'
import { liveQueries } from './live-query.ts'

interface Bindings {
  UPSTASH_REDIS_REST_URL: string
  UPSTASH_REDIS_REST_TOKEN: string
  /** A URL on Bun, and Hyperdrive on workerd. */
  SOURCE_DATABASE_URL?: string
  SOURCE?: { connectionString: string }
}

const onBun = 'Bun' in globalThis
const options = { fetch_types: false, onnotice() {} }
let pool: Sql | undefined
let redis: Redis | undefined

const app = new Hono<{ Bindings: Bindings }>()

/** What the API's cache asks Redis: an entry, and two values that judge it. */
app.get('/bare/:key', async (c) => {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = bindingsOf(c.env)
  redis ??= new Redis({
    url,
    token,
    retry: false,
    automaticDeserialization: false,
    responseEncoding: false,
    enableAutoPipelining: false,
    enableTelemetry: false,
    readYourWrites: false,
  })
  const [entry] = await redis.mget<(string | null)[]>(c.req.param('key'), 'bare:floor', 'bare:mark')
  return c.body(entry ?? '', 200, { 'Content-Type': 'application/json' })
})

app.route(
  '/',
  liveQueries(async (c, work) => {
    const env = bindingsOf(c.env)
    if (onBun) {
      pool ??= postgres(env.SOURCE_DATABASE_URL!, { max: 10, ...options })
      return work(pool)
    }
    const sql = postgres(env.SOURCE!.connectionString, { max: 5, ...options })
    try {
      return await work(sql)
    } finally {
      c.executionCtx.waitUntil(sql.end({ timeout: 1 }))
    }
  }),
)

/** Bun serves the default export, and calls it with its server in the place of bindings. */
function bindingsOf(env: unknown): Bindings {
  return (onBun ? process.env : env) as unknown as Bindings
}

export default {
  port: Number(onBun ? process.env.PT_PORT : 0),
  hostname: '127.0.0.1',
  fetch: app.fetch,
}
