/** Signing out, whatever other tabs are at. */
import { NotKept } from '../outbox/queue.ts'
import { outbox } from '../outbox/state.ts'
import { leave } from './session.ts'

/** A tab that is frozen may hold the lock that the outbox waits for: nobody stays signed in for that. */
const PATIENCE_MS = 3_000

/** Signs her out; nothing of hers stays, also of what this tab alone holds. */
export async function leaveAll(): Promise<void> {
  const cleared = outbox
    .peek()
    ?.queue.clear()
    .catch((error) => {
      // The vault goes with all that is in it.
      if (!(error instanceof NotKept)) throw error
    })
  await inTime(cleared)
  await leave()
}

/** Resolves when it is done, or has taken too long. */
export function inTime(done: Promise<unknown> | undefined): Promise<unknown> {
  return Promise.race([done, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])
}
