/** From a command's request to its response: key, work, problem types, consistency token. */
import { look } from '../command/commit.ts'
import {
  ActorUnknown,
  type Intent,
  KeyInProgress,
  KeyReused,
  type Performed,
  perform,
  type Subject,
} from '../command/perform.ts'
import { Refusal } from '../command/refusal.ts'
import { SourceBusy } from '../command/source.ts'
import { hexOf } from '../domain/hex.ts'
import type { Statements } from '../postgres/held-connection.ts'
import { CONSISTENCY_TOKEN, consistencyToken } from './consistency.ts'
import { type AppContext, requestScope, type Services } from './deps.ts'
import { exactJson } from './json.ts'
import { invalidParameters, Problem } from './problem.ts'

export const IDEMPOTENCY_KEY = 'Idempotency-Key'

interface CommandRequest {
  /** The operation's id. */
  action: string
  /** All of the parsed request that decides what is done. */
  asked: unknown
  status: 200 | 201
  subject: Subject
  /** Resolves to the answer's body, and whom it was about if that is known only now. */
  run(tx: Statements): Promise<{ body: object; subject?: Subject }>
}

/** Does the command once for its Idempotency-Key. Throws the problem of what keeps it from being done. */
export async function commandAnswer(
  c: AppContext,
  services: Services,
  { action, asked, status, subject, run }: CommandRequest,
): Promise<Response> {
  const principal = c.get('principal')
  const { businessId } = principal.scope
  const { employeeId, role } = principal
  const intent: Intent = {
    actor: { businessId, employeeId, role },
    key: idempotencyKey(c),
    fingerprint: await fingerprintOf([action, principal.scope.key, asked]),
    action,
  }
  const performed = await perform(sourceUrl(c, services), intent, {
    subject,
    run: async (tx) => {
      const done = await run(tx)
      return { status, body: exactJson(done.body), subject: done.subject ?? subject }
    },
    refused: (refusal) => problemOf(refusal).toReply(),
  }).catch((error: unknown) => {
    throw sourceProblem(error)
  })
  return commandResponse(services, performed)
}

/** What the source says now, without changing it. Throws the problem of what keeps it from being said. */
export async function askSource<T>(
  c: AppContext,
  services: Services,
  ask: (sql: Statements) => Promise<T>,
): Promise<T> {
  return look(sourceUrl(c, services), ask).catch((error: unknown) => {
    throw error instanceof Refusal ? problemOf(error) : sourceProblem(error)
  })
}

/** Where the source is. Throws `source-unavailable` where the API has none. */
export function sourceUrl(c: AppContext, services: Services): string {
  const url = services.sourceUrl?.(requestScope(c))
  if (url) return url
  throw new Problem('source-unavailable', { detail: 'This API only reads: it has no source.' })
}

/** The problem that a refusal is; the culprit is a member of it. */
function problemOf({ reason, message, culprit }: Refusal): Problem {
  return new Problem(reason, {
    detail: `${message[0]!.toUpperCase()}${message.slice(1)}.`,
    ...(culprit && { members: { culprit } }),
  })
}

function commandResponse(services: Services, { status, body, lsn, replayed }: Performed): Response {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  const headers = {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    [CONSISTENCY_TOKEN]: consistencyToken(services, lsn),
    ...(replayed && { 'Idempotency-Replayed': 'true' }),
  }
  return new Response(body, { status, headers })
}

/** A Structured Field string, as the draft wants it, or bare, as most send it. */
function idempotencyKey(c: AppContext): string {
  const given = c.req.header(IDEMPOTENCY_KEY)
  if (given === undefined) {
    throw invalidParameters([
      { parameter: IDEMPOTENCY_KEY, detail: 'is required: one for each intent' },
    ])
  }
  const key = /^"((?:[^"\\]|\\["\\])*)"$/.exec(given)?.[1]?.replace(/\\(["\\])/g, '$1') ?? given
  if (/^[\x21-\x7e][\x20-\x7e]{0,254}$/.test(key)) return key
  const detail = 'must have 1 to 255 printable ASCII characters'
  throw invalidParameters([{ parameter: IDEMPOTENCY_KEY, detail }])
}

/** The scope is part of it: what a token sees decides what a command may do. */
async function fingerprintOf(asked: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(exactJson(asked))
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  return hexOf(new Uint8Array(digest))
}

function sourceProblem(error: unknown): unknown {
  if (error instanceof KeyReused) {
    const detail =
      'The Idempotency-Key was used for another request: take a new one for a new intent.'
    return new Problem('idempotency-key-reused', { detail })
  }
  if (error instanceof KeyInProgress) {
    return new Problem('idempotency-in-progress', { headers: { 'Retry-After': '1' } })
  }
  if (error instanceof ActorUnknown) {
    return new Problem('actor-unknown', {
      detail: `The token is of no use here: ${error.message}.`,
    })
  }
  if (error instanceof SourceBusy) {
    const detail = 'Others were at work on the same things. Nothing was done: send it again.'
    return new Problem('source-busy', { detail, headers: { 'Retry-After': '1' } })
  }
  return error
}
