/**
 * What the API can do, said once: an operation's address, who may use it, what it takes and what it answers
 * with. The router, the validation of requests, the OpenAPI document and the tests of answers all come
 * of it. An operation without a permission does not exist by accident: `permission: null` is said.
 */
import * as z from 'zod'
import type { Permission } from '../domain/permissions.ts'
import { readBody } from './body.ts'
import type { AppContext, Services } from './deps.ts'
import { noQuery, parsePath, parseQuery } from './parameters.ts'
import type { ProblemKind } from './problem.ts'
import type { RequestKind } from './quotas.ts'

export type Method = 'GET' | 'POST' | 'DELETE'

export interface AnswerSpec {
  status: 200 | 201 | 202 | 503
  description: string
  /** Of the JSON body; a media type where it is something else. */
  content: z.ZodType | string
  /** Headers of this answer besides those that every one has. */
  headers?: readonly AnswerHeader[]
}

/** `ETag` also says that `If-None-Match` is understood, and answered with 304. */
type AnswerHeader = 'ETag' | 'Link'

export interface OperationSpec<
  Path extends z.ZodObject = z.ZodObject,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType | undefined = z.ZodType | undefined,
> {
  /** The `operationId`; also the name in audit and metrics. */
  id: string
  method: Method
  /** As OpenAPI writes it: `/customers/{id}/purchases`. */
  path: `/${string}`
  /** One line. */
  summary: string
  /** What the line leaves out; CommonMark. */
  description?: string
  /** What the caller's role must have; null: anybody, without a token. */
  permission: Permission | null
  /** Of the path's parameters. */
  params: Path
  query: Query
  /** Of a JSON body; undefined: none is taken. */
  body: Body
  /** Whether it changes the source, once for each Idempotency-Key. */
  command: boolean
  answer: AnswerSpec
  /** Further answers that are no problems, each of a status of its own. */
  otherAnswers?: readonly AnswerSpec[]
  /** Whether it writes its own row of the access audit. Commands do. */
  auditsItself?: boolean
  /** Which quotas it counts for; by default those of commands or of reads. */
  limitedAs?: RequestKind
  /** Problems besides those that every operation may have. */
  problems: readonly ProblemKind[]
}

/** The parsed parts of a request. */
export interface Input<
  Path extends z.ZodObject,
  Query extends z.ZodType,
  Body extends z.ZodType | undefined,
> {
  c: AppContext
  services: Services
  path: z.output<Path>
  query: z.output<Query>
  body: Body extends z.ZodType ? z.output<Body> : undefined
}

/** An operation with its handler, which gets a request that has passed all that the spec says. */
export interface Operation {
  spec: OperationSpec
  handle(c: AppContext, services: Services): Promise<Response>
}

const NO_PARAMS = z.strictObject({})

export function operation<
  Path extends z.ZodObject = typeof NO_PARAMS,
  Query extends z.ZodType = typeof noQuery,
  Body extends z.ZodType | undefined = undefined,
>(
  spec: Omit<
    OperationSpec<Path, Query, Body>,
    'params' | 'query' | 'body' | 'command' | 'problems'
  > & {
    params?: Path
    query?: Query
    body?: Body
    command?: boolean
    problems?: readonly ProblemKind[]
  },
  handler: (input: Input<Path, Query, Body>) => Response | Promise<Response>,
): Operation {
  const whole: OperationSpec = {
    ...spec,
    params: spec.params ?? NO_PARAMS,
    query: spec.query ?? noQuery,
    body: spec.body,
    command: spec.command ?? false,
    problems: spec.problems ?? [],
  }
  return {
    spec: whole,
    async handle(c, services) {
      const input = {
        c,
        services,
        path: parsePath(whole.params, c.req.param()),
        query: parseQuery(whole.query, c.req.url),
        body: whole.body && (await readBody(whole.body, c.req.raw)),
      }
      return handler(input as Input<Path, Query, Body>)
    },
  }
}
