/** A projector's process as its parent sees it. */
import { fileURLToPath } from 'node:url'
import type { ProjectorState } from '../../projector/index.ts'
import { until } from '../projector/support/until.ts'
import type { KillAt, ProcessOptions, ProcessReport } from './projector-process.ts'

const PROGRAM = fileURLToPath(new URL('projector-process.ts', import.meta.url))

export class ProjectorHandle {
  readonly #process: Bun.Subprocess
  state: ProjectorState | null = null
  /** Sessions that broke and were begun anew. */
  readonly lostSessions: string[] = []
  /** How it came to an end by itself, if it did. */
  end: Extract<ProcessReport, { kind: 'ended' }> | null = null

  constructor(options: ProcessOptions) {
    this.#process = Bun.spawn([process.execPath, PROGRAM, JSON.stringify(options)], {
      stdio: ['ignore', 'ignore', 'inherit'],
      ipc: (report: ProcessReport) => this.#note(report),
    })
  }

  get isGone(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null
  }

  /** The process ends itself at this point, with a SIGKILL. */
  killAt(order: KillAt): void {
    this.#process.send(order)
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name)
  }

  /** Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#process.exited
  }

  /** Resolves when the process has ended itself. */
  gone(): Promise<unknown> {
    return until(() => this.isGone, 'the projector passes the point at which it dies')
  }

  /** Resolves in one of these states; rejects when the projector gives up. */
  async reaches(...states: ProjectorState[]): Promise<void> {
    await until(
      () => {
        this.expectAlive()
        return this.state !== null && states.includes(this.state)
      },
      `the projector is ${states.join(' or ')}`,
    )
  }

  /** Throws when the projector has given up, or its process has gone. */
  expectAlive(): void {
    if (this.end) throw new Error(`the projector gave up: ${this.end.message}`)
    if (this.isGone) throw new Error('the projector has ended by itself')
  }

  /** Waits until the projector gives up, and for its process to end; what it said. */
  async refusal(): Promise<string> {
    const { ended, message } = await until(() => this.end, 'the projector gives up')
    await this.kill()
    if (ended !== 'fatal') throw new Error(`not a FatalProjectorError: ${message}`)
    return message
  }

  #note(report: ProcessReport) {
    if (report.kind === 'state') this.state = report.state
    else if (report.kind === 'session-ended') this.lostSessions.push(report.reason)
    else this.end = report
  }
}
