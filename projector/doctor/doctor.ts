/** `pt doctor`: everything that a source and a read store need, looked at; nothing is changed. */
import type { Sql } from 'postgres'
import { type Checkpoint, readCheckpoint } from '../apply/checkpoint.ts'
import { connectReadStore } from '../apply/writing-connection.ts'
import { sqlState } from '../errors.ts'
import { DEFAULT_PUBLICATION } from '../source/publication.ts'
import { connectSource, DEFAULT_SLOT } from '../source/slot.ts'
import { checkApiRole } from './api-role.ts'
import type { Finding } from './finding.ts'
import { readProvider } from './provider.ts'
import { checkApart, checkReadStore } from './read-store.ts'
import { checkSettings, measureWalRate } from './settings.ts'
import { checkSlot } from './slot.ts'
import { checkRole, checkTables } from './tables.ts'

interface DoctorOptions {
  sourceUrl: string
  readUrl: string
  sourceSchema?: string
  publication?: string
  slotName?: string
  sourceId?: string
  /** Migrations that the read store lacks. */
  pendingMigrations: readonly string[]
  /** For how long the source's WAL is measured. */
  measureMs?: number
}

const MEASURE_MS = 1_000

/** Every check, in the order in which an operator would mend. Takes a second: the WAL's rate is measured. */
export async function examine(options: DoctorOptions): Promise<Finding[]> {
  const { sourceUrl, readUrl, sourceSchema, publication = DEFAULT_PUBLICATION } = options
  const { sourceId = 'main', pendingMigrations } = options
  const source = connectSource(sourceUrl, 1, sourceSchema)
  const read = connectReadStore(readUrl, { max: 1 })
  try {
    const checkpoint = await findCheckpoint(read, sourceId)
    const slotName = checkpoint?.slotName ?? options.slotName ?? DEFAULT_SLOT
    const provider = await readProvider(source)
    const rate = await measureWalRate(source, options.measureMs ?? MEASURE_MS)
    return [
      ...(await checkSettings(source, provider, slotName, rate)),
      ...(await checkRole(source, provider)),
      ...(await checkTables(source, publication)),
      ...(await checkSlot(source, slotName, checkpoint, rate)),
      ...(await checkReadStore(read, pendingMigrations)),
      ...(await checkApiRole(read)),
      ...(await checkApart(source, read)),
    ]
  } finally {
    await Promise.allSettled([source.end({ timeout: 1 }), read.end({ timeout: 1 })])
  }
}

const UNREADABLE = /^(42P01|42703|42501)$/

/** null also for a store that is not migrated, or not to be read: another check says so. */
async function findCheckpoint(read: Sql, sourceId: string): Promise<Checkpoint | null> {
  try {
    return await readCheckpoint(read, sourceId)
  } catch (error) {
    if (UNREADABLE.test(sqlState(error) ?? '')) return null
    throw error
  }
}
