/**
 * From the OpenAPI document to the types that openapi-fetch takes: `paths`, `operations`, `components`.
 * (openapi-typescript needs the compiler's JavaScript interface, which TypeScript 7 no longer has.)
 */
import type {
  HttpMethod,
  OpenApiDocument,
  OpenApiOperation,
  OpenApiParameter,
} from '../src/http/openapi.ts'
import { type JsonSchema, schemaName } from '../src/http/openapi-schemas.ts'

const HEAD = `/** Made by \`npm run client\` from the API's own document, /openapi.json. Do not edit. */
`
const JSON_TYPE = 'application/json'

/** The text of `schema.d.ts`. The same document always makes the same text. */
export function clientTypes({ paths, components }: OpenApiDocument): string {
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods))
  const byPath = Object.entries(paths).map(([path, methods]) => {
    const entries = Object.entries(methods) as [HttpMethod, OpenApiOperation][]
    const own = entries.map(([method, { operationId }]) => [
      method,
      `operations[${JSON.stringify(operationId)}]`,
    ])
    return [path, object(own as [string, string][])] as [string, string]
  })
  const schemas = Object.entries(components.schemas).map(([name, schema]): [string, string] => [
    name,
    typeOf(schema),
  ])
  return [
    HEAD,
    `export interface paths ${object(byPath)}\n`,
    `export interface operations ${object(operations.map((one) => [one.operationId, operation(one)]))}\n`,
    `export interface components ${object([['schemas', object(schemas)]])}\n`,
    `/** Every \`type\` of a problem. */\nexport type ProblemType =\n  | ${problemTypes(operations).join('\n  | ')}\n`,
  ].join('\n')
}

function operation({ parameters, requestBody, responses }: OpenApiOperation): string {
  const answers = Object.entries(responses).map(([status, { content }]): [string, string] => {
    const media = Object.entries(content ?? {}).map(([type, { schema }]): [string, string] => [
      type,
      typeOf(schema),
    ])
    const body = media.length > 0 ? ['content', object(media)] : ['content?', 'never']
    return [status, object([body as [string, string]])]
  })
  const body = requestBody?.content[JSON_TYPE].schema
  return object([
    [
      'parameters',
      object(
        (['query', 'header', 'path'] as const).map((place) => parametersIn(place, parameters)),
      ),
    ],
    body
      ? ['requestBody', object([['content', object([[JSON_TYPE, typeOf(body)]])]])]
      : ['requestBody?', 'never'],
    ['responses', object(answers)],
  ])
}

/** A header that is needed is one that the client sends by itself if its user does not. */
function parametersIn(
  place: OpenApiParameter['in'],
  all: readonly OpenApiParameter[],
): [string, string] {
  const own = all.filter((parameter) => parameter.in === place)
  if (own.length === 0) return [`${place}?`, 'never']
  const isNeeded = ({ required }: OpenApiParameter) => required && place !== 'header'
  const types = own.map((parameter): [string, string] => [
    isNeeded(parameter) ? parameter.name : `${parameter.name}?`,
    typeOf(parameter.schema),
  ])
  return [own.some(isNeeded) ? place : `${place}?`, object(types)]
}

function problemTypes(operations: readonly OpenApiOperation[]): string[] {
  const types = operations.flatMap(({ responses }) =>
    Object.values(responses).flatMap(
      ({ content }) => content?.['application/problem+json']?.schema.properties?.type?.enum ?? [],
    ),
  )
  return [...new Set(types)].sort().map((type) => JSON.stringify(type))
}

function typeOf(schema: JsonSchema): string {
  const { $ref, properties, required = [], additionalProperties, anyOf, items } = schema
  const parts: string[] = []
  if ($ref !== undefined) parts.push(`components["schemas"][${JSON.stringify(schemaName($ref))}]`)
  if (properties) {
    const members = Object.entries(properties).map(([name, member]): [string, string] => [
      required.includes(name) || $ref !== undefined ? name : `${name}?`,
      typeOf(member),
    ])
    parts.push(object(members, (name) => properties[name.replace(/\?$/, '')]?.description))
  } else if (typeof additionalProperties === 'object') {
    parts.push(`Record<string, ${typeOf(additionalProperties)}>`)
  } else if (schema.const !== undefined) parts.push(JSON.stringify(schema.const))
  else if (schema.enum) parts.push(union(schema.enum.map((value) => JSON.stringify(value))))
  else if (items) parts.push(`${bracketed(typeOf(items))}[]`)
  else if (anyOf?.some(({ type, $ref }) => type !== undefined || $ref !== undefined)) {
    parts.push(union(anyOf.map(typeOf)))
  } else if (schema.type !== undefined) {
    parts.push(union([schema.type].flat().map((name) => PRIMITIVES[name] ?? 'unknown')))
  }
  return parts.length > 0 ? parts.map(bracketed).join(' & ') : 'unknown'
}

const PRIMITIVES: Record<string, string> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
  object: 'Record<string, unknown>',
}

const union = (types: readonly string[]): string => [...new Set(types)].join(' | ')

function bracketed(type: string): string {
  return type.includes(' | ') && !type.startsWith('{') ? `(${type})` : type
}

/** The members, each on a line of its own; a name that ends in `?` may be missing. */
function object(
  members: readonly (readonly [name: string, type: string])[],
  descriptionOf: (name: string) => string | undefined = () => undefined,
): string {
  const lines = members.map(([name, type]) => {
    const description = descriptionOf(name)
    const [key, optional] = name.endsWith('?') ? [name.slice(0, -1), '?'] : [name, '']
    const said = description ? `/** ${description.replaceAll('*/', '*\\/')} */\n` : ''
    return `${said}${/^\d+$/.test(key!) ? key : JSON.stringify(key)}${optional}: ${type}`.replace(
      /^/gm,
      '  ',
    )
  })
  return lines.length > 0 ? `{\n${lines.join('\n')}\n}` : '{}'
}
