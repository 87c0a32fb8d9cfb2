/**
 * The API's client, typed by its own document. It runs wherever there is `fetch`.
 *
 * @example
 * const api = createClient({ baseUrl: 'https://api.example', token: () => session.token })
 * const { data, error } = await api.GET('/customers/{id}/purchases', { params: { path: { id } } })
 * if (error) return isProblem(error, 'customer-erased') ? forget(id) : show(error.detail)
 * for (const purchase of data.data) …
 */
import createFetchClient, { type Client, type Middleware } from 'openapi-fetch'
import type { components, ProblemType, paths } from './schema.d.ts'

export type { components, operations, paths } from './schema.d.ts'
export type TimelineClient = Client<paths>
export type Problem = components['schemas']['Problem']

type KindOf<Type> = Type extends `urn:purchase-timeline:problem:${infer Kind}` ? Kind : never
/** What can go wrong, by the last word of a problem's `type`. */
export type ProblemKind = KindOf<ProblemType>

export interface ClientOptions {
  baseUrl: string
  /** The access token of this moment; null where nobody is signed in. */
  token: () => string | null | Promise<string | null>
  /** Instead of the platform's own. */
  fetch?: (request: Request) => Promise<Response>
}

/**
 * For so long after a command reads carry its Consistency-Token, so that who made it sees it. Later the
 * read model has it anyway, and a read without one is quicker.
 */
const READ_OWN_WRITES_MS = 30_000
const CONSISTENCY_TOKEN = 'Consistency-Token'
const IDEMPOTENCY_KEY = 'Idempotency-Key'

/**
 * A client that sends the token and a trace with everything, and an Idempotency-Key with every command:
 * a new one, unless the caller gives one. Whoever may have to send a command again (a lost connection,
 * an outbox) gives one, and the same again. Calls resolve to `data` or, for a problem, `error`; they
 * reject only as `fetch` does.
 */
export function createClient({ baseUrl, token, fetch }: ClientOptions): TimelineClient {
  let written: { token: string; until: number } | null = null
  const conventions: Middleware = {
    async onRequest({ request }) {
      const { headers } = request
      const access = await token()
      if (access !== null) headers.set('Authorization', `Bearer ${access}`)
      if (!headers.has('traceparent')) headers.set('traceparent', newTraceparent())
      const isRead = request.method === 'GET' || request.method === 'HEAD'
      if (!isRead && !headers.has(IDEMPOTENCY_KEY)) {
        headers.set(IDEMPOTENCY_KEY, `"${crypto.randomUUID()}"`)
      }
      const recent = written && Date.now() < written.until ? written.token : null
      if (isRead && recent && !headers.has(CONSISTENCY_TOKEN)) {
        headers.set(CONSISTENCY_TOKEN, recent)
      }
      return request
    },
    onResponse({ response }) {
      const given = response.headers.get(CONSISTENCY_TOKEN)
      if (given !== null) written = { token: given, until: Date.now() + READ_OWN_WRITES_MS }
    },
  }
  const client = createFetchClient<paths>({ baseUrl, ...(fetch && { fetch }) })
  client.use(conventions)
  return client
}

/** Whether an `error` is the problem of this kind; without a kind, whether it is one at all. */
export function isProblem<Kind extends ProblemKind>(
  error: unknown,
  kind?: Kind,
): error is Problem & { type: `urn:purchase-timeline:problem:${Kind}` } {
  if (typeof error !== 'object' || error === null || !('type' in error)) return false
  const prefix = 'urn:purchase-timeline:problem:'
  return kind === undefined
    ? String(error.type).startsWith(prefix)
    : error.type === `${prefix}${kind}`
}

function newTraceparent(): string {
  const [trace, span] = [crypto.randomUUID(), crypto.randomUUID()].map((id) =>
    id.replaceAll('-', ''),
  )
  return `00-${trace}-${span!.slice(0, 16)}-00`
}
