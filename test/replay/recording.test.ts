/** The format of a recording: what is written is read again, and what is not whole is not taken for it. */
import { describe, expect, test } from 'bun:test'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  linesOfFile,
  openRecording,
  type Piece,
  type ReadOptions,
} from '../../projector/record/recording.ts'
import { RecordingWriter } from '../../projector/record/recording-writer.ts'
import type { Transaction } from '../../projector/source/change.ts'
import { insert, transaction, uuid } from '../projector/support/changes.ts'
import { RECORDING } from './support.ts'

const header =
  '{"format":"purchase-timeline/recording","version":2,"start":"empty","redacted":false}'
const tx = (n: number, end = true) =>
  `{"commitLsn":"0/${n}0"${end ? `,"endLsn":"0/${n}8","committedAt":"2026-01-01T00:00:00.000000Z"` : ''},"changes":[]}`

async function* linesOf(...lines: string[]) {
  yield* lines
}

async function read(lines: AsyncIterable<string>, options?: ReadOptions): Promise<Piece[]> {
  const { pieces } = await openRecording(lines, options)
  return Array.fromAsync(pieces)
}

async function inDirectory(work: (file: string) => Promise<void>) {
  const directory = await mkdtemp(join(tmpdir(), 'pt-recording-'))
  try {
    await work(join(directory, 'recording.ndjson'))
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function write(file: string, transactions: readonly Transaction[]) {
  const writer = await RecordingWriter.create({ file })
  writer.header({ start: 'empty' })
  for (const { commitLsn, endLsn, committedAt, changes } of transactions) {
    writer.begin(commitLsn)
    for (const change of changes) writer.change(change)
    writer.commit({ endLsn, committedAt })
  }
  await writer.finish()
}

describe('a recording', () => {
  test('is written as it was read', () =>
    inDirectory(async (file) => {
      const pieces = await read(linesOfFile(RECORDING))
      const transactions = pieces.map(({ commitLsn, changes, end }) => ({
        commitLsn,
        changes,
        ...end!,
      }))

      await write(file, transactions)

      expect(await readFile(file, 'utf8')).toBe(await readFile(RECORDING, 'utf8'))
    }))

  test('is read as it was written, whatever its texts hold', () =>
    inDirectory(async (file) => {
      const names = ['line\nfeed', '\u2028 \u2029', 'carriage\r\nreturn', '"\\u0000"', '🍮', ' ']
      const customers = names.map((name, n) => insert('customer', { id: uuid(n + 1), name }))

      await write(file, [
        transaction(1, ...customers),
        transaction(2),
        transaction(3, customers[0]!),
      ])

      const pieces = await read(linesOfFile(file))
      expect(pieces.map(({ changes }) => changes)).toEqual([customers, [customers[0]!]])
      expect((await stat(file)).mode & 0o777).toBe(0o600)
    }))

  test('holds a large transaction in pieces, and says when to wait for the disk', () =>
    inDirectory(async (file) => {
      const name = 'x'.repeat(50_000)
      const pressure: boolean[] = []
      const writer = await RecordingWriter.create({
        file,
        onPressure: (high) => pressure.push(high),
      })
      const { commitLsn, endLsn, committedAt } = transaction(1)

      writer.header({ start: 'empty' })
      writer.begin(commitLsn)
      for (let n = 0; n < 200; n++) writer.change(insert('customer', { id: uuid(n), name }))
      await writer.room()
      writer.commit({ endLsn, committedAt })
      await writer.finish()

      expect(pressure).toEqual([true, false])
      const pieces = await read(linesOfFile(file))
      expect(pieces.length).toBeGreaterThan(5)
      expect(pieces.flatMap(({ changes }) => changes)).toHaveLength(200)
      expect(pieces.map(({ end }) => end !== null).indexOf(true)).toBe(pieces.length - 1)
    }))

  test('does not replace a file, unless it is told to', () =>
    inDirectory(async (file) => {
      await writeFile(file, 'dear')

      await expect(RecordingWriter.create({ file })).rejects.toThrow('it is there already')
      expect(await readFile(file, 'utf8')).toBe('dear')
      const writer = await RecordingWriter.create({ file, overwrite: true })
      await writer.finish()
      expect(await readFile(file, 'utf8')).toBe('{"transactions":0}\n')
    }))

  test('of version 1, which had no end, is still read', async () => {
    const first = '{"format":"purchase-timeline/recording","version":1}'

    expect(await read(linesOf(first, tx(1), tx(2)))).toHaveLength(2)
    expect((await openRecording(linesOf(first))).start).toBe('unknown')
    await expect(read(linesOf(first, tx(1), tx(2).slice(0, 30)))).rejects.toThrow(
      'breaks off in line 3',
    )
  })
})

describe('what is not whole', () => {
  const cases: [string, string[], number][] = [
    ['a recording without its last line', [tx(1)], 1],
    ['one whose last line is half', [tx(1), tx(2).slice(0, 40)], 1],
    ['one that ends within a transaction', [tx(1), tx(2, false)], 2],
  ]
  for (const [what, lines, pieces] of cases)
    test(`${what} is refused, and taken for what it holds on demand`, async () => {
      await expect(read(linesOf(header, ...lines))).rejects.toThrow('the recording breaks off')
      expect(await read(linesOf(header, ...lines), { cutOff: true })).toHaveLength(pieces)
    })
})

describe('a file that is no recording', () => {
  const change = (change: string) => tx(1).replace('[]', `[${change}]`)
  const cases: [string, string[]][] = [
    ['the recording is empty', []],
    ['line 1 of the recording: this is no recording', ['{"format":"other"}']],
    ['line 1 of the recording: this is no recording', ['null']],
    ['line 1 of the recording: version 3 of', [header.replace(':2', ':3')]],
    ['line 2 of the recording: JSON', [header, '{"commitLsn"', tx(1)]],
    ['not an LSN: "x"', [header, tx(1).replace('0/10', 'x')]],
    ['not a commit time: "noon"', [header, tx(1).replace(/2026[^"]*/, 'noon')]],
    ['unknown table "x"', [header, change('{"op":"insert","table":"x","new":{}}')]],
    ['unknown operation "x"', [header, change('{"op":"x","table":"sale"}')]],
    ['without its row', [header, change('{"op":"insert","table":"sale"}')]],
    [
      'customer.name is no text of a source',
      [header, change('{"op":"insert","table":"customer","new":{"name":"a\\u0000b"}}')],
    ],
    [
      'customer.name is no text of a source',
      [header, change('{"op":"insert","table":"customer","new":{"name":5}}')],
    ],
    ['the transaction of 0/10 is not in its place', [header, tx(2), tx(1)]],
    ['the transaction of 0/20 is not in its place', [header, tx(1, false), tx(2)]],
    ['ends before its commit', [header, tx(1).replace('0/18', '0/8')]],
    ['2 transactions are said to be in it, 1 are', [header, tx(1), '{"transactions":2}']],
    ['lines are missing', [header, tx(1, false), '{"transactions":0}']],
    ['it stands behind the end', [header, tx(1), '{"transactions":1}', tx(2)]],
  ]
  for (const [message, lines] of cases)
    test(`is refused: ${message}`, async () => {
      await expect(read(linesOf(...lines))).rejects.toThrow(message)
    })
})
