/** JSON bodies of requests: small, of the right type, and by their schema. */
import type * as z from 'zod'
import { parameterErrors } from './parameters.ts'
import { invalidParameters, Problem } from './problem.ts'

/** No body that is taken here needs more; a quick return of a thousand lines fits. */
export const MAX_BODY_BYTES = 256 * 1024

/**
 * The body by its schema.
 * Throws `unsupported-media-type`, `body-too-large`, or `invalid-parameter` that names every fault.
 */
export async function readBody<T extends z.ZodType>(
  schema: T,
  request: Request,
): Promise<z.output<T>> {
  // Also keeps out what a foreign page's form could send without asking first.
  if (
    !/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(
      request.headers.get('Content-Type') ?? '',
    )
  ) {
    throw new Problem('unsupported-media-type', { detail: 'Send the body as application/json.' })
  }
  const parsed = schema.safeParse(jsonOf(await bytesOf(request)))
  if (parsed.success) return parsed.data
  throw invalidParameters(parsed.error.issues.flatMap((issue) => parameterErrors(issue, 'body')))
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), withoutNul)
  } catch {
    throw invalidParameters([
      { parameter: 'body', detail: 'must be JSON in UTF-8, without NUL characters' },
    ])
  }
}

/** A reviver. PostgreSQL has no text with a NUL in it, so that none of ours has. */
function withoutNul(_key: string, value: unknown): unknown {
  if (typeof value === 'string' && value.includes('\u0000')) throw new SyntaxError('a NUL')
  return value
}

/** Reads no further than a byte beyond what is allowed, whatever the length was said to be. */
async function bytesOf(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > MAX_BODY_BYTES) {
      throw new Problem('body-too-large', { detail: `A body has at most ${MAX_BODY_BYTES} bytes.` })
    }
    chunks.push(chunk)
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
