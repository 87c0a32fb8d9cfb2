/** Forgets what is projected, so that the next start copies the source anew. */
import { readCheckpoint } from './apply/checkpoint.ts'
import { emptyReadModel } from './apply/truncate.ts'
import { connectReadStore } from './apply/writing-connection.ts'
import { FatalProjectorError } from './errors.ts'
import { connectSource, DEFAULT_SLOT, dropSlot, readSlot } from './source/slot.ts'

export interface ResetOptions {
  sourceUrl: string
  readUrl: string
  /** Default: the one that the checkpoint speaks of. */
  slotName?: string
}

/** Throws a FatalProjectorError while a projector streams from the slot. */
export async function reset(options: ResetOptions) {
  const source = connectSource(options.sourceUrl, 1)
  const read = connectReadStore(options.readUrl, 1)
  try {
    const checkpoint = await readCheckpoint(read, 'main')
    const slotName = options.slotName ?? checkpoint?.slotName ?? DEFAULT_SLOT
    const slot = await readSlot(source, slotName)
    if (slot?.activePid)
      throw new FatalProjectorError(`a projector streams from slot ${slotName}: stop it first`)
    // The checkpoint goes first: a kill in between leaves a slot that the next reset drops.
    await emptyReadModel(read)
    await dropSlot(source, slotName)
  } finally {
    await Promise.allSettled([source.end({ timeout: 1 }), read.end({ timeout: 1 })])
  }
}
