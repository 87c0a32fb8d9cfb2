/** Tokens as a till of the tests' chain hands them over. */
import { issueToken, type TokenGrant } from '../../../cli/token/issue-token.ts'
import type { App } from './app.ts'

/** Of somebody of the chain: a cashier who sees everything, for eight hours, where it is not said otherwise. */
export async function tokenFor(app: App, grant: Partial<TokenGrant> = {}): Promise<string> {
  const business = app.shop.businessId
  const [employee] = await employeesOf(app)
  const whose = { business, role: 'cashier', locations: '*', employee: employee! } as const
  const { token } = await issueToken(app.secret, { ...whose, ttlSeconds: 8 * 3600, ...grant })
  return token
}

/** Their ids, always in the same order. */
export async function employeesOf({ shop }: App): Promise<string[]> {
  const rows = await shop.sql<{ id: string }[]>`
    select id from employee where business_id = ${shop.businessId} order by id`
  return rows.map(({ id }) => id)
}
