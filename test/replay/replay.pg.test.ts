/**
 * The recorded demo against its golden tables: what the projection makes of real transactions. When a
 * difference is meant, `bun test/replay/record.ts` writes both files anew.
 */
import { afterAll, describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { readRecording, transactionLine } from '../../projector/record/recording.ts'
import { createTestDatabases, type TestDatabases } from '../support/postgres.ts'
import { GOLDEN, RECORDING, replayInto, type Tables } from './support.ts'

const BOOT_MS = 60_000
const made: TestDatabases[] = []
afterAll(() => Promise.all(made.map((databases) => databases.drop())), BOOT_MS)

async function emptyReadStore(): Promise<string> {
  const databases = await createTestDatabases()
  made.push(databases)
  return databases.readUrl
}

const golden = async (): Promise<Tables> => JSON.parse(await readFile(GOLDEN, 'utf8'))

describe('the recorded demo', () => {
  test(
    'is replayed to its golden tables, in batches of whatever size',
    async () => {
      const expected = await golden()
      expect(expected.purchase_timeline!.length).toBeGreaterThan(20)

      expect(await replayInto(await emptyReadStore())).toEqual(expected)
      for (const batch of [1, 7, 60])
        expect(await replayInto(await emptyReadStore(), { batch })).toEqual(expected)
    },
    BOOT_MS,
  )

  test(
    'is replayed to the same tables when its transactions are cut in chunks',
    async () => {
      const expected = await golden()

      for (const chunk of [1, 3])
        expect(await replayInto(await emptyReadStore(), { chunk })).toEqual(expected)
    },
    BOOT_MS,
  )

  test(
    'is not replayed over what is there',
    async () => {
      const readUrl = await emptyReadStore()
      await replayInto(readUrl)

      expect(replayInto(readUrl)).rejects.toThrow('the read store is not empty')
    },
    BOOT_MS,
  )

  test('is written as it was read', async () => {
    const text = await readFile(RECORDING, 'utf8')
    const [header, ...lines] = text.trimEnd().split('\n')
    const written: string[] = []
    for await (const transaction of readRecording(linesOf(text)))
      written.push(transactionLine(transaction).trimEnd())

    expect(header).toBe('{"format":"purchase-timeline/recording","version":1}')
    expect(written).toEqual(lines)
  })
})

describe('a file that is no recording', () => {
  const read = async (text: string) => {
    for await (const _ of readRecording(linesOf(text))) {
    }
  }
  const header = '{"format":"purchase-timeline/recording","version":1}\n'
  const cases = {
    '': 'the recording is empty',
    '{"format":"other"}\n': 'line 1 of the recording: this is no recording',
    [header.replace('1}', '2}')]: 'line 1 of the recording: version 2 of the format',
    [`${header}{"commitLsn"`]: 'line 2 of the recording',
    [`${header}{"commitLsn":"x","endLsn":"0/1","committedAt":"","changes":[]}`]: 'not an LSN: "x"',
    [`${header}{"commitLsn":"0/1","endLsn":"0/2","committedAt":"2026-01-01T00:00:00.000000Z","changes":[{"op":"insert","table":"nothing","new":{}}]}`]:
      'unknown table "nothing"',
  }
  for (const [text, message] of Object.entries(cases))
    test(`is refused: ${message}`, () => {
      expect(read(text)).rejects.toThrow(message)
    })
})

async function* linesOf(text: string) {
  if (text !== '') yield* text.trimEnd().split('\n')
}
