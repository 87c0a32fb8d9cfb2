/**
 * The recorded demo against its golden tables: what the projection makes of real transactions. When a
 * difference is meant, `bun test/replay/record.ts` writes both files anew.
 */
import { afterAll, describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { createTestDatabases, type TestDatabases } from '../support/postgres.ts'
import { GOLDEN, replayInto, type Tables } from './support.ts'

const BOOT_MS = 300_000
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

      await expect(replayInto(readUrl)).rejects.toThrow('the read store is not empty')
    },
    BOOT_MS,
  )
})
