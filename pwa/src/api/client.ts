/**
 * The one way to the API: with the session's token, within a time limit, and never from the browser's cache.
 * What goes wrong is a `Failure`; a token that is refused ends the session.
 */
import { signal } from '@preact/signals'
import { endSession, session } from '../session/session.ts'
import { Failure, failureOf } from './failure.ts'
import { exactJson, parseExact } from './json.ts'

/** Bad Wi-Fi takes its time; after this nobody waits in front of a customer. */
const TIMEOUT_MS = 12_000

/** Longer than that, and what follows would not come through either. */
const KNOCK_MS = 4_000

/**
 * Whether the last request reached the server: `navigator.onLine` only knows of a network card. `knocking.ts` sees to
 * it that there is a last request. A stream that does not come is none.
 */
export const reachable = signal(true)

export interface Answer<T> {
  body: T
  /** Validates the answer; null where it may not be asked for again by it. */
  etag: string | null
}

type Query = Record<string, string | number | boolean | undefined>

interface AskOptions {
  /** Parameters of the query; those that are undefined are left out. */
  query?: Query
  etag?: string | null
  signal?: AbortSignal
}

interface TellOptions {
  method?: 'POST' | 'DELETE'
  query?: Query
  body?: object
  /** The intent's Idempotency-Key, the same with every attempt; none with a dry run, which does nothing. */
  key?: string
  signal?: AbortSignal
}

/**
 * For so long after a command, reads say which one must be in their answer. Later the read model has it
 * anyway, and a read that need not look is quicker.
 */
const READ_OWN_WRITES_MS = 30_000
const CONSISTENCY_TOKEN = 'Consistency-Token'

let written: { by: string; token: string; until: number } | null = null

/** Null: unchanged since the answer that `etag` came with. Rejects with a Failure, or when aborted. */
export async function ask<T>(path: string, options: AskOptions = {}): Promise<Answer<T> | null> {
  const token = tokenOrFail()
  const headers = new Headers()
  if (options.etag) headers.set('If-None-Match', options.etag)
  if (written?.by === token && Date.now() < written.until) {
    headers.set(CONSISTENCY_TOKEN, written.token)
  }
  const response = await send(addressOf(path, options.query), token, { headers }, options.signal)
  if (response.status === 304) return null
  return {
    body: await bodyOf<T>(response, token, options.signal),
    etag: response.headers.get('ETag'),
  }
}

/** As `ask`, where there is nothing to validate. */
export async function read<T>(path: string, options: Omit<AskOptions, 'etag'> = {}): Promise<T> {
  return (await ask<T>(path, options))!.body
}

/**
 * The body of an answer as it comes, for what is long or goes on and on. Only its beginning is waited for within the
 * time limit. Rejects with a Failure, or when aborted; what is read of it may break off.
 *
 * That a stream does not come says nothing of the server: there are proxies that hold streams, and let all else
 * through. It is an occasion to knock.
 */
export async function openStream(
  path: string,
  signal: AbortSignal,
  accept = 'application/json',
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const token = tokenOrFail()
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), TIMEOUT_MS)
  try {
    const init = { headers: new Headers({ Accept: accept }) }
    const either = AbortSignal.any([signal, late.signal])
    const response = await attempt(path, token, init, either).catch(() => {
      signal.throwIfAborted()
      void reaches(signal)
      throw new Failure('offline')
    })
    await assertOk(response, token)
    return response.body!
  } finally {
    clearTimeout(timer)
  }
}

/**
 * One attempt at a command, or its dry run. Rejects with a Failure, whose `problem` says why it was refused; with
 * one of the kind `offline` nobody knows whether it was done, until it is sent again under the same key.
 */
export async function tell<T>(path: string, options: TellOptions = {}): Promise<T> {
  const token = tokenOrFail()
  const { method = 'POST', query, body, key, signal } = options
  const headers = new Headers()
  if (body) headers.set('Content-Type', 'application/json')
  if (key) headers.set('Idempotency-Key', `"${key}"`)
  const init = { method, headers, ...(body && { body: exactJson(body) }) }
  const response = await send(addressOf(path, query), token, init, signal)
  const done = response.headers.get(CONSISTENCY_TOKEN)
  if (done) written = { by: token, token: done, until: Date.now() + READ_OWN_WRITES_MS }
  return bodyOf<T>(response, token, signal)
}

/**
 * Whether the server is there now, and be it to say that it fails. Nothing is asked of it, by nobody in particular.
 * Never rejects.
 */
export async function reaches(signal?: AbortSignal): Promise<boolean> {
  try {
    const late = AbortSignal.timeout(KNOCK_MS)
    await send('/healthz', null, { headers: new Headers() }, signal, late)
    return true
  } catch {
    return false
  }
}

function tokenOrFail(): string {
  const { token } = session.peek() ?? {}
  if (!token) throw new Failure('signed-out')
  return token
}

async function bodyOf<T>(
  response: Response,
  token: string,
  signal: AbortSignal | undefined,
): Promise<T> {
  await assertOk(response, token)
  const text = await response.text().catch((error) => {
    throw noAnswer(error, signal)
  })
  try {
    return parseExact(text) as T
  } catch {
    throw new Failure('broken')
  }
}

async function assertOk(response: Response, token: string): Promise<void> {
  if (response.ok) return
  const failure = await failureOf(response)
  if (failure.kind === 'signed-out') endSession(token)
  throw failure
}

interface Init extends RequestInit {
  headers: Headers
}

async function send(
  address: string,
  token: string | null,
  init: Init,
  signal: AbortSignal | undefined,
  timeout = AbortSignal.timeout(TIMEOUT_MS),
): Promise<Response> {
  try {
    const either = signal ? AbortSignal.any([signal, timeout]) : timeout
    return await attempt(address, token, init, either)
  } catch (error) {
    throw noAnswer(error, signal)
  }
}

/** Rejects where the API has not answered, for whatever reason. */
async function attempt(
  address: string,
  token: string | null,
  init: Init,
  signal: AbortSignal,
): Promise<Response> {
  if (token !== null) init.headers.set('Authorization', `Bearer ${token}`)
  const response = await fetch(address, {
    ...init,
    cache: 'no-store',
    credentials: 'omit',
    signal,
  })
  if (!isOurs(response)) throw new TypeError('somebody in between has answered')
  reachable.value = true
  return response
}

/**
 * Whether the API has said it: a shop's Wi-Fi that wants to be signed in to answers anything with a page of its own.
 * A page that says that the server fails is as good as the server's word.
 */
function isOurs({ status, headers }: Response): boolean {
  if (status === 304 || status >= 500) return true
  return /^(application\/(problem\+)?json|text\/event-stream)\b/.test(
    headers.get('Content-Type') ?? '',
  )
}

/** What was aborted by its caller stays that; all else means that the server was not reached. */
function noAnswer(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason ?? error
  reachable.value = false
  return new Failure('offline')
}

function addressOf(path: string, query: AskOptions['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  if (given.length === 0) return path
  return `${path}?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`
}
