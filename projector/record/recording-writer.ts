/**
 * Writes a recording to a file. Memory is bounded: a large transaction is written in pieces while it
 * comes, and whoever feeds the writer is told to wait when the disk is slower.
 */
import { type FileHandle, open } from 'node:fs/promises'
import type { Lsn } from '../../src/domain/lsn.ts'
import { FatalProjectorError } from '../errors.ts'
import { type Change, describeChange } from '../source/change.ts'
import type { Position } from '../stream/intake.ts'
import { endLine, headerLine, pieceLine, type RecordingHeader } from './recording.ts'
import type { Redaction } from './redaction.ts'

/** A piece of a transaction is closed when its changes are this long, characters. */
const PIECE_LENGTH = 1 << 20
/** From here on the feeder should wait, characters. */
const QUEUE_LENGTH = 4 << 20

interface RecordingWriterOptions {
  file: string
  /** Whether a file that is there may be replaced. */
  overwrite?: boolean
  /** Replaces texts in all that is written. */
  redaction?: Redaction | null
  /** Whether too much waits for the disk. Told at each change. */
  onPressure?(high: boolean): void
}

export class RecordingWriter {
  readonly #file: FileHandle
  readonly #redaction: Redaction | null
  readonly #onPressure: (high: boolean) => void
  readonly #failed = Promise.withResolvers<never>()
  #open: { commitLsn: Lsn; changes: string[]; length: number; cut: boolean } | null = null
  #queue: string[] = []
  #queued = 0
  #high = false
  #writing: Promise<void> = Promise.resolve()
  #isWriting = false
  /** Transactions written so far. */
  count = 0

  private constructor(file: FileHandle, { redaction, onPressure }: RecordingWriterOptions) {
    this.#file = file
    this.#redaction = redaction ?? null
    this.#onPressure = onPressure ?? (() => {})
    this.#failed.promise.catch(() => {})
  }

  /** Makes the file, for its owner alone. Throws a FatalProjectorError when it can't, or is there. */
  static async create(options: RecordingWriterOptions): Promise<RecordingWriter> {
    const { file, overwrite = false } = options
    const handle = await open(file, overwrite ? 'w' : 'wx', 0o600).catch((cause) => {
      const reason = cause.code === 'EEXIST' ? 'it is there already' : (cause.code ?? cause.message)
      throw new FatalProjectorError(`can't write the recording ${file}: ${reason}`, { cause })
    })
    return new RecordingWriter(handle, options)
  }

  /** Rejects when the file can't be written. */
  get failed(): Promise<never> {
    return this.#failed.promise
  }

  header(header: Omit<RecordingHeader, 'redacted'>): void {
    this.#append(headerLine({ ...header, redacted: this.#redaction !== null }))
  }

  begin(commitLsn: Lsn): void {
    this.#open = { commitLsn, changes: [], length: 0, cut: false }
  }

  change(change: Change): void {
    const open = this.#open!
    if (open.length >= PIECE_LENGTH) {
      this.#append(pieceLine(open.commitLsn, open.changes, null))
      this.#open = { ...open, changes: [], length: 0, cut: true }
    }
    const text = JSON.stringify(describeChange(this.#redaction?.change(change) ?? change))
    this.#open!.changes.push(text)
    this.#open!.length += text.length
  }

  /** A transaction without changes is left out. */
  commit(end: Position): void {
    const { commitLsn, changes, cut } = this.#open!
    this.#open = null
    if (changes.length === 0 && !cut) return
    this.#append(pieceLine(commitLsn, changes, end))
    this.count++
  }

  /** Resolves once there is room for more. */
  async room(): Promise<void> {
    if (this.#high) await Promise.race([this.#writing, this.failed])
  }

  /** Says that the recording is whole, and closes the file. It is on the disk then. */
  async finish(): Promise<void> {
    this.#append(endLine(this.count))
    try {
      await Promise.race([this.#writing, this.failed])
      await this.#file.sync()
    } finally {
      await this.#file.close()
    }
  }

  /** Closes the file as it is: it does not look whole. */
  async abandon(): Promise<void> {
    await this.#writing
    await this.#file.close()
  }

  #append(text: string) {
    this.#queue.push(text)
    this.#queued += text.length
    this.#press()
    if (!this.#isWriting) this.#writing = this.#write()
  }

  async #write() {
    this.#isWriting = true
    try {
      while (this.#queue.length > 0) {
        const text = this.#queue.join('')
        this.#queue = []
        await this.#file.writeFile(text)
        this.#queued -= text.length
        this.#press()
      }
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      const reason = code === 'ENOSPC' ? 'no room is left on its device' : (code ?? message)
      this.#failed.reject(
        new FatalProjectorError(`the recording could not be written: ${reason}`, { cause }),
      )
      // Whoever waits for the disk is told of the failure; nothing is written behind the gap.
      return
    }
    this.#isWriting = false
  }

  #press() {
    const high = this.#queued >= (this.#high ? QUEUE_LENGTH / 2 : QUEUE_LENGTH)
    if (high === this.#high) return
    this.#high = high
    this.#onPressure(high)
  }
}
