/**
 * Which quotas a request counts for, and what its answer says of them: RateLimit and RateLimit-Policy
 * of draft-ietf-httpapi-ratelimit-headers-11, and the 429 of who has used one up.
 */
import type { SharedCounts } from '../cache/shared-counts.ts'
import type { Principal } from '../domain/access.ts'
import { type AppContext, requestScope } from './deps.ts'
import type { ApiMetrics } from './metrics.ts'
import type { OperationSpec } from './operation.ts'
import { Problem } from './problem.ts'
import type { QuotaName, Quotas, RequestKind } from './quotas.ts'
import { type Claim, claimOf, RateLimiter, type Standing } from './rate-limiter.ts'

export class RateLimits {
  readonly #quotas: Quotas
  readonly #limiter: RateLimiter
  /** Of client addresses, which are nobody else's business: never shared. */
  readonly #addresses: RateLimiter
  readonly #metrics: ApiMetrics
  /** Of those who asked before: a principal is the same object while its token is remembered. */
  readonly #claims = new WeakMap<Principal, Partial<Record<RequestKind | 'unknown', Claim[]>>>()

  constructor(
    quotas: Quotas,
    shared: SharedCounts | undefined,
    now: () => number,
    metrics: ApiMetrics,
  ) {
    this.#quotas = quotas
    this.#limiter = new RateLimiter({ now, ...(shared && { shared }) })
    this.#addresses = new RateLimiter({ now })
    this.#metrics = metrics
  }

  /**
   * Counts a request with a token. Throws `too-many-requests`, which is not counted. Who has asked for too
   * much that is not there is refused everything for a while: else a refusal would tell what is there.
   */
  take(c: AppContext, principal: Principal, spec: OperationSpec): void {
    const claims = this.#claimsOf(principal, kindOf(spec))
    const standings = this.#limiter.look(claims)
    const unknown = this.#limiter.look(this.#claimsOf(principal, 'unknown'))
    this.#assertLeft(c, [...standings, ...unknown.filter(({ left }) => left === 0)])
    this.#limiter.count(claims, requestScope(c).waitUntil)
    for (const standing of standings) standing.left -= 1
  }

  /** Says in the answer how its quotas stand, and counts that something is not there. */
  answered(c: AppContext): void {
    const standings = c.get('rateLimit')
    if (!standings) return
    const { headers, status } = c.res
    const principal = status === 404 && c.get('principal')
    if (principal)
      this.#limiter.count(this.#claimsOf(principal, 'unknown'), requestScope(c).waitUntil)
    headers.set('RateLimit-Policy', standings.map(policyText).join(', '))
    headers.set('RateLimit', standings.map(standingText).join(', '))
  }

  /** Counts a request without a usable token. Throws `too-many-requests` when there were too many. */
  refused(c: AppContext, address: string): void {
    const claims = [claimOf(this.#quotas['address-refused'], blockOf(address))]
    this.#assertLeft(c, this.#addresses.look(claims))
    this.#addresses.count(claims, () => {})
  }

  #claimsOf(principal: Principal, kind: RequestKind | 'unknown'): Claim[] {
    const known = this.#claims.get(principal) ?? {}
    this.#claims.set(principal, known)
    known[kind] ??= this.#makeClaims(principal, kind)
    return known[kind]
  }

  #makeClaims({ employeeId, scope }: Principal, kind: RequestKind | 'unknown'): Claim[] {
    const claim = (name: QuotaName, subject: string) => claimOf(this.#quotas[name], subject)
    const ofTenant = claim(`tenant-${kind}`, scope.businessId)
    // A service acts for no person: what its chain may ask is all that bounds it.
    if (employeeId === null) return [ofTenant]
    return [claim(`person-${kind}`, `${scope.businessId}:${employeeId}`), ofTenant]
  }

  /** Has the standings said in the answer, whichever it becomes. */
  #assertLeft(c: AppContext, standings: Standing[]): void {
    c.set('rateLimit', standings)
    const violated = standings.filter(({ left }) => left === 0)
    if (violated.length === 0) return
    const names = violated.map(({ quota }) => quota.name)
    for (const name of names) this.#metrics.rateLimited(name)
    throw new Problem('too-many-requests', {
      detail: `More was asked than ${names.join(' and ')} allows.`,
      members: { violatedPolicies: names },
      headers: { 'Retry-After': String(Math.max(...violated.map(({ waitS }) => waitS))) },
    })
  }
}

function policyText({ quota: { name, limit, windowS } }: Standing): string {
  return `"${name}";q=${limit};w=${windowS}`
}

function standingText({ quota, left, resetS }: Standing): string {
  return `"${quota.name}";r=${left};t=${resetS}`
}

function kindOf({ limitedAs, command }: OperationSpec): RequestKind {
  return limitedAs ?? (command ? 'command' : 'read')
}

/** An IPv6 client has a block of 2^64 addresses, of which it may use another for each request. */
function blockOf(address: string): string {
  if (address.includes('.') || !address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter(Boolean)
  if (tail === undefined) return groups.slice(0, 4).join(':')
  const after = tail.split(':').filter(Boolean)
  const zeros = Array.from({ length: 8 - groups.length - after.length }, () => '0')
  return [...groups, ...zeros, ...after].slice(0, 4).join(':')
}
