/**
 * The OpenAPI 3.1 document, made of the same operations that the router serves and the same schemas that
 * check what is sent. Nothing in it is written down a second time.
 */

import { ROLES } from '../domain/access.ts'
import { mayDo } from '../domain/permissions.ts'
import { ANSWER_HEADERS, type OpenApiHeader, REQUEST_HEADERS } from './openapi-headers.ts'
import { DocumentSchemas, type JsonSchema } from './openapi-schemas.ts'
import type { AnswerSpec, OperationSpec } from './operation.ts'
import { type ProblemKind, problemStatus, problemTitle, problemType } from './problem.ts'
import { problem } from './schemas.ts'

export const API_VERSION = '0.1.0'

export interface OpenApiParameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  description?: string
  schema: JsonSchema
}

interface OpenApiResponse {
  description: string
  headers: Record<string, { $ref: string }>
  content?: Record<string, { schema: JsonSchema }>
}

export interface OpenApiOperation {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  security: Record<string, string[]>[]
  parameters: OpenApiParameter[]
  requestBody?: { required: true; content: { 'application/json': { schema: JsonSchema } } }
  responses: Record<string, OpenApiResponse>
}

export type HttpMethod = 'get' | 'post' | 'delete'

export interface OpenApiDocument {
  openapi: '3.1.1'
  info: { title: string; version: string; description: string; license: object }
  servers: { url: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, Partial<Record<HttpMethod, OpenApiOperation>>>
  components: {
    schemas: Record<string, JsonSchema>
    headers: Record<string, OpenApiHeader>
    securitySchemes: Record<string, object>
  }
}

const TAGS = {
  Reads: 'What a customer bought and brought back, from the read model.',
  Commands: 'Changes of the source, each once for its Idempotency-Key.',
  Service: 'Of the API itself. No token is needed.',
} as const

const DESCRIPTION = `Everything a customer ever bought or returned, in any store of the chain.

The token decides what is there at all: what it may not see is a 404. Money is in whole minor units. What
is unknown or out of range in a request is refused, never ignored. Any request may bring a W3C \`traceparent\`
and an \`X-Request-Id\`, and every answer has both.`

/** The document for these operations. */
export function openApiDocument(specs: readonly OperationSpec[]): OpenApiDocument {
  const schemas = new DocumentSchemas()
  const paths: OpenApiDocument['paths'] = {}
  for (const spec of specs) {
    paths[spec.path] ??= {}
    paths[spec.path]![methodOf(spec)] = operationOf(spec, schemas)
  }
  schemas.answered(problem)
  return {
    openapi: '3.1.1',
    info: {
      title: 'Purchase timeline',
      version: API_VERSION,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: sorted(schemas.components),
      headers: ANSWER_HEADERS,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}

/** Every problem that the operation may be answered with. */
export function problemsOf({ permission, command, body, problems }: OperationSpec): ProblemKind[] {
  return [
    ...new Set<ProblemKind>([
      'invalid-parameter',
      ...(permission ? OF_TOKENS : []),
      ...(command ? OF_COMMANDS : permission ? OF_READS : []),
      ...(body ? OF_BODIES : []),
      ...problems,
      ...OF_ALL,
    ]),
  ]
}

const OF_TOKENS = [
  'invalid-token',
  'not-permitted',
  'too-many-requests',
  'auth-unavailable',
  // Whether a token has been revoked is in the read store.
  'read-model-building',
  'store-unavailable',
] as const
const OF_COMMANDS = [
  'actor-unknown',
  'idempotency-in-progress',
  'idempotency-key-reused',
  'source-busy',
  'source-unavailable',
] as const
const OF_READS = ['not-yet-consistent'] as const
const OF_BODIES = ['body-too-large', 'unsupported-media-type'] as const
const OF_ALL = ['uri-too-long', 'headers-too-large', 'internal', 'not-set-up'] as const

function methodOf({ method }: OperationSpec): HttpMethod {
  return method.toLowerCase() as HttpMethod
}

function operationOf(spec: OperationSpec, schemas: DocumentSchemas): OpenApiOperation {
  return {
    operationId: spec.id,
    tags: [spec.permission === null ? 'Service' : spec.command ? 'Commands' : 'Reads'],
    summary: spec.summary,
    ...descriptionOf(spec),
    security: spec.permission === null ? [] : [{ bearer: [] }],
    parameters: [
      ...parametersOf('path', schemas.sent(spec.params)),
      ...parametersOf('query', schemas.sent(spec.query)),
      ...headersOf(spec),
    ],
    ...(spec.body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemas.sent(spec.body) } },
      },
    }),
    responses: responsesOf(spec, schemas),
  }
}

function descriptionOf({ permission, description }: OperationSpec): { description?: string } {
  const roles = permission && ROLES.filter((role) => mayDo(role, permission)).join(', ')
  const parts = [description, permission && `Needs \`${permission}\`: ${roles}.`].filter(Boolean)
  return parts.length > 0 ? { description: parts.join('\n\n') } : {}
}

function parametersOf(place: 'path' | 'query', schema: JsonSchema): OpenApiParameter[] {
  return Object.entries(schema.properties ?? {}).map(([name, { description, ...own }]) => ({
    name,
    in: place,
    required: schema.required?.includes(name) ?? false,
    ...(description && { description }),
    schema: own,
  }))
}

function headersOf(spec: OperationSpec): OpenApiParameter[] {
  const names: (keyof typeof REQUEST_HEADERS)[] = []
  if (spec.command) names.push('Idempotency-Key')
  else if (spec.permission) names.push('Consistency-Token')
  if (hasEtag(spec)) names.push('If-None-Match')
  return names.map((name) => ({
    name,
    in: 'header',
    required: name === 'Idempotency-Key',
    ...REQUEST_HEADERS[name],
  }))
}

function hasEtag({ answer }: OperationSpec): boolean {
  return answer.headers?.includes('ETag') ?? false
}

function responsesOf(spec: OperationSpec, schemas: DocumentSchemas): OpenApiOperation['responses'] {
  const responses: OpenApiOperation['responses'] = {}
  for (const answer of [spec.answer, ...(spec.otherAnswers ?? [])]) {
    const { status, description, content } = answer
    responses[status] = {
      description,
      headers: headerRefs(...answerHeaders(spec, answer)),
      content:
        typeof content === 'string'
          ? { [content]: { schema: { type: 'string' } } }
          : { 'application/json': { schema: schemas.answered(content) } },
    }
  }
  if (hasEtag(spec)) {
    responses[304] = { description: 'Not changed', headers: headerRefs('ETag', 'Cache-Status') }
  }
  const kindsOf = problemsOf(spec)
  for (const status of new Set(kindsOf.map(problemStatus))) {
    const kinds = kindsOf.filter((kind) => problemStatus(kind) === status)
    const said = responses[status]
    responses[status] = {
      description: [said?.description, ...kinds.map(problemTitle)].filter(Boolean).join('; '),
      headers: { ...said?.headers, ...headerRefs(...problemHeaders(status)) },
      content: { ...said?.content, 'application/problem+json': { schema: problemOf(kinds) } },
    }
  }
  return responses
}

function problemOf(kinds: readonly ProblemKind[]): JsonSchema {
  return {
    $ref: '#/components/schemas/Problem',
    properties: { type: { type: 'string', enum: kinds.map(problemType) } },
  }
}

type HeaderName = keyof typeof ANSWER_HEADERS

function answerHeaders(spec: OperationSpec, { headers = [] }: AnswerSpec): HeaderName[] {
  return [
    ...headers,
    ...(headers.includes('ETag') ? (['Cache-Status', 'Age'] as const) : []),
    ...(spec.command ? (['Consistency-Token', 'Idempotency-Replayed'] as const) : []),
    ...(spec.permission ? (['RateLimit', 'RateLimit-Policy'] as const) : []),
  ]
}

function problemHeaders(status: number): HeaderName[] {
  if (status === 401) return ['WWW-Authenticate']
  return status === 429 || status === 503 ? ['Retry-After'] : []
}

function headerRefs(...names: HeaderName[]): Record<string, { $ref: string }> {
  const all = [...names, 'X-Request-Id', 'traceparent']
  return Object.fromEntries(all.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
