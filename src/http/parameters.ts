/** What a request's parameters may be. Everything unknown, repeated or out of range is refused. */
import * as z from 'zod'
import { endOfDay, instantOfMicros, parseInstant, parsePlainDate } from '../domain/instant.ts'
import { PURCHASE_KINDS, SALE_TYPES } from '../domain/purchase.ts'
import { MAX_RECEIPT_NUMBER } from '../read/purchase-search.ts'
import { invalidParameters, type ParameterError } from './problem.ts'

const DEFAULT_LIMIT = 25
const MAX_LIMIT = 100
const MIN_QUERY = 2
const MAX_QUERY = 100

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Any UUID, of any version; lower case after parsing. */
export const uuid = z
  .string()
  .regex(UUID, 'must be a UUID')
  .toLowerCase()
  .meta({
    wire: { type: 'string', format: 'uuid' },
    examples: ['7b1f4c8e-2f7a-4c53-9f0e-5d1c0a6e2b94'],
  })

export const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, `must be one of ${values.join(', ')}`)

const DATE_HELP =
  'must be a date (2011-12-08) or an RFC 3339 instant (2011-12-08T12:30:00Z, at most six decimals; send a + as %2B)'

/** A plain date stands for the UTC day: its first microsecond as `from`, its last as `to`. */
const instant = (side: 'from' | 'to') =>
  z
    .string()
    .transform((text, context) => {
      const day = parsePlainDate(text)
      const micros = day === null ? parseInstant(text) : side === 'from' ? day : endOfDay(day)
      if (micros !== null) return instantOfMicros(micros)
      context.addIssue({ code: 'custom', message: DATE_HELP })
      return z.NEVER
    })
    .meta({
      description:
        side === 'from'
          ? 'The first moment. A plain date is the start of that UTC day.'
          : 'The last moment, included. A plain date is the end of that UTC day.',
      wire: { type: 'string', anyOf: [{ format: 'date' }, { format: 'date-time' }] },
      examples: ['2024-03-01', '2024-03-01T09:00:00Z'],
    })

/** How many entries a page has at most. */
export const pageLimit = (description: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,2}$/, `must be a whole number from 1 to ${MAX_LIMIT}`)
    .transform(Number)
    .refine((limit) => limit <= MAX_LIMIT, `must be a whole number from 1 to ${MAX_LIMIT}`)
    .default(DEFAULT_LIMIT)
    .meta({
      description,
      wire: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
      examples: [DEFAULT_LIMIT],
    })

export const listQuery = z
  .strictObject({
    fromDate: instant('from').optional(),
    toDate: instant('to').optional(),
    type: oneOf(PURCHASE_KINDS).optional(),
    saleType: oneOf(SALE_TYPES).optional(),
    locationId: uuid.optional(),
    limit: pageLimit('Purchases a page.'),
    cursor: z.string().optional().meta({ description: '`page.next` of the page before.' }),
  })
  .refine(({ fromDate, toDate }) => !fromDate || !toDate || fromDate <= toDate, {
    path: ['fromDate'],
    message: 'must not be after toDate',
  })
export type ListQuery = z.output<typeof listQuery>

/** One character says little in Latin script; in Chinese it is a surname. */
const minimumOf = (text: string) => (/[^\p{ASCII}\p{Script=Latin}]/u.test(text) ? 1 : MIN_QUERY)

const typedText = z
  .string('is required')
  .trim()
  .refine((text) => !text.includes('\u0000'), 'must not hold a NUL character')

export const searchQuery = z.strictObject({
  query: typedText
    .refine(
      (text) => [...text].length >= minimumOf(text) && [...text].length <= MAX_QUERY,
      `must have ${MIN_QUERY} to ${MAX_QUERY} characters`,
    )
    .meta({
      description:
        'Of a name, a phone number or an external ref; one character is enough in a script that is not Latin.',
      wire: { type: 'string', minLength: 1, maxLength: MAX_QUERY },
      examples: ['anna'],
    }),
})

export const receiptQuery = z.strictObject({
  receiptNumber: typedText
    .refine(
      (text) => text !== '' && [...text].length <= MAX_RECEIPT_NUMBER,
      `must have 1 to ${MAX_RECEIPT_NUMBER} characters`,
    )
    .meta({
      description: 'Whole, as it is printed; case and spaces around it do not matter.',
      wire: { type: 'string', minLength: 1, maxLength: MAX_RECEIPT_NUMBER },
      examples: ['R-1024'],
    }),
})

export const noQuery = z.strictObject({})

/** A look at what a command would do. */
export const dryRunQuery = z.strictObject({
  dryRun: oneOf(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({
      description: 'Only say what would be done.',
      wire: { type: 'boolean', default: false },
    }),
})

export const customerPath = z.strictObject({ id: uuid })
export const receiptPath = z.strictObject({ id: uuid, purchaseId: uuid })
export const purchasePath = z.strictObject({ id: uuid })

/** The query string by its schema. Throws an `invalid-parameter` problem that names every fault. */
export function parseQuery<T extends z.ZodType>(schema: T, url: string): z.output<T> {
  const given = url.includes('?') ? new URL(url).searchParams : []
  const values: Record<string, string> = Object.create(null)
  const errors: ParameterError[] = []
  for (const [parameter, value] of given) {
    if (Object.hasOwn(values, parameter)) {
      errors.push({ parameter: shown(parameter), detail: 'must be given once' })
    } else values[parameter] = value
  }
  const parsed = schema.safeParse({ ...values })
  if (parsed.success && errors.length === 0) return parsed.data
  const faults = parsed.error?.issues.flatMap((issue) => parameterErrors(issue, 'query')) ?? []
  throw invalidParameters([...errors, ...faults])
}

/** The path's parameters by their schema. Throws an `invalid-parameter` problem. */
export function parsePath<T extends z.ZodObject>(
  schema: T,
  values: Record<string, string>,
): z.output<T> {
  const parsed = schema.safeParse(values)
  if (parsed.success) return parsed.data
  throw invalidParameters(parsed.error.issues.flatMap((issue) => parameterErrors(issue, 'path')))
}

/** What a problem says of a fault that a schema found; `whole` names what has no name of its own. */
export function parameterErrors(issue: z.core.$ZodIssue, whole: string): ParameterError[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      parameter: shown([...path, key].join('.')),
      detail: 'is not a parameter here',
    }))
  }
  return [{ parameter: shown(path.join('.')) || whole, detail: issue.message }]
}

/** A name that the client made up, cut to a length that an error may repeat. */
function shown(parameter: string): string {
  return parameter.slice(0, 60)
}
