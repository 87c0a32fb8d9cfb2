/** The headers that the document tells of, said once. */
import type { JsonSchema } from './openapi-schemas.ts'

export interface OpenApiHeader {
  description: string
  schema: JsonSchema
}

const text = (description: string, example: string, more: JsonSchema = {}): OpenApiHeader => ({
  description,
  schema: { type: 'string', examples: [example], ...more },
})
const seconds = (description: string): OpenApiHeader => ({
  description,
  schema: { type: 'integer', minimum: 0, examples: [2] },
})

export const ANSWER_HEADERS = {
  Age: seconds('How old the answer is; only on one from the cache.'),
  Allow: text('The methods that this address knows.', 'GET, HEAD'),
  'Cache-Status': text('RFC 9211: whether the cache had it.', 'purchase-timeline; hit'),
  'Consistency-Token': text(
    'Send it back with reads, and they are answered from what has this change in it.',
    'main@0/2A9F010',
  ),
  ETag: text('Strong. Send it as `If-None-Match` next time.', '"yLCFfrYCgqpcUDkNtrbDmQ"'),
  'Idempotency-Replayed': text('On an answer that was given to this key before.', 'true'),
  Link: text(
    'RFC 8288: the next page, on all pages but the last.',
    '</customers/7b1f4c8e-2f7a-4c53-9f0e-5d1c0a6e2b94/purchases?cursor=AQAFEt1k>; rel="next"',
  ),
  RateLimit: text(
    'What is left of the quota that is nearest to its end.',
    '"person-read";r=598;t=42',
  ),
  'RateLimit-Policy': text(
    'The quotas that this request counted for.',
    '"person-read";q=600;w=60, "tenant-read";q=12000;w=60',
  ),
  'Retry-After': seconds('When to try again; not before.'),
  'WWW-Authenticate': text('RFC 6750.', 'Bearer realm="purchase-timeline"'),
  'X-Request-Id': text('Of this request, for whoever looks for it in the logs.', 'till-7/4711'),
  traceparent: text(
    "W3C Trace Context; the request's own trace where it sent one.",
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  ),
} as const satisfies Record<string, OpenApiHeader>

export const REQUEST_HEADERS = {
  'Consistency-Token': text(
    'Of a command that this answer must have in it. It is waited for, up to two seconds.',
    'main@0/2A9F010',
    { pattern: '^[a-z][a-z0-9_-]{0,39}@[0-9A-F]{1,8}/[0-9A-F]{1,8}$' },
  ),
  'Idempotency-Key': text(
    'One for each intent: asked for again with the same key, a command is done once, and answered as the first time, for 30 days.',
    '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
    { minLength: 1, maxLength: 255 },
  ),
  'If-None-Match': text('The `ETag` of an earlier answer.', '"yLCFfrYCgqpcUDkNtrbDmQ"'),
} as const satisfies Record<string, OpenApiHeader>
