/** The pure parts of the stream: when to acknowledge, when to give up, when to rest, where to cut. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { Acker, encodeStatus } from '../../projector/stream/acker.ts'
import { CopyFrames } from '../../projector/stream/copy-frames.ts'
import { judgeLiveness, livenessTimings, parseDuration } from '../../projector/stream/liveness.ts'
import { ReadPacing } from '../../projector/stream/read-pacing.ts'
import type { Lsn } from '../../src/domain/lsn.ts'

const lsn = (value: number) => BigInt(value) as Lsn

describe('the acknowledgement', () => {
  test('never passes what is durable, whatever is received', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('begin', 'apply', 'keepalive'), fc.nat(40)))
    fc.assert(
      fc.property(steps, (taken) => {
        const acker = new Acker(lsn(100))
        let durable = 100
        for (const [step, by] of taken) {
          if (step === 'begin') acker.received()
          else if (step === 'keepalive') acker.keepalive(lsn(durable + by))
          else if (acker.pending > 0) {
            durable += by
            acker.applied(lsn(durable), 1)
          }
          expect(acker.status().flush).toBe(lsn(durable))
        }
      }),
    )
  })

  test('tells an idle server that all is seen, and moves nothing by that', () => {
    const acker = new Acker(lsn(100))
    acker.keepalive(lsn(150))

    expect(acker.status()).toEqual({ write: lsn(150), flush: lsn(100), apply: lsn(150) })
    expect(acker.idleAt).toBe(lsn(150))
  })

  test('a keepalive in the middle of a transaction means nothing', () => {
    const acker = new Acker(lsn(100))
    acker.received()
    acker.keepalive(lsn(150))

    expect(acker.idleAt).toBeNull()
    expect(acker.status().apply).toBe(lsn(100))
  })

  test('a checkpoint that moves back is a broken promise', () => {
    const acker = new Acker(lsn(100))
    acker.received()

    expect(() => acker.applied(lsn(99), 1)).toThrow('the checkpoint never moves back')
  })

  test('is written as the protocol wants it, without the library’s +1', () => {
    const status = { write: lsn(3), flush: lsn(1), apply: lsn(2) }
    const message = encodeStatus(status, Date.UTC(2000, 0, 1) + 5, true)

    expect(message.toString('hex')).toBe(
      `72${'3'.padStart(16, '0')}${'1'.padStart(16, '0')}${'2'.padStart(16, '0')}${(5_000).toString(16).padStart(16, '0')}01`,
    )
  })
})

describe('liveness', () => {
  const timings = livenessTimings(60_000)
  const state = { nowMs: 100_000, lastReceivedMs: 99_000, lastSentMs: 99_000, pausedSinceMs: null }

  test('a server is answered well before it gives up, however impatient it is', () => {
    for (const timeout of [1_000, 10_000, 60_000, 600_000])
      expect(livenessTimings(timeout).statusEveryMs).toBeLessThanOrEqual(timeout / 4)
    expect(livenessTimings(0).statusEveryMs).toBe(10_000)
  })

  test('silence beyond the limit is death, unless nothing is read on purpose', () => {
    const silent = { ...state, lastReceivedMs: state.nowMs - timings.silenceLimitMs - 1 }

    expect(judgeLiveness(timings, silent)).toBe('dead')
    expect(judgeLiveness(timings, { ...silent, pausedSinceMs: 1 })).toBe('quiet')
  })

  test('statuses go out in time, also while paused', () => {
    const due = { ...state, lastSentMs: state.nowMs - timings.statusEveryMs, pausedSinceMs: 1 }

    expect(judgeLiveness(timings, due)).toBe('send-status')
    expect(judgeLiveness(timings, state)).toBe('quiet')
  })

  test('durations are read as SHOW prints them', () => {
    expect(['0', '500ms', '60s', '1min', '2h'].map(parseDuration)).toEqual([
      0, 500, 60_000, 60_000, 7_200_000,
    ])
    expect(() => parseDuration('soon')).toThrow('not a duration: soon')
  })
})

describe('pacing', () => {
  test('a sale that is alone is read at once', () => {
    const pacing = new ReadPacing()

    for (let sale = 0; sale < 50; sale++)
      for (let row = 0; row < 7; row++)
        expect(pacing.shouldRest(200, 1_000 + sale * 20 + row * 0.05)).toBe(false)
  })

  test('hundreds of sales a second are no load: each is read at once', () => {
    const pacing = new ReadPacing()

    for (let sale = 0; sale < 300; sale++)
      for (let row = 0; row < 8; row++)
        expect(pacing.shouldRest(200, 1_000 + sale * 3.3 + row * 0.05)).toBe(false)
  })

  test('what comes right after a rest goes on with its burst', () => {
    const pacing = new ReadPacing()
    for (let i = 0; i < 13; i++) pacing.shouldRest(200, 1_000 + i * 0.1)

    pacing.rested(1_004.5)

    expect(pacing.shouldRest(200, 1_004.6)).toBe(true)
    expect(pacing.shouldRest(200, 1_006)).toBe(false)
  })

  test('under load the reader rests, and not for a chunk that has gathered already', () => {
    const pacing = new ReadPacing()
    const rests = Array.from({ length: 40 }, (_, i) => pacing.shouldRest(200, 1_000 + i * 0.1))

    expect(rests.filter(Boolean).length).toBeGreaterThan(20)
    expect(pacing.shouldRest(1_000_000, 1_004.1)).toBe(false)
  })
})

describe('framing', () => {
  const message = (tag: string, content: string) => {
    const header = Buffer.alloc(5)
    header.write(tag)
    header.writeUInt32BE(4 + Buffer.byteLength(content), 1)
    return Buffer.concat([header, Buffer.from(content)])
  }

  test('messages come out whole and in order, wherever the chunks are cut', () => {
    const messages = fc.array(
      fc.tuple(fc.constantFrom('d', 'E', 'Z'), fc.string({ maxLength: 60 })),
    )
    fc.assert(
      fc.property(messages, fc.array(fc.integer({ min: 1, max: 40 })), (sent, cuts) => {
        const seen: [string, string][] = []
        const frames = new CopyFrames(
          (buffer, at, end) => seen.push(['d', buffer.toString('utf8', at, end)]),
          (other) => seen.push([String.fromCharCode(other[0]!), other.toString('utf8', 5)]),
        )
        let bytes = Buffer.concat(sent.map(([tag, content]) => message(tag, content)))
        for (let i = 0; bytes.length > 0; i++) {
          const size = cuts.length > 0 ? cuts[i % cuts.length]! : bytes.length
          frames.push(Buffer.from(bytes.subarray(0, size)))
          bytes = bytes.subarray(size)
        }

        expect(seen).toEqual(sent)
      }),
    )
  })
})
