/** GET /healthz: the process is up. GET /readyz: it can answer, or what keeps it from that. */
import type * as z from 'zod'
import { type Readiness, readReadiness } from '../../read/readiness.ts'
import { isUnavailable } from '../../read/store.ts'
import { jsonResponse } from '../answer.ts'
import { requestScope } from '../deps.ts'
import { operation } from '../operation.ts'
import { healthAnswer, readyAnswer } from '../schemas.ts'

type ReadyBody = z.infer<typeof readyAnswer>

export const getHealth = operation(
  {
    id: 'getHealth',
    method: 'GET',
    path: '/healthz',
    summary: 'Whether the process is up',
    permission: null,
    answer: { status: 200, description: 'It is', content: healthAnswer },
  },
  () => jsonResponse('{"status":"up"}'),
)

export const getReadiness = operation(
  {
    id: 'getReadiness',
    method: 'GET',
    path: '/readyz',
    summary: 'Whether it can answer, or what keeps it from that (503)',
    permission: null,
    answer: { status: 200, description: 'It can', content: readyAnswer },
    otherAnswers: [{ status: 503, description: 'It can not, and why', content: readyAnswer }],
  },
  async ({ c, services }) => {
    const body = await services.withDb(requestScope(c), readReadiness).then(bodyOf, (error) => {
      if (isUnavailable(error)) return UNREACHABLE
      throw error
    })
    return jsonResponse(JSON.stringify(body), body.status === 'ready' ? 200 : 503)
  },
)

const UNREACHABLE: ReadyBody = {
  status: 'not-ready',
  checks: { store: 'unreachable', schema: 'unknown', projection: 'unknown' },
  detail: 'The read store can not be reached.',
}

function bodyOf(readiness: Readiness): ReadyBody {
  if (readiness.ready) {
    const checks = { store: 'ok', schema: 'ok', projection: 'live' } as const
    return { status: 'ready', checks, asOf: readiness.asOf }
  }
  if (readiness.schema === 'missing') {
    const checks = { store: 'ok', schema: 'missing', projection: 'unknown' } as const
    const detail = 'The read store has no schema: run `pt migrate`.'
    return { status: 'not-ready', checks, detail }
  }
  const projection = readiness.phase ?? 'not-started'
  const detail = `The read model is not whole yet: the projection is ${projection}.`
  return { status: 'not-ready', checks: { store: 'ok', schema: 'ok', projection }, detail }
}
