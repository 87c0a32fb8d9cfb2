/** JSON in which a bigint is a number with all its digits, which `JSON.stringify` refuses to write. */

// TypeScript's library has no JSON.rawJSON yet; workerd, Bun and Deno have it.
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_key, part) =>
    typeof part === 'bigint' ? rawJSON(part.toString()) : part,
  )
}
