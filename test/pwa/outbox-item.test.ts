/** What becomes of an act, by what the server says. */
import { describe, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { Failure, type FailureKind, type Problem } from '../../pwa/src/api/failure.ts'
import type { ReturnRequest } from '../../pwa/src/api/types.ts'
import { lanesOf } from '../../pwa/src/outbox/commands.ts'
import {
  afterAttempt,
  aged,
  attempted,
  awake,
  DONE_MS,
  due,
  type Item,
  KEY_DAYS,
  MAX_SENDING,
  newItem,
  nextWait,
  RESEND_MS,
  staysOpen,
} from '../../pwa/src/outbox/item.ts'
import { supportFile } from '../../pwa/src/outbox/save-for-support.ts'
import { KEY_DAYS as SERVER_KEY_DAYS } from '../../src/command/perform.ts'
import { PROBLEM_KINDS, problemStatus } from '../../src/http/problem.ts'

const NOW = 1_800_000_000_000
const moment = { now: NOW, random: 0.5 }

function erasureOf(customerId: string, seq = 1): Item {
  return newItem(
    {
      command: { name: 'erasure', to: { customerId } },
      about: { customerId, customerName: null },
      standing: 'all',
      state: 'queued',
    },
    { id: `id-${seq}`, key: `key-${seq}`, seq, now: NOW },
  )
}

const failureWith = (kind: FailureKind, problem: string | null, retryAfter: number | null = null) =>
  new Failure(kind, retryAfter, {
    ...{ kind: problem, detail: null, culprit: null, instance: null },
  } as Problem)

describe('an answer', () => {
  const item = erasureOf('ann')
  const unanswered = attempted(item)

  test.each([
    ['lost', new Failure('offline'), 'queued', true],
    ['of somebody in between', new Failure('not-found'), 'queued', true],
    ['that nobody can read', null, 'queued', true],
    ['500', failureWith('broken', 'internal'), 'queued', true],
    ['502 of a proxy', new Failure('broken'), 'queued', true],
    ['503', failureWith('unavailable', 'source-busy'), 'queued', true],
    [
      '409 while the first is at work',
      failureWith('conflict', 'idempotency-in-progress'),
      'queued',
      true,
    ],
    ['429', failureWith('too-many', 'too-many-requests'), 'queued', false],
    ['401', failureWith('signed-out', 'invalid-token'), 'queued', false],
    ['400', failureWith('refused', 'invalid-parameter'), 'refused', false],
    ['403', failureWith('forbidden', 'not-permitted'), 'refused', false],
    ['404', failureWith('not-found', 'purchase-not-found'), 'refused', false],
    ['409', failureWith('conflict', 'more-than-remains'), 'refused', false],
    ['410', failureWith('erased', 'customer-erased'), 'refused', false],
    ['413', failureWith('broken', 'body-too-large'), 'refused', false],
    ['422', failureWith('conflict', 'into-itself'), 'refused', false],
    ['422 of another request', failureWith('conflict', 'idempotency-key-reused'), 'refused', true],
  ] as const)('%s', (_name, failure, state, mayBeDone) => {
    expect(afterAttempt(item, { failure }, moment)).toMatchObject({ state, unanswered: mayBeDone })
  })

  test('that is one ends all doubt', () => {
    const answer = { customerIds: ['ann'], detached: { sale: 0, order: 0 }, merges: 0 }

    const done = afterAttempt(unanswered, { answer }, moment)

    expect(done).toMatchObject({ state: 'done', answer, unanswered: false, settledAt: NOW })
  })

  test('kept under the key ends all doubt; one from the door leaves it', () => {
    const after = (kind: FailureKind, problem: string) =>
      afterAttempt(unanswered, { failure: failureWith(kind, problem) }, moment)

    expect(after('conflict', 'more-than-remains')).toMatchObject({ unanswered: false })
    expect(after('not-found', 'customer-not-found')).toMatchObject({ unanswered: false })
    expect(after('forbidden', 'not-permitted')).toMatchObject({ unanswered: true })
    expect(after('forbidden', 'actor-unknown')).toMatchObject({ unanswered: true })
    expect(after('refused', 'invalid-parameter')).toMatchObject({ unanswered: true })
    expect(after('too-many', 'too-many-requests')).toMatchObject({ unanswered: true })
  })

  test('of any kind that the API has either comes again or is for a person', () => {
    const kindOf: Record<number, FailureKind> = {
      ...{ 400: 'refused', 401: 'signed-out', 403: 'forbidden', 404: 'not-found', 409: 'conflict' },
      ...{ 410: 'erased', 422: 'conflict', 429: 'too-many', 503: 'unavailable' },
    }
    const resent = PROBLEM_KINDS.filter((kind) => {
      const failure = failureWith(kindOf[problemStatus(kind)] ?? 'broken', kind)
      return afterAttempt(item, { failure }, moment).state === 'queued'
    })

    expect(resent).toEqual([
      ...(['invalid-token', 'idempotency-in-progress', 'too-many-requests', 'internal'] as const),
      ...(['not-yet-consistent', 'source-busy', 'source-unavailable'] as const),
      ...(['auth-unavailable', 'read-model-building', 'store-unavailable', 'not-set-up'] as const),
    ])
  })

  test('401 is no attempt, and costs no wait', () => {
    const failure = failureWith('signed-out', 'invalid-token')

    expect(afterAttempt(item, { failure }, moment)).toMatchObject({ attempts: 0, nextAt: NOW })
  })

  test('with a Retry-After is heeded, also by who wakes it', () => {
    const failure = failureWith('unavailable', 'source-busy', 7)
    const after = afterAttempt(item, { failure }, moment)

    expect(after.nextAt).toBe(NOW + 7_000)
    expect(awake(after, NOW)).toBe(after)
  })

  test('that does not come is waited for ever longer, up to a minute, at random', () => {
    fc.assert(
      fc.property(
        fc.nat(60),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempts, random) => {
          const tried = { ...item, attempts }
          const after = afterAttempt(
            tried,
            { failure: new Failure('offline') },
            { now: NOW, random },
          )
          const most = Math.min(60_000, 2_000 * 2 ** Math.min(attempts, 10))

          expect(after.nextAt).toBe(NOW + Math.ceil(random * most))
          expect(awake(after, NOW).nextAt).toBe(NOW)
          expect(after.key).toBe(item.key)
        },
      ),
    )
  })
})

describe('lanes', () => {
  test('are of all whom an act is about', () => {
    const ann = { customerId: 'ann', customerName: null }
    const guest = { customerId: null, customerName: null }
    const evidence = 'confirmed' as const

    expect(
      lanesOf({ name: 'merge', to: { customerId: 'ann', body: { fromCustomerId: 'bob' } } }, ann),
    ).toEqual(['ann', 'bob'])
    expect(
      lanesOf(
        { name: 'attribution', to: { purchaseId: 'p', body: { customerId: 'bob', evidence } } },
        guest,
      ),
    ).toEqual(['p', 'bob'])
    const annes = { ...guest, otherCustomerId: 'ann' }
    const nobodys = { purchaseId: 'p', body: { customerId: null, evidence } }
    expect(lanesOf({ name: 'attribution', to: nobodys }, annes)).toEqual(['ann', 'p'])
    const undone = { customerId: 'bob', mergeId: 'm' }
    expect(lanesOf({ name: 'unmerge', to: undone }, annes)).toEqual(['ann', 'bob'])
  })

  const items = fc
    .array(
      fc.record({
        lanes: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), {
          ...{ minLength: 1, maxLength: 2 },
        }),
        state: fc.constantFrom('queued', 'queued', 'queued', 'done', 'refused', 'requested'),
        wait: fc.constantFrom(0, 0, 5_000),
        standing: fc.constantFrom('all', 'all', 'own:x'),
      }),
      { maxLength: 20 },
    )
    .map((all) =>
      all.map(
        ({ wait, ...rest }, seq): Item => ({
          ...erasureOf('x', seq),
          ...(rest as Partial<Item>),
          nextAt: NOW + wait,
        }),
      ),
    )

  test('are in order, apart from each other, and four at a time', () => {
    fc.assert(
      fc.property(items, (all) => {
        const here = { now: NOW, standing: 'all', sending: new Set<string>() }
        const started = due(all, here)
        const queued = all.filter(({ state, standing }) => state === 'queued' && standing === 'all')

        expect(started.length).toBeLessThanOrEqual(MAX_SENDING)
        for (const item of started) {
          const before = queued.filter(
            ({ seq, lanes }) => seq < item.seq && lanes.some((lane) => item.lanes.includes(lane)),
          )
          expect(before).toEqual([])
          expect(item).toMatchObject({ state: 'queued', standing: 'all' })
          expect(item.nextAt).toBeLessThanOrEqual(NOW)
        }
        // Whatever is sent already keeps its lane and its place.
        const [first, ...rest] = started
        const sending = new Set(first ? [first.id] : [])
        expect(due(all, { ...here, sending })).toEqual(rest.slice(0, MAX_SENDING - sending.size))
      }),
    )
  })

  test('that are stuck hold up nobody else, and say when to come back', () => {
    const stuck = { ...erasureOf('ann', 1), nextAt: NOW + 9_000 }
    const all = [stuck, erasureOf('ann', 2), erasureOf('bob', 3)]

    const now = { now: NOW, standing: 'all' }
    expect(due(all, { ...now, sending: new Set() }).map(({ seq }) => seq)).toEqual([3])
    expect(nextWait(all, now)).toBe(9_000)
  })

  test('a clock that was set back by a day holds nothing up', () => {
    const tomorrow = { ...erasureOf('ann'), nextAt: NOW + 86_400_000 }

    expect(due([tomorrow], { now: NOW, standing: 'all', sending: new Set() })).toEqual([tomorrow])
  })
})

test('a refusal of what a person had to decide on before leaves it to her; a return is a request again', () => {
  const failure = failureWith('conflict', 'more-than-remains')
  const to = { purchaseId: 'p', body: {} as ReturnRequest }
  const settled = { ...erasureOf('ann'), settles: true }
  const asReturn = { ...settled, command: { name: 'return', to } } as const

  const after = (item: Item) => afterAttempt(item, { failure }, moment)

  expect(after(asReturn)).toMatchObject({ state: 'requested', failure: { kind: 'conflict' } })
  expect(after(settled)).toMatchObject({ state: 'refused' })
  expect(after({ ...asReturn, settles: false })).toMatchObject({ state: 'refused' })
  for (const item of [asReturn, settled]) expect(staysOpen(after(item))).toBe(true)
})

describe('time', () => {
  test('is up before the server forgets the key, and then a person decides', () => {
    expect(KEY_DAYS).toBe(SERVER_KEY_DAYS)
    const item = erasureOf('ann')

    expect(aged(item, NOW + RESEND_MS)).toBe(item)
    expect(aged(item, NOW + RESEND_MS + 1)).toMatchObject({ state: 'expired' })
    // For how long it has waited nobody can tell when the clock was so far ahead.
    expect(aged(item, NOW - RESEND_MS - 1)).toMatchObject({ state: 'expired' })
    expect(RESEND_MS).toBeLessThan(KEY_DAYS * 86_400_000)
  })

  test('takes away what its person knows of, and nothing else', () => {
    const done = { ...erasureOf('ann'), state: 'done', settledAt: NOW } as const
    const refused = { ...done, state: 'refused' } as const
    const late = NOW + RESEND_MS * 2

    expect(aged({ ...done, told: true }, NOW + DONE_MS)).not.toBeNull()
    expect(aged({ ...done, told: true }, NOW + DONE_MS + 1)).toBeNull()
    expect(aged({ ...refused, told: true }, NOW)).toBeNull()
    expect(aged(done, late)).toBe(done)
    expect(aged(refused, late)).toBe(refused)
    expect(aged({ ...erasureOf('ann'), state: 'requested' }, late)).not.toBeNull()
  })
})

test('the file for support names nobody', () => {
  const item: Item = { ...erasureOf('ann'), about: { customerId: 'ann', customerName: 'Ann Lee' } }

  const file = supportFile([{ ...item, answer: { mergeId: 'm', moved: { sale: 1, order: 0 } } }])

  expect(file).toContain(item.key)
  expect(file).not.toContain('Ann Lee')
  expect(file).not.toContain('moved')
})
