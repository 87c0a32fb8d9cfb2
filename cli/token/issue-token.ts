/** Issues the tokens that `src/http` verifies. */
import { SignJWT } from 'jose'
import { type Role, TOKEN_AUDIENCE, TOKEN_ISSUER } from '../../src/domain/access.ts'
import type { Visibility } from '../../src/domain/scope.ts'

export interface TokenGrant {
  /** Id of the business: the tenant that the token opens, and the only one. */
  business: string
  role: Role
  /** Ids of the locations whose purchases are seen; `*` for all. */
  locations: '*' | string[]
  /** How much is seen of the other locations. */
  visibility?: Visibility
  /** Who it is; null: nobody, the command line. */
  employee?: string | null
  /** What the app calls her. */
  name?: string | undefined
  ttlSeconds: number
}

/** An HS256 JWT, for the issuer and audience that the API is set up with. */
export async function issueToken(
  secret: string,
  { business, role, locations, visibility = 'own', employee = null, name, ttlSeconds }: TokenGrant,
): Promise<{ token: string; expiresAt: Date }> {
  const issuedAt = Math.floor(Date.now() / 1000)
  const expires = issuedAt + ttlSeconds
  const token = await new SignJWT({ business, employee, name, role, locations, visibility })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(process.env.PT_JWT_ISSUER || TOKEN_ISSUER)
    .setAudience(process.env.PT_JWT_AUDIENCE || TOKEN_AUDIENCE)
    .setSubject(employee ?? 'pt')
    .setIssuedAt(issuedAt)
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(secret))
  return { token, expiresAt: new Date(expires * 1000) }
}
