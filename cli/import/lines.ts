/**
 * Bytes → physical lines. A line that is no text (invalid UTF-8, a NUL byte, endless) becomes a fault
 * with its number instead of an error, so that the lines around it are still read.
 *
 * Memory is bounded by one chunk and one line, whatever the file holds.
 */
import { isUtf8 } from 'node:buffer'

/** A physical line: its text without the line end, or why it is no text. Numbered from 1. */
export interface PhysicalLine {
  number: number
  text: string
  fault?: LineFault
}

export type LineFault = 'not valid UTF-8' | 'holds a NUL byte' | 'longer than 1 MiB'

/** A line above this is no invoice line; it is skipped without being held. */
export const MAX_LINE_BYTES = 1024 * 1024

const NEWLINE = 10
const BOM = '\uFEFF'

/** The lines of each chunk together, in order. A byte order mark and carriage returns are dropped. */
export async function* physicalLines(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<PhysicalLine[]> {
  let number = 0
  let rest: Buffer = Buffer.alloc(0)
  let skipping = false

  for await (const chunk of chunks) {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (skipping) {
      const end = bytes.indexOf(NEWLINE)
      if (end < 0) continue
      skipping = false
      bytes = bytes.subarray(end + 1)
    }
    if (rest.length > 0) bytes = Buffer.concat([rest, bytes])

    const end = bytes.lastIndexOf(NEWLINE)
    const lines = end < 0 ? [] : decode(bytes.subarray(0, end), number + 1)
    number += lines.length
    rest = Buffer.from(bytes.subarray(end + 1))

    if (rest.length > MAX_LINE_BYTES) {
      lines.push({ number: ++number, text: '', fault: 'longer than 1 MiB' })
      rest = Buffer.alloc(0)
      skipping = true
    }
    if (lines.length > 0) yield lines
  }
  if (rest.length > 0) yield decode(rest, number + 1)
}

/** Splits whole lines. One decode for all of them, unless something among them is no text. */
function decode(bytes: Buffer, first: number): PhysicalLine[] {
  const text = bytes.toString('utf8')
  if (!text.includes('\uFFFD') && !text.includes('\0') && bytes.length <= MAX_LINE_BYTES) {
    return text.split('\n').map((line, i) => ({ number: first + i, text: bare(line, first + i) }))
  }

  const lines: PhysicalLine[] = []
  for (let start = 0; start <= bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start)
    const end = newline < 0 ? bytes.length : newline
    lines.push(decodeOne(bytes.subarray(start, end), first + lines.length))
    start = end + 1
  }
  return lines
}

function decodeOne(bytes: Buffer, number: number): PhysicalLine {
  if (bytes.length > MAX_LINE_BYTES) return { number, text: '', fault: 'longer than 1 MiB' }
  if (bytes.includes(0)) return { number, text: '', fault: 'holds a NUL byte' }
  if (!isUtf8(bytes)) return { number, text: '', fault: 'not valid UTF-8' }
  return { number, text: bare(bytes.toString('utf8'), number) }
}

function bare(line: string, number: number): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line
  return number === 1 && text.startsWith(BOM) ? text.slice(1) : text
}
