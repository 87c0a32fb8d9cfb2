/** Forgets what is projected, so that the next start copies the source anew. */
import { readCheckpoints } from './apply/checkpoint.ts'
import { dropSource } from './apply/generation.ts'
import { connectReadStore } from './apply/writing-connection.ts'
import { FatalProjectorError } from './errors.ts'
import { dropRetiredSlots } from './retired-slots.ts'
import { connectSource, DEFAULT_SLOT, dropSlot, readSlot } from './source/slot.ts'

interface ResetOptions {
  sourceUrl: string
  readUrl: string
  /** Default `main`. What other sources have is left alone. */
  sourceId?: string
  /** Default: the one that the checkpoint speaks of. */
  slotName?: string
}

/** Throws a FatalProjectorError while a projector streams from the slot. */
export async function reset(options: ResetOptions) {
  const { sourceUrl, readUrl, sourceId = 'main' } = options
  const source = connectSource(sourceUrl, 1)
  const read = connectReadStore(readUrl, { max: 1 })
  try {
    const known = (await readCheckpoints(read, sourceId)).map(({ slotName }) => slotName)
    const slots = new Set([...known, options.slotName ?? known[0] ?? DEFAULT_SLOT])
    for (const slotName of slots) {
      const slot = await readSlot(source, slotName)
      if (slot?.activePid)
        throw new FatalProjectorError(`a projector streams from slot ${slotName}: stop it first`)
    }
    // The checkpoint goes first: a kill in between leaves slots that the next start or reset drops.
    await dropSource(readUrl, sourceId)
    await dropRetiredSlots(source, read, sourceId)
    for (const slotName of slots) await dropSlot(source, slotName)
  } finally {
    await Promise.allSettled([source.end({ timeout: 1 }), read.end({ timeout: 1 })])
  }
}
