import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { MAX_LINE_BYTES, type PhysicalLine, physicalLines } from '../../cli/import/lines.ts'

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function linesOf(content: string | Uint8Array, size = 7): Promise<PhysicalLine[]> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const lines: PhysicalLine[] = []
  for await (const batch of physicalLines(inPieces(bytes, size))) lines.push(...batch)
  return lines
}

const texts = async (content: string) => (await linesOf(content)).map((line) => line.text)
const faults = async (content: Uint8Array, size?: number) =>
  (await linesOf(content, size)).map(({ number, text, fault }) => fault ?? `${number}:${text}`)

describe('physical lines', () => {
  test('end with LF or CRLF, the last one with or without', async () => {
    expect(await texts('a\r\nb\nc')).toEqual(['a', 'b', 'c'])
    expect(await texts('a\r\nb\nc\r\n')).toEqual(['a', 'b', 'c'])
  })

  test('leave out a byte order mark, and only at the start', async () => {
    expect(await texts('\uFEFFa\n\uFEFFb')).toEqual(['a', '\uFEFFb'])
  })

  test('keep an empty line with its number', async () => {
    expect(await linesOf('a\n\nb\n')).toEqual([
      { number: 1, text: 'a' },
      { number: 2, text: '' },
      { number: 3, text: 'b' },
    ])
  })

  test('name what is no text, and read the lines around it', async () => {
    const bytes = Buffer.from('ok\n£ \xff\nnul\nok £ \uFFFD\n')
    bytes[bytes.indexOf('n')] = 0
    const latin1 = Buffer.concat([Buffer.from('one\n'), Buffer.from('\xa3', 'latin1'), bytes])

    expect(await faults(latin1)).toEqual([
      '1:one',
      'not valid UTF-8',
      '3:£ ÿ',
      'holds a NUL byte',
      '5:ok £ \uFFFD',
    ])
  })

  test('skip an endless line without holding it', async () => {
    const long = Buffer.alloc(3 * MAX_LINE_BYTES, 'x')
    const content = Buffer.concat([Buffer.from('a\n'), long, Buffer.from('\nb\n'), long])

    expect(await faults(content, 100_000)).toEqual([
      '1:a',
      'longer than 1 MiB',
      '3:b',
      'longer than 1 MiB',
    ])
  })

  test('are the same however the bytes come', async () => {
    const piece = fc.constantFrom('a', '£', '"', ',', '\n', '\r\n', '\0', '😀', '\uFFFD', '\xff')
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 60 }),
        fc.integer({ min: 1, max: 50 }),
        async (pieces, size) => {
          // One byte per \xff: as Latin-1 writes it, which is no UTF-8.
          const bytes = Buffer.concat(
            pieces.map((p) => (p === '\xff' ? Buffer.from([0xff]) : Buffer.from(p))),
          )
          const whole = await linesOf(bytes, Math.max(bytes.length, 1))

          expect(await linesOf(bytes, size)).toEqual(whole)
          expect(whole.map((line) => line.number)).toEqual(whole.map((_, i) => i + 1))
        },
      ),
      { numRuns: 300 },
    )
  })
})
