/** Who signs tokens: an issuer with a key set, or the secret of PT_JWT_SECRET, else of the data directory. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readJwtSecret as readEnvironment, readTokens } from '../../src/entry/settings.ts'
import type { TokenSettings } from '../../src/http/auth-tokens.ts'
import { CliError } from '../command.ts'
import { asCliError } from '../connections.ts'
import { writeFileWhole } from '../write-file-whole.ts'

/** @throws CliError when there is none, or PT_JWT_SECRET is too short to be one */
export async function readJwtSecret(data: string): Promise<string> {
  const secret = fromEnvironment() ?? (await readFile(join(data, 'secret'), 'utf8').catch(() => ''))
  if (secret) return secret
  throw new CliError(`No secret to sign with: set PT_JWT_SECRET, or start a stack in ${data} first`)
}

/**
 * Whose tokens the API believes: those of PT_JWKS_URL, else those that are signed with this secret.
 * @throws CliError for variables that can't be meant together
 */
export async function tokenSettings(secret: () => Promise<string>): Promise<TokenSettings> {
  const { PT_JWKS_URL } = process.env
  const shared = PT_JWKS_URL ? {} : { PT_JWT_SECRET: await secret() }
  return asCliError(() => readTokens({ ...process.env, ...shared }))
}

/** As `readJwtSecret`. @throws CliError also where only PT_JWKS_URL's issuer can sign */
export async function readSigningSecret(data: string): Promise<string> {
  if (!process.env.PT_JWKS_URL) return readJwtSecret(data)
  throw new CliError('The API believes the tokens of PT_JWKS_URL: its issuer signs them')
}

/** As `readJwtSecret`, and makes the data directory's when it has none yet. */
export async function ensureJwtSecret(data: string): Promise<string> {
  return fromEnvironment() ?? ensureSecretFile(join(data, 'secret'))
}

/** The file's content; at first 256 random bits, readable by the owner alone. */
export async function ensureSecretFile(path: string): Promise<string> {
  const existing = await readFile(path, 'utf8').catch((error) => {
    if (error.code !== 'ENOENT') throw error
    return ''
  })
  if (existing) return existing
  const secret = randomBytes(32).toString('base64url')
  await writeFileWhole(path, secret)
  return secret
}

function fromEnvironment(): string | undefined {
  return process.env.PT_JWT_SECRET ? asCliError(() => readEnvironment(process.env)) : undefined
}
