/** Takes back tokens that are out: the API learns of it when it next looks at one, within a minute. */
import postgres from 'postgres'
import { unreachable } from '../database-errors.ts'

interface Revocation {
  business: string
  /** null: everybody's, and those of nobody. */
  employee: string | null
}

/**
 * Resolves when it is durable, and tokens that are issued from now on are good again: `iat` counts whole
 * seconds, so the present one is waited for to pass.
 * @param readUrl the read store as its owner
 * @returns tokens that were issued before it are not good
 */
export async function revokeTokens(
  readUrl: string,
  { business, employee }: Revocation,
): Promise<Date> {
  const issuedBefore = new Date(Math.floor(Date.now() / 1000 + 1) * 1000)
  const sql = postgres(readUrl, { max: 1, onnotice() {} })
  try {
    await sql`
      insert into token_revocation as known (business_id, employee_id, issued_before)
      values (${business}, ${employee}, ${issuedBefore})
      on conflict on constraint token_revocation_key
      do update set issued_before = greatest(known.issued_before, excluded.issued_before)`
  } catch (error) {
    throw unreachable(readUrl, error)
  } finally {
    await sql.end({ timeout: 5 })
  }
  await new Promise((resolve) => setTimeout(resolve, issuedBefore.getTime() - Date.now()))
  return issuedBefore
}
