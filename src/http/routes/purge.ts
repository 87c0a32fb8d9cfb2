/** GET /devices/purge: whom a device must forget. */
import * as z from 'zod'
import { matches } from '../answer.ts'
import { sourceUrl } from '../command.ts'
import { operation } from '../operation.ts'
import { purgeAnswer } from '../privacy-schemas.ts'

/** Up to the largest bigint of Postgres. */
const purgeQuery = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,18}$/, 'must be `next` of an earlier answer')
    .default('0')
    .transform(BigInt)
    .meta({ wire: { type: 'string', pattern: '^\\d{1,18}$' } }),
})

export const getPurge = operation(
  {
    id: 'getPurge',
    method: 'GET',
    path: '/devices/purge',
    summary: 'Who was erased since a device asked last: it drops what it holds of them',
    permission: 'devices:purge',
    query: purgeQuery,
    answer: { status: 200, description: 'A page', content: purgeAnswer, headers: ['ETag'] },
    problems: ['source-unavailable'],
  },
  async ({ c, services, query: { after } }) => {
    const { businessId } = c.get('principal').scope
    const { body, etag } = await services.purges.page(sourceUrl(c, services), businessId, after)
    const headers = {
      'Cache-Control': 'private, max-age=60',
      Vary: 'Authorization',
      ETag: etag,
    }
    if (matches(c.req.header('If-None-Match'), etag)) {
      return new Response(null, { status: 304, headers })
    }
    return new Response(body, { headers: { 'Content-Type': 'application/json', ...headers } })
  },
)
