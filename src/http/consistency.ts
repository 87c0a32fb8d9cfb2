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
/** Between looks: most are there at the second or third; a token of a far future costs few. */
const FIRST_PAUSE_MS = 5
const LAST_PAUSE_MS = 160
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
  if (!sourceId || !text) throw noToken()
  return reached(c, services, sourceId, parseLsn(text), noToken)
}

function noToken(): Problem {
  const detail = 'must be a token that a command answered with'
  return invalidParameters([{ parameter: CONSISTENCY_TOKEN, detail }])
}

/** The same for what this request has itself committed to its source. */
export function awaitLsn(c: AppContext, services: Services, lsn: Lsn): Promise<Lsn> {
  return reached(c, services, services.sourceId ?? DEFAULT_SOURCE, lsn, notYetConsistent)
}

/** @param unknown what it is when the read model is fed by no such source, nor about to be */
function reached(
  c: AppContext,
  services: Services,
  sourceId: string,
  lsn: Lsn,
  unknown: () => Problem,
): Promise<Lsn> {
  const deadline = performance.now() + WAIT_MS
  // One loan for all looks: a Worker opens a client for each.
  return services.withDb(requestScope(c), async (sql) => {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LAST_PAUSE_MS)) {
      const found = await readPosition(sql, sourceId)
      if (found.applied !== null && parseLsn(found.applied) >= lsn) return parseLsn(found.position)
      if (!found.known) throw unknown()
      if (performance.now() > deadline) throw notYetConsistent()
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  })
}

export function notYetConsistent(): Problem {
  return new Problem('not-yet-consistent', { headers: { 'Retry-After': '1' } })
}
