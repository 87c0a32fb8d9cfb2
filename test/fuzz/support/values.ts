/**
 * Values for the parameters and bodies of an operation, by its schemas in the OpenAPI document: such as
 * it takes, and such as it must refuse. What stands for something that is there (an id, a cursor) is
 * picked only when the request is sent, from what answers have told by then.
 */
import fc from 'fast-check'
import type { OpenApiParameter } from '../../../src/http/openapi.ts'
import { type JsonSchema, resolved } from '../../../src/http/openapi-schemas.ts'

/** Of what an id is; the word that its parameter's name ends with. */
const ID_KINDS = ['customer', 'purchase', 'line', 'merge', 'location', 'employee'] as const
export type IdKind = (typeof ID_KINDS)[number]

/** What a tenant's people have come to know. */
export interface Known {
  /**
   * The nth purchase is the nth customer's, both taken round and round; a line likewise a purchase's.
   * The nth merge is the last one into the nth customer, or nobody's.
   */
  ids: Record<IdKind, string[]>
  cursors: string[]
  etags: string[]
  tokens: string[]
  words: string[]
}

/** A value that is made when the request is sent; `nth` is the same for all of a request. */
export type Late = (own: Known, foreign: Known, nth: number) => unknown

type Schemas = Record<string, JsonSchema>

const at = (list: readonly string[], nth: number, otherwise: string) =>
  list.length > 0 ? list[nth % list.length]! : otherwise
const literal = (arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<Late> =>
  arbitrary.map((value) => () => value)

/** Texts that have broken something somewhere. */
const NASTY = [
  '',
  ' ',
  "'",
  "'; drop table customer_card; --",
  '%_%',
  '\\',
  '\u0000',
  'a\u0000b',
  '\u202eabc',
  '\u200b',
  '\ufeff',
  'e\u0301'.repeat(60),
  '👩‍👩‍👧‍👦',
  '<script>alert(1)</script>',
  '=CMD()',
  '{{7*7}}',
  '../../etc/passwd',
  'null',
  'undefined',
  'NaN',
  'Infinity',
  '-0',
  '-1',
  '0',
  '1e9',
  '0x10',
  '9'.repeat(40),
  '[]',
  '{"$gt":""}',
  '__proto__',
  'constructor',
  'true',
  '2024-02-30',
  '0000-01-01',
  '9999-12-31T23:59:60Z',
  '2024-01-01T00:00:00+14:00',
  '2024-01-01T00:00:00.0000001Z',
  '275760-09-13T00:00:00Z',
  'x'.repeat(3_000),
  '00000000-0000-0000-0000-000000000000',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  '{7b1f4c8e-2f7a-4c53-9f0e-5d1c0a6e2b94}',
] as const

export const nasty = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
)

/** An id: mostly one's own, now and then another tenant's, of another kind, or nobody's. */
function anId(name: string): fc.Arbitrary<Late> {
  const kind = ID_KINDS.find((kind) => name.toLowerCase().endsWith(`${kind}id`))
  return fc
    .tuple(fc.nat(1_000_000), fc.nat(29), fc.uuid(), fc.constantFrom(...ID_KINDS))
    .map(([other, dice, random, anyKind]) => (own: Known, foreign: Known, nth: number) => {
      if (dice === 0) return random
      const { ids } = dice < 4 ? foreign : own
      return at(ids[dice < 5 ? anyKind : (kind ?? anyKind)], dice < 20 ? nth : other, random)
    })
}

const aDate = fc
  .tuple(
    fc.date({ min: new Date('2025-12-01'), max: new Date('2026-03-01'), noInvalidDate: true }),
    fc.boolean(),
  )
  .map(([date, plain]) => date.toISOString().slice(0, plain ? 10 : 24))

/** A value that the schema allows; `name` tells what an opaque text stands for. */
export function valid(schema: JsonSchema, schemas: Schemas, name = ''): fc.Arbitrary<Late> {
  const {
    type,
    format,
    properties,
    required = [],
    items,
    anyOf,
    ...rest
  } = resolved(schema, schemas)
  if (rest.enum) return literal(fc.constantFrom(...rest.enum))
  if (rest.const !== undefined) return literal(fc.constant(rest.const))
  if (format === 'uuid') return anId(name)
  if (anyOf?.some(({ format }) => format === 'date')) return literal(aDate)
  if (anyOf) return fc.oneof(...anyOf.map((one) => valid(one, schemas, name)))
  if (properties) {
    const members = Object.entries(properties).map(([key, member]) =>
      fc
        .tuple(
          required.includes(key) ? fc.constant(true) : fc.nat(2).map((dice) => dice === 0),
          valid(member, schemas, key),
        )
        .map(([present, value]) => ({ key, present, value })),
    )
    return fc.tuple(...members).map((all) => (own: Known, foreign: Known, nth: number) => {
      const present = all.filter((member) => member.present)
      return Object.fromEntries(present.map(({ key, value }) => [key, value(own, foreign, nth)]))
    })
  }
  if (items) {
    // Mostly as few as may be: of many some would be wrong every time.
    const { minItems: minLength = 0, maxItems: maxLength = 5 } = rest
    const size = fc.constantFrom(0, 0, 0, 1, 4)
    return size
      .chain((more) =>
        fc.array(valid(items, schemas), {
          minLength,
          maxLength: Math.min(maxLength, Math.max(1, minLength) + more),
        }),
      )
      .map(
        (all) => (own: Known, foreign: Known, nth: number) =>
          all.map((value, at) => value(own, foreign, nth + at)),
      )
  }
  if (type === 'boolean') return literal(fc.boolean())
  if (type === 'integer' || type === 'number') {
    const [min, max] = [Math.ceil(rest.minimum ?? -5), Math.floor(rest.maximum ?? 1_000)]
    const random = fc.integer({ min, max })
    return literal(rest.examples ? fc.oneof(fc.constantFrom(...rest.examples), random) : random)
  }
  if (type === 'null') return literal(fc.constant(null))
  return aText(name, rest)
}

function aText(name: string, { minLength = 0, maxLength = 40, examples }: JsonSchema) {
  const drawn = fc.tuple(
    fc.nat(1_000_000),
    fc.string({ minLength: Math.max(1, minLength), maxLength: Math.min(maxLength, 60) }),
  )
  return drawn.map(([nth, random]) => (own: Known, foreign: Known) => {
    const pool = nth % 10 === 0 ? foreign : own
    if (name === 'cursor') return at(pool.cursors, nth, random)
    if (name === 'If-None-Match') return at(pool.etags, nth, random)
    if (name === 'Consistency-Token') return at(own.tokens, nth, 'main@0/1')
    if (name === 'Idempotency-Key') return `key-${nth}`
    if (examples && nth % 3 === 0) return examples[nth % examples.length]
    return at(own.words, nth, random)
  })
}

/** A parameter's value as the client may write it, or a wrong one. */
export function parameterValue(
  { name, schema }: OpenApiParameter,
  schemas: Schemas,
  wrong: boolean,
): fc.Arbitrary<Late> {
  return wrong ? literal(nasty) : valid(schema, schemas, name)
}

/** A body: what the schema allows, or that with a member spoiled, or something else altogether. */
export function bodyValue(schema: JsonSchema, schemas: Schemas): fc.Arbitrary<Late> {
  const right = valid(schema, schemas)
  const spoiled = fc
    .tuple(right, fc.nat(20), fc.oneof(nasty, fc.jsonValue({ maxDepth: 3 })), fc.boolean())
    .map(([make, which, value, added]) => (own: Known, foreign: Known, nth: number) => {
      const whole = make(own, foreign, nth) as Record<string, unknown>
      const names = Object.keys(whole)
      const name = added ? `extra${which}` : (names[which % Math.max(1, names.length)] ?? 'extra')
      return { ...whole, [name]: value }
    })
  return fc.oneof(
    { weight: 8, arbitrary: right },
    { weight: 2, arbitrary: spoiled },
    { weight: 1, arbitrary: literal(fc.jsonValue({ maxDepth: 5 })) },
  )
}
