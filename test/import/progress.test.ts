import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { Writable } from 'node:stream'
import { progressOn } from '../../cli/import/progress.ts'

/** A stream that keeps what is written to it, a terminal or not. */
function stream(isTTY: boolean) {
  const written: string[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk))
      done()
    },
  })
  const stream = Object.assign(sink, { isTTY, columns: 120 }) as unknown as NodeJS.WriteStream
  return { stream, text: () => written.join('') }
}

describe('on a terminal', () => {
  test('a bar shows how far it is, the rate and the time left, phase by phase', () => {
    const { stream: tty, text } = stream(true)
    const progress = progressOn(tty)

    progress.phase('Reading', 200)
    progress.at(100, 5000)
    progress.say('in between')
    progress.phase('Writing', 10)
    progress.stop()

    expect(text()).toMatch(
      /Reading {2}█{15}░{15} 50 % {2}5,000 lines {2}[\d,]+ lines\/s {2}\d+ s left/,
    )
    expect(text()).toContain('in between\n')
    expect(text()).toMatch(/Writing {2}░{30} 0 % {2}0 lines/)
  })
})

describe('elsewhere', () => {
  const real = performance.now.bind(performance)
  let now = 0
  beforeEach(() => {
    now = 0
    performance.now = () => now
  })
  afterEach(() => {
    performance.now = real
  })

  test('a plain line comes now and then', () => {
    const { stream: pipe, text } = stream(false)
    const progress = progressOn(pipe)

    progress.phase('Writing', 1000)
    for (now = 1000; now <= 11_000; now += 1000) progress.at(now / 100, now)
    progress.stop()

    expect(text()).toBe(
      'Writing: 5 %, 5,000 lines, 1,000 lines/s, 1 min 35 s left\n' +
        'Writing: 10 %, 10,000 lines, 1,000 lines/s, 1 min 30 s left\n',
    )
  })
})
