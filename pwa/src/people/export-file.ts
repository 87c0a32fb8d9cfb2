/** All that is known of a person, as a file: it comes as a stream, and is a file only if it came to its end. */
import { signal } from '@preact/signals'
import { openStream } from '../api/client.ts'
import { Failure } from '../api/failure.ts'

export type ExportState =
  | { name: 'ready' }
  | { name: 'coming'; bytes: number }
  | { name: 'saved'; bytes: number; fileName: string }
  | { name: 'failed'; failure: Failure }
  /** It began well, and broke off: a part of it is worth nothing. */
  | { name: 'broken' }

/** The API's last member: without it, something is missing. */
const END = /"complete"\s*:\s*true\s*\}\s*$/
const TAIL_BYTES = 64
/** Nothing came for so long: nothing will. */
const STALLED_MS = 30_000

export class ExportFile {
  readonly state = signal<ExportState>({ name: 'ready' })
  readonly #path: string
  readonly #fileName: string
  #running: AbortController | null = null

  constructor(customerId: string, fileName: string) {
    this.#path = `/customers/${customerId}/export`
    this.#fileName = fileName
  }

  /** Fetches it, and hands it to the browser to save. Never rejects. */
  async save(): Promise<void> {
    const running = new AbortController()
    this.#running = running
    this.state.value = { name: 'coming', bytes: 0 }
    try {
      const chunks = await this.#receive(running)
      const file = new Blob(chunks, { type: 'application/json' })
      const end = await file.slice(-TAIL_BYTES).text()
      if (running.signal.aborted) return
      if (!END.test(end)) {
        this.state.value = { name: 'broken' }
        return
      }
      saveFile(file, this.#fileName)
      this.state.value = { name: 'saved', bytes: file.size, fileName: this.#fileName }
    } catch (error) {
      if (running.signal.aborted && !(running.signal.reason instanceof Failure)) return
      if (error instanceof Failure) this.state.value = { name: 'failed', failure: error }
      else this.state.value = { name: 'broken' }
    }
  }

  /** Nobody waits for it any more. */
  stop(): void {
    this.#running?.abort()
  }

  async #receive(running: AbortController): Promise<Uint8Array<ArrayBuffer>[]> {
    const reader = (await openStream(this.#path, running.signal)).getReader()
    const chunks: Uint8Array<ArrayBuffer>[] = []
    let bytes = 0
    for (;;) {
      const stalled = setTimeout(() => running.abort(new Failure('offline')), STALLED_MS)
      const { done, value } = await reader.read().finally(() => clearTimeout(stalled))
      if (done) return chunks
      chunks.push(value)
      bytes += value.length
      this.state.value = { name: 'coming', bytes }
    }
  }
}

function saveFile(file: Blob, fileName: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = fileName
  link.click()
  // The browser reads it when it saves it, which is later.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** `customer-MF-100002-2026-11-23.json`: the reference where there is one, and nothing that a file may not be named. */
export function exportFileName(externalRef: string | null, id: string, now: Date): string {
  const reference = (externalRef ?? '')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
  return `customer-${reference || id.slice(0, 8)}-${date}.json`
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
