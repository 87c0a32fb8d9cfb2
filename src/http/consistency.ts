/**
 * Read your writes: a command answers with a token, and a read that sends it back is answered from a read
 * model that has the command, or not at all.
 */
import { formatLsn, type Lsn, parseLsn } from '../domain/lsn.ts'
import { readPosition } from '../read/position.ts'
import { type AppContext, requestScope, type Services } from './deps.ts'
import { invalidParameters, Problem } from './problem.ts'

export const CONSISTENCY_TOKEN = 'Consistency-Token'

/** The longest that a read waits for the projector. */
const WAIT_MS = 2_000
const POLL_MS = 15
const DEFAULT_SOURCE = 'main'

/** The token of a command: `source@lsn`, for LSNs of two sources do not compare. */
export function consistencyToken({ sourceId = DEFAULT_SOURCE }: Services, lsn: Lsn): string {
  return `${sourceId}@${formatLsn(lsn)}`
}

/**
 * Waits until the read model has what the request's token stands for. Resolves to a position that an answer
 * must have been computed at or behind; null where no token was sent. Throws `not-yet-consistent`.
 */
export async function awaitToken(c: AppContext, services: Services): Promise<Lsn | null> {
  const given = c.req.header(CONSISTENCY_TOKEN)
  if (given === undefined) return null
  const [, sourceId, text] =
    /^([a-z][a-z0-9_-]{0,39})@([0-9A-F]{1,8}\/[0-9A-F]{1,8})$/.exec(given) ?? []
  if (!sourceId || !text) {
    const detail = 'must be a token that a command answered with'
    throw invalidParameters([{ parameter: CONSISTENCY_TOKEN, detail }])
  }
  return reached(c, services, sourceId, parseLsn(text))
}

/** The same for what this request has itself committed to its source. */
export function awaitLsn(c: AppContext, services: Services, lsn: Lsn): Promise<Lsn> {
  return reached(c, services, services.sourceId ?? DEFAULT_SOURCE, lsn)
}

function reached(c: AppContext, services: Services, sourceId: string, lsn: Lsn): Promise<Lsn> {
  const deadline = performance.now() + WAIT_MS
  // One loan for all looks: a Worker opens a client for each.
  return services.withDb(requestScope(c), async (sql) => {
    for (;;) {
      const found = await readPosition(sql, sourceId)
      if (found.applied !== null && parseLsn(found.applied) >= lsn) return parseLsn(found.position)
      if (performance.now() > deadline) throw notYetConsistent()
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  })
}

export function notYetConsistent(): Problem {
  return new Problem('not-yet-consistent', { headers: { 'Retry-After': '1' } })
}
