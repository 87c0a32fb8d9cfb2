/** Requests of every operation of the document, right and wrong ones. */
import fc from 'fast-check'
import type {
  HttpMethod,
  OpenApiDocument,
  OpenApiOperation,
  OpenApiParameter,
} from '../../../src/http/openapi.ts'
import { bodyValue, type Known, type Late, nasty, parameterValue } from './values.ts'

/** How the sender shows who it is. */
const SENDERS = ['admin', 'manager', 'cashier', 'northOnly', 'garbage', 'none'] as const
export type Sender = (typeof SENDERS)[number]

/** A request before it is known who sends it and what there is. */
export interface Plan {
  operationId: string
  sender: Sender
  method: string
  nth: number
  address: Late
  headers: [name: string, value: Late][]
  body: Late | null
}

export interface SentRequest {
  method: string
  path: string
  headers: Record<string, string>
  body?: string
}

/** Any request of any operation of the document. */
export function plans(document: OpenApiDocument): fc.Arbitrary<Plan> {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      // What is behind the door is worth more requests than what anybody may see.
      weight: operation.security.length > 0 ? 5 : 1,
      arbitrary: plan(path, method as HttpMethod, operation, document),
    })),
  )
  return fc.noBias(fc.oneof(...all))
}

const sometimes = (oneIn: number) => fc.nat(oneIn - 1).map((dice) => dice === 0)

function rarely<T>(oneIn: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return sometimes(oneIn).chain(
    (now): fc.Arbitrary<T | null> => (now ? arbitrary : fc.constant(null)),
  )
}

function plan(
  path: string,
  method: HttpMethod,
  { operationId, parameters, requestBody }: OpenApiOperation,
  { components: { schemas } }: OpenApiDocument,
): fc.Arbitrary<Plan> {
  const values = parameters.map((parameter) =>
    fc
      .tuple(
        parameter.required ? sometimes(30).map((missing) => !missing) : fc.boolean(),
        sometimes(10).chain((wrong) => parameterValue(named(parameter, path), schemas, wrong)),
      )
      .map(([present, value]) => ({ ...parameter, present, value })),
  )
  const body = requestBody?.content['application/json'].schema
  return fc
    .record({
      values: fc.tuple(...values),
      nth: fc.nat(1_000_000),
      sender: fc.oneof(
        {
          weight: 20,
          arbitrary: fc.constantFrom<Sender>('admin', 'manager', 'cashier', 'northOnly'),
        },
        { weight: 1, arbitrary: fc.constantFrom<Sender>('garbage', 'none') },
      ),
      extra: rarely(25, nasty),
      twice: sometimes(40),
      rawTail: rarely(40, fc.constantFrom('%', '%ZZ', '%ED%A0%80', '%00', '&&=', '/', '//', '?')),
      otherMethod: rarely(25, fc.constantFrom('PUT', 'PATCH', 'OPTIONS', 'HEAD', 'DELETE', 'POST')),
      contentType: fc.oneof(
        { weight: 20, arbitrary: fc.constant('application/json') },
        {
          weight: 1,
          arbitrary: fc.constantFrom('text/plain', 'application/x-www-form-urlencoded', ''),
        },
      ),
      body: body ? bodyValue(body, schemas) : fc.constant(null),
      rawBody: rarely(25, fc.constantFrom('', '{', '[1,]', '\u0000', `${'['.repeat(5_000)}`)),
    })
    .map(({ values, nth, sender, extra, twice, rawTail, otherMethod, contentType, ...given }) => {
      const inQuery = values.filter((one) => one.in === 'query' && one.present)
      const inHeader = values.filter((one) => one.in === 'header' && one.present)
      return {
        operationId,
        sender,
        nth,
        method: otherMethod ?? method.toUpperCase(),
        address(own, foreign, nth) {
          let address = path
          for (const { name, value } of values.filter((one) => one.in === 'path'))
            address = address.replace(`{${name}}`, encoded(value(own, foreign, nth)))
          const pairs = inQuery.map(
            ({ name, value }) => `${encoded(name)}=${encoded(value(own, foreign, nth))}`,
          )
          if (extra !== null) pairs.push(`${encoded(extra)}=1`)
          if (twice && pairs.length > 0) pairs.push(pairs[0]!)
          return `${address}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}${rawTail ?? ''}`
        },
        headers: [
          ...inHeader.map(({ name, value }): [string, Late] => [name, value]),
          ...(body && contentType ? [['Content-Type', () => contentType] as [string, Late]] : []),
        ],
        body:
          body === undefined
            ? null
            : (own: Known, foreign: Known, nth: number) =>
                given.rawBody ?? JSON.stringify(given.body?.(own, foreign, nth)),
      }
    })
}

/** A path's `{id}` by the segment that it follows: `customerId` in `/customers/{id}`. */
function named(parameter: OpenApiParameter, path: string): OpenApiParameter {
  const [, segment] = /\/(\w+)s\/\{id\}/.exec(path) ?? []
  return parameter.name === 'id' && segment ? { ...parameter, name: `${segment}Id` } : parameter
}

/** The plan as it is sent, now. */
export function sentOf(
  { method, nth, address, headers, body }: Plan,
  token: string | null,
  own: Known,
  foreign: Known,
): SentRequest {
  const named = headers.map(([name, value]) => [name, headerText(String(value(own, foreign, nth)))])
  const bodiless = method === 'GET' || method === 'HEAD'
  return {
    method,
    path: String(address(own, foreign, nth)),
    headers: {
      ...Object.fromEntries(named),
      ...(token !== null && { Authorization: `Bearer ${token}` }),
    },
    ...(body && !bodiless && { body: String(body(own, foreign, nth)) }),
  }
}

/** Percent-encoded; a lone surrogate, which has no encoding, becomes the replacement character. */
function encoded(value: unknown): string {
  return encodeURIComponent(wellFormed(String(value)))
}

function wellFormed(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text))
}

/** What fetch lets through: Latin 1 without control characters. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e\xa0-\xff]/g, '?')
}
