/** Issues the tokens that `src/http` verifies. */
import { SignJWT } from 'jose'
import { type Role, TOKEN_AUDIENCE, TOKEN_ISSUER } from '../../src/domain/access.ts'

export interface TokenGrant {
  /** Id of the business: the tenant that the token opens, and the only one. */
  business: string
  role: Role
  /** Ids of the locations whose purchases are seen; `*` for all. */
  locations: '*' | string[]
  ttlSeconds: number
}

/** An HS256 JWT, without an employee: it speaks for the command line. */
export async function issueToken(
  secret: string,
  { business, role, locations, ttlSeconds }: TokenGrant,
): Promise<{ token: string; expiresAt: Date }> {
  const issuedAt = Math.floor(Date.now() / 1000)
  const expires = issuedAt + ttlSeconds
  const token = await new SignJWT({ business, employee: null, role, locations })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setSubject('pt')
    .setIssuedAt(issuedAt)
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(secret))
  return { token, expiresAt: new Date(expires * 1000) }
}
