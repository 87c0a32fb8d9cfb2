/** Slots whose generation is gone: dropped on the source as soon as it can be reached. */
import type { Sql } from 'postgres'
import { dropSlot, endReaderOf } from './source/slot.ts'

/**
 * Drops the slots that `retired_slot` names, and whoever still reads from one loses the connection: what
 * they read for is gone. A kill half-way is made good by the next call.
 */
export async function dropRetiredSlots(source: Sql, read: Sql, sourceId: string): Promise<void> {
  const slots = await read<{ name: string }[]>`
    select slot_name as name from retired_slot where source_id = ${sourceId}`
  for (const { name } of slots) {
    await endReaderOf(source, name)
    await dropSlot(source, name)
    await read`delete from retired_slot where source_id = ${sourceId} and slot_name = ${name}`
  }
}
