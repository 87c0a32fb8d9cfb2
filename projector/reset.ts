/** Forgets what is projected, so that the next start copies the source anew. */
import { connectReadStore } from './apply/writer.ts'
import { FatalProjectorError } from './errors.ts'
import { connectSource, DEFAULT_SLOT, dropSlot, readSlot } from './source/slot.ts'

export interface ResetOptions {
  sourceUrl: string
  readUrl: string
  slotName?: string
}

/** Throws a FatalProjectorError while a projector streams from the slot. */
export async function reset({ sourceUrl, readUrl, slotName = DEFAULT_SLOT }: ResetOptions) {
  const source = connectSource(sourceUrl, 1)
  const read = connectReadStore(readUrl, 1)
  try {
    const slot = await readSlot(source, slotName)
    if (slot?.activePid)
      throw new FatalProjectorError(`a projector streams from slot ${slotName}: stop it first`)
    // The checkpoint goes first: a kill in between leaves a slot that the next reset drops.
    await read`
      truncate purchase_timeline, customer_metrics, customer_card, location_card, employee_card,
        projection_checkpoint, dead_letter, cache_outbox`
    await dropSlot(source, slotName)
  } finally {
    await Promise.allSettled([source.end({ timeout: 1 }), read.end({ timeout: 1 })])
  }
}
