/** From whatever was thrown to the problem that is answered, and to a line in the log where it is ours. */
import { SourceUnavailable } from '../command/source.ts'
import type { Log } from '../log.ts'
import { CustomerErased } from '../read/customer.ts'
import { codeOf, isSchemaMissing, isUnavailable, ReadModelBuilding } from '../read/store.ts'
import type { AppContext } from './deps.ts'
import { Problem } from './problem.ts'

const RETRY_SOON = { 'Retry-After': '2' }
const RETRY_LATER = { 'Retry-After': '10' }

/** No message of an error goes out or into the log: a database repeats values in it. */
export function problemOf(error: Error, c: AppContext, log: Log): Problem {
  if (error instanceof Problem) return error
  if (error instanceof CustomerErased) {
    return new Problem('customer-erased', { members: { customerId: error.customerId } })
  }
  if (error instanceof ReadModelBuilding) {
    const detail = `The read model is in its first copy (${error.phase}); answers would be incomplete.`
    return new Problem('read-model-building', { detail, headers: RETRY_LATER })
  }
  if (isSchemaMissing(error)) {
    const detail = 'The read store has no read model yet.'
    return new Problem('read-model-building', { detail, headers: RETRY_LATER })
  }
  if (error instanceof SourceUnavailable) {
    log.warn('source unavailable', { ...requestOf(c), code: codeOf(error.cause) })
    return new Problem('source-unavailable', { headers: RETRY_SOON })
  }
  const fields = { ...requestOf(c), error: error.name, code: codeOf(error) }
  if (isUnavailable(error)) {
    log.warn('read store unavailable', fields)
    return new Problem('store-unavailable', { headers: RETRY_SOON })
  }
  const instance = `urn:uuid:${crypto.randomUUID()}`
  log.error('request failed', { ...fields, instance, frames: framesOf(error) })
  return new Problem('internal', { members: { instance } })
}

function requestOf(c: AppContext) {
  const { traceId, requestId } = c.get('trace')
  return { path: routeOf(c), traceId, requestId }
}

/** The address without the ids in it. */
function routeOf(c: AppContext): string {
  return new URL(c.req.url).pathname.replace(/\/[0-9a-f-]{36}(?=\/|$)/gi, '/:id').slice(0, 200)
}

/** Where it was thrown, without the message that a stack starts with, which may be anything. */
function framesOf({ stack = '', message }: Error): string {
  const said = stack.indexOf(message)
  const frames = said < 0 ? '' : stack.slice(said + message.length)
  return frames
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 4)
    .map((line) => line.trim())
    .join(' < ')
}
