/**
 * The one way to the API: with the session's token, within a time limit, and never from the browser's cache.
 * What goes wrong is a `Failure`; a token that is refused ends the session.
 */
import { signal } from '@preact/signals'
import { endSession, session } from '../session/session.ts'
import { Failure, failureOf } from './failure.ts'
import { parseExact } from './json.ts'

/** Bad Wi-Fi takes its time; after this nobody waits in front of a customer. */
const TIMEOUT_MS = 12_000

/** Whether the last request reached the server: `navigator.onLine` only knows of a network card. */
export const reachable = signal(true)

export interface Answer<T> {
  body: T
  /** Validates the answer; null where it may not be asked for again by it. */
  etag: string | null
}

export interface AskOptions {
  /** Parameters of the query; those that are undefined are left out. */
  query?: Record<string, string | number | undefined>
  etag?: string | null
  signal?: AbortSignal
}

/** Null: unchanged since the answer that `etag` came with. Rejects with a Failure, or when aborted. */
export async function ask<T>(path: string, options: AskOptions = {}): Promise<Answer<T> | null> {
  const { token } = session.peek() ?? {}
  if (!token) throw new Failure('signed-out')
  const response = await send(addressOf(path, options.query), token, options)
  if (response.status === 304) return null
  if (!response.ok) {
    const failure = await failureOf(response)
    if (failure.kind === 'signed-out') endSession('ended', token)
    throw failure
  }
  const text = await response.text().catch((error) => {
    throw noAnswer(error, options.signal)
  })
  return { body: parseExact(text) as T, etag: response.headers.get('ETag') }
}

/** As `ask`, where there is nothing to validate. */
export async function read<T>(path: string, options: Omit<AskOptions, 'etag'> = {}): Promise<T> {
  return (await ask<T>(path, options))!.body
}

async function send(address: string, token: string, { etag, signal }: AskOptions) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const response = await fetch(address, {
      headers: { Authorization: `Bearer ${token}`, ...(etag && { 'If-None-Match': etag }) },
      cache: 'no-store',
      credentials: 'omit',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
    reachable.value = true
    return response
  } catch (error) {
    throw noAnswer(error, signal)
  }
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
