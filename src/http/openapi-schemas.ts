/**
 * From zod to the JSON Schema of the document. A schema with an `id` becomes a component; one with `wire`
 * is written as that says: what zod checks by code is text to a reader of its own JSON Schema.
 */
import * as z from 'zod'

/** The part of JSON Schema 2020-12 that the document is written in. */
export interface JsonSchema {
  $ref?: string
  type?: string | string[]
  format?: string
  description?: string
  examples?: unknown[]
  default?: unknown
  const?: unknown
  enum?: unknown[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  items?: JsonSchema
  anyOf?: JsonSchema[]
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  minItems?: number
  maxItems?: number
}

const COMPONENTS = '#/components/schemas/'

/** The schemas of one document, and those that have names. */
export class DocumentSchemas {
  readonly components: Record<string, JsonSchema> = {}

  /** What a client sends. Unknown members are refused, and the schema says so. */
  sent(schema: z.ZodType): JsonSchema {
    return this.#written(schema, 'input')
  }

  /** What a client gets. Members may be added later, so the schema does not forbid them. */
  answered(schema: z.ZodType): JsonSchema {
    return this.#written(schema, 'output')
  }

  #written(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const made = z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      override({ zodSchema, jsonSchema }) {
        const {
          id: _,
          wire,
          ...said
        } = z.globalRegistry.get(zodSchema as unknown as z.ZodType) ?? {}
        if (wire) {
          for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
          Object.assign(jsonSchema, wire, said)
        }
        if (io === 'output' && jsonSchema.additionalProperties === false) {
          delete jsonSchema.additionalProperties
        }
      },
    })
    const text = JSON.stringify(made).replaceAll('"#/$defs/', `"${COMPONENTS}`)
    const { $schema, $defs, ...own } = JSON.parse(text)
    Object.assign(this.components, $defs)
    return own
  }
}

/** The schema that a reference stands for, with what is said beside the reference; else the schema. */
export function resolved(schema: JsonSchema, components: Record<string, JsonSchema>): JsonSchema {
  if (schema.$ref === undefined) return schema
  const { $ref, ...beside } = schema
  return { ...components[schemaName($ref)], ...beside }
}

export function schemaName(ref: string): string {
  return ref.slice(COMPONENTS.length)
}
