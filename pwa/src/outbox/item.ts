/**
 * An act on its way, and what becomes of it. Pure: the clock, chance and the server's word are given.
 *
 *   requested ──a person settles it──▶ queued
 *
 *      queued ──answered──▶ done ──the person knows──▶ (away)
 *      │    ▲ └─refused───▶ refused ─┐     (requested again, where it was that before)
 *      │    └──no answer, or not now │
 *      └───────too old────▶ expired ─┴─a person decides──▶ (away, or queued with another key)
 */
import { REFUSAL_REASONS } from '../../../src/command/refusal.ts'
import type { Failure, FailureKind, Problem } from '../api/failure.ts'
import type { About, Command, CommandName, Commands } from './commands.ts'
import { lanesOf } from './commands.ts'

export type ItemState =
  /** Of a return: nothing was sent, nor will be until a person settles it with the server's own amount. */
  | 'requested'
  /** Sent until the server has said something. */
  | 'queued'
  | 'done'
  /** The server said no. A person decides what now. */
  | 'refused'
  /** So old that its key may be forgotten: never sent again. A person decides what now. */
  | 'expired'

export interface Item {
  id: string
  /** Its Idempotency-Key: the same with every attempt. A person who has it done anew means another intent. */
  key: string
  /** The order in which acts were begun on this device. */
  seq: number
  command: Command
  about: About
  lanes: readonly string[]
  /** The stores that the session acts for. The key is bound to them, too. */
  standing: string
  /** Milliseconds since 1970, as all times here. */
  createdAt: number
  state: ItemState
  /** A person had it to decide on before, and her customer may hold a slip of it: refused, she has it again. */
  settles: boolean
  attempts: number
  /** An attempt may have reached the server, and no answer to it came back: it may have been done. */
  unanswered: boolean
  /** It is not sent before. */
  nextAt: number
  /** The server has set `nextAt`; else being back on the network ends the wait. */
  heed: boolean
  /** What the server said at last. */
  answer: Commands[CommandName]['answer'] | null
  failure: KeptFailure | null
  settledAt: number | null
  /** Whether the person who began it has seen how it ended. */
  told: boolean
}

/** A Failure, as it can be stored. */
export interface KeptFailure {
  kind: FailureKind
  problem: Problem | null
}

/** What came of one attempt. */
export type Attempt =
  | { answer: Commands[CommandName]['answer'] }
  /** Null: no answer, or one that nobody can read. */
  | { failure: Failure | null }

export interface Moment {
  now: number
  /** From 0 up to 1. */
  random: number
}

/** Days for which the server keeps a key; `src/command/perform.ts` says so. */
export const KEY_DAYS = 30
const BACKOFF_MS = 2_000
const MAX_BACKOFF_MS = 60_000
/** A clock that was set back, or an odd Retry-After, holds nothing up for longer. */
const MAX_WAIT_MS = 10 * 60_000
/** A day less than the server keeps a key: clocks differ, and an attempt takes its time. */
export const RESEND_MS = (KEY_DAYS - 1) * 86_400_000
/** How long an act stays in the list whose end its person has seen. */
export const DONE_MS = 10 * 60_000
/** Lanes that are worked on at the same time. */
export const MAX_SENDING = 4

/** What is refused after a look at what is there, and kept under the key: nothing was done under it, ever. */
const DECIDED: ReadonlySet<string> = new Set(
  // This one also comes from the door, before the key is looked at.
  REFUSAL_REASONS.filter((reason) => reason !== 'not-permitted'),
)

export interface NewItem {
  command: Command
  about: About
  standing: string
  state: 'requested' | 'queued'
  settles?: boolean
}

export function newItem(
  { command, about, standing, state, settles = false }: NewItem,
  at: { id: string; key: string; seq: number; now: number },
): Item {
  return {
    id: at.id,
    key: at.key,
    seq: at.seq,
    ...{ command, about, standing, state, settles },
    lanes: lanesOf(command, about),
    createdAt: at.now,
    attempts: 0,
    unanswered: false,
    nextAt: at.now,
    heed: false,
    answer: null,
    failure: null,
    settledAt: null,
    told: false,
  }
}

/** Those to send now, as many as there is room for beside the ones that are being sent (`sending`). */
export function due(
  items: readonly Item[],
  { now, standing, sending }: { now: number; standing: string; sending: ReadonlySet<string> },
): Item[] {
  const room = MAX_SENDING - sending.size
  return heads(items, standing)
    .filter((item) => !sending.has(item.id) && waitOf(item, now) === 0)
    .slice(0, Math.max(0, room))
}

/** Milliseconds until something is due that is not yet; null: nothing will be by itself. */
export function nextWait(
  items: readonly Item[],
  { now, standing }: { now: number; standing: string },
): number | null {
  const waits = heads(items, standing)
    .map((item) => waitOf(item, now))
    .filter((wait) => wait > 0)
  return waits.length > 0 ? Math.min(...waits) : null
}

/** The first of each lane. One that stands in two lanes is the first of both, or holds up who comes after it. */
function heads(items: readonly Item[], standing: string): Item[] {
  const taken = new Set<string>()
  return inOrder(items).filter((item) => {
    if (item.state !== 'queued' || item.standing !== standing) return false
    const first = !item.lanes.some((lane) => taken.has(lane))
    for (const lane of item.lanes) taken.add(lane)
    return first
  })
}

function waitOf({ nextAt }: Item, now: number): number {
  return waitUntil(nextAt, now)
}

/** Milliseconds. */
export function waitUntil(at: number, now: number): number {
  const wait = at - now
  return wait > 0 && wait <= MAX_WAIT_MS ? wait : 0
}

/** Whether it waits for a person's decision. */
export function isOpen({ state }: Item): boolean {
  return state === 'requested' || state === 'refused' || state === 'expired'
}

/** Whether it is a person's to decide on even though she has seen how it ended. */
export function staysOpen(item: Item): boolean {
  return item.settles && isOpen(item)
}

export function inOrder(items: readonly Item[]): Item[] {
  return [...items].sort((a, b) => a.seq - b.seq || (a.id < b.id ? -1 : 1))
}

/** As it is kept before an attempt: if the app dies now, it may have been done. */
export function attempted(item: Item): Item {
  return { ...item, attempts: item.attempts + 1, unanswered: true }
}

/** As it stands after an attempt; `item` is as it was before it. */
export function afterAttempt(item: Item, result: Attempt, { now, random }: Moment): Item {
  const tried = attempted(item)
  if ('answer' in result) {
    const { answer } = result
    return { ...tried, state: 'done', answer, failure: null, unanswered: false, settledAt: now }
  }
  const { failure } = result
  const next = { ...tried, failure: keptFailure(failure) }
  const known = { unanswered: item.unanswered }
  switch (verdictOf(failure)) {
    case 'not-in':
      return { ...next, ...known, attempts: item.attempts, nextAt: now, heed: false }
    case 'turned-away':
      return { ...next, ...known, ...waitAfter(failure, tried.attempts, { now, random }) }
    case 'unknown':
      return { ...next, ...waitAfter(failure, tried.attempts, { now, random }) }
    case 'refused': {
      const undone = !item.unanswered || DECIDED.has(failure!.problem!.kind!)
      const reused = failure!.problem!.kind === 'idempotency-key-reused'
      const unanswered = reused || !undone
      if (item.settles && item.command.name === 'return' && !unanswered)
        return { ...next, state: 'requested', unanswered }
      return { ...next, state: 'refused', unanswered, settledAt: now }
    }
  }
}

type Verdict =
  /** Nobody is signed in any more: it waits for the person. */
  | 'not-in'
  /** Not now; this attempt has done nothing. */
  | 'turned-away'
  /** It may be done, being done, or not. */
  | 'unknown'
  /** For good: the same answer would come again. */
  | 'refused'

const VERDICTS: Record<FailureKind, Verdict> = {
  'signed-out': 'not-in',
  'too-many': 'turned-away',
  'not-kept': 'turned-away',
  offline: 'unknown',
  unavailable: 'unknown',
  broken: 'refused',
  refused: 'refused',
  forbidden: 'refused',
  'not-found': 'refused',
  erased: 'refused',
  conflict: 'refused',
}

/** The server's own fault, or it is still at work on an attempt before. */
const NOT_YET: ReadonlySet<string> = new Set(['internal', 'idempotency-in-progress'])

/** A refusal is the API's own, told by its problem type; whatever stands in between is not believed. */
function verdictOf(failure: Failure | null): Verdict {
  if (!failure) return 'unknown'
  const verdict = VERDICTS[failure.kind]
  if (verdict !== 'refused') return verdict
  const kind = failure.problem?.kind
  return !kind || NOT_YET.has(kind) ? 'unknown' : 'refused'
}

function waitAfter(failure: Failure | null, attempts: number, { now, random }: Moment) {
  const { retryAfter } = failure ?? {}
  if (retryAfter) return { nextAt: now + Math.min(retryAfter * 1000, MAX_WAIT_MS), heed: true }
  return { nextAt: now + backoff(attempts, random), heed: false }
}

/** Milliseconds to wait after so many attempts that came to nothing. */
function backoff(attempts: number, random: number): number {
  // Full jitter: a shop full of tablets does not come back as one.
  return Math.ceil(random * Math.min(BACKOFF_MS * 2 ** Math.min(attempts - 1, 10), MAX_BACKOFF_MS))
}

/** How many attempts in a row reached nobody, and until when no other is made for that. */
export interface Silence {
  lost: number
  until: number
}

export const NO_SILENCE: Silence = { lost: 0, until: 0 }

/**
 * Where as many as are sent at once reach nobody, the next would not, either: the lanes wait together, and hundreds
 * of them do not each knock by themselves.
 */
export function silenceAfter({ lost }: Silence, result: Attempt, { now, random }: Moment): Silence {
  const isLost = 'failure' in result && (result.failure?.kind ?? 'offline') === 'offline'
  if (!isLost) return NO_SILENCE
  const beyond = lost + 1 - MAX_SENDING
  return { lost: lost + 1, until: beyond < 0 ? 0 : now + backoff(beyond + 1, random) }
}

/** Without the wait for the network, which seems to be back; what the server asked for is kept. */
export function awake(item: Item, now: number): Item {
  return item.state === 'queued' && !item.heed && item.nextAt > now
    ? { ...item, nextAt: now }
    : item
}

/** As time leaves it: null when it goes. */
export function aged(item: Item, now: number): Item | null {
  const { state, told, createdAt, settledAt } = item
  // Either way: a clock that was set back hides for how long it has waited.
  if (state === 'queued' && Math.abs(now - createdAt) > RESEND_MS)
    return { ...item, state: 'expired', settledAt: now }
  if (told && state === 'refused') return null
  if (told && state === 'done' && now - settledAt! > DONE_MS) return null
  return item
}

function keptFailure(failure: Failure | null): KeptFailure {
  return failure
    ? { kind: failure.kind, problem: failure.problem }
    : { kind: 'broken', problem: null }
}
