/** What a long import shows on stderr: a bar on a terminal, a plain line now and then elsewhere. */
import { SingleBar } from 'cli-progress'

export interface Progress {
  /** A new phase: its name, and the total that `at` counts towards. */
  phase(name: string, total: number): void
  /** How far the phase is, and how many lines of the file that is. */
  at(done: number, lines: number): void
  /** A sentence between the bars. */
  say(text: string): void
  stop(): void
}

export const silentProgress: Progress = { phase() {}, at() {}, say() {}, stop() {} }

const PLAIN_LINE_EVERY_MS = 5000

/** The progress for a stream: whether it is a terminal decides its form. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? new ProgressBar(stream) : new ProgressLines(stream)
}

/** Rate and time left of one phase. */
class Pace {
  readonly #start = performance.now()
  constructor(
    readonly name: string,
    readonly total: number,
  ) {}

  lineRate(lines: number): number {
    return Math.round(lines / Math.max(this.#seconds(), 0.001))
  }

  secondsLeft(done: number): number | null {
    if (done <= 0) return null
    return Math.ceil(((this.total - done) * this.#seconds()) / done)
  }

  #seconds(): number {
    return (performance.now() - this.#start) / 1000
  }
}

/** `4 s`, `2 min 5 s`; a dash when there is nothing to tell from. */
function duration(seconds: number | null): string {
  if (seconds === null) return '–'
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

class ProgressBar implements Progress {
  readonly #stream: NodeJS.WriteStream
  #bar: SingleBar | undefined
  #pace = new Pace('', 0)

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  phase(name: string, total: number): void {
    this.stop()
    this.#pace = new Pace(name, total)
    this.#bar = new SingleBar({
      stream: this.#stream,
      format: `${name.padEnd(8)} {bar} {percentage} %  {lines} lines  {rate} lines/s  {left} left`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 30,
      fps: 10,
      // The import may be interrupted, and must not leave a terminal without a cursor.
      hideCursor: false,
      gracefulExit: false,
    })
    this.#bar.start(total, 0, { lines: '0', rate: '–', left: '–' })
  }

  at(done: number, lines: number): void {
    this.#bar?.update(done, {
      lines: lines.toLocaleString('en'),
      rate: this.#pace.lineRate(lines).toLocaleString('en'),
      left: duration(this.#pace.secondsLeft(done)),
    })
  }

  say(text: string): void {
    this.stop()
    this.#stream.write(`${text}\n`)
  }

  stop(): void {
    this.#bar?.stop()
    this.#bar = undefined
  }
}

class ProgressLines implements Progress {
  readonly #stream: NodeJS.WriteStream
  #pace = new Pace('', 0)
  #last = performance.now()

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  phase(name: string, total: number): void {
    this.#pace = new Pace(name, total)
  }

  at(done: number, lines: number): void {
    const now = performance.now()
    if (now - this.#last < PLAIN_LINE_EVERY_MS) return
    this.#last = now
    const pace = this.#pace
    const percent = Math.floor((100 * done) / Math.max(pace.total, 1))
    const rate = pace.lineRate(lines).toLocaleString('en')
    const left = duration(pace.secondsLeft(done))
    this.say(
      `${pace.name}: ${percent} %, ${lines.toLocaleString('en')} lines, ${rate} lines/s, ${left} left`,
    )
  }

  say(text: string): void {
    this.#stream.write(`${text}\n`)
  }

  stop(): void {}
}
