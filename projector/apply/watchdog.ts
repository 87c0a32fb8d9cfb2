/**
 * Notices a connection to the read store that is dead and does not say so: a statement stays without an
 * answer while the server, asked by another way, is not at work on it. A statement that only takes its
 * time, or waits for a lock, is left alone.
 */
import type { Log } from '../../src/log.ts'
import type { ReadStoreWriter } from './writer.ts'

/**
 * Closes the writer when its connection is dead: the work at hand then fails.
 * @param patienceMs how long a statement may be unanswered before the server is asked
 * @returns ends the watch
 */
export function watchWriter(writer: ReadStoreWriter, patienceMs: number, log: Log): () => void {
  let doubts = 0
  const timer = setInterval(async () => {
    const since = writer.workingSince
    if (since === null || performance.now() - since < patienceMs) {
      doubts = 0
      return
    }
    const answer = writer.isServed().catch(() => false)
    const served = await Promise.race([answer, Bun.sleep(patienceMs / 4).then(() => false)])
    // Between two statements the server is idle for a moment: twice in the same work is no moment.
    doubts = served || writer.workingSince !== since ? 0 : doubts + 1
    if (doubts < 2) return
    clearInterval(timer)
    log.warn('the read store has gone silent')
    await writer.close()
  }, patienceMs / 2)
  return () => clearInterval(timer)
}
