/**
 * What this process (on workerd: this isolate) did, for Prometheus. Labels are names from the code: an
 * operation, a status, a kind of problem; never a path, an id or a word that somebody sent.
 */
import { exposition, type MetricFamilies, type Sample } from '../exposition.ts'
import type { AuditStats } from './audit-trail.ts'
import type { ProblemKind } from './problem.ts'

const FAMILIES = {
  pt_http_requests_total: ['counter', 'Requests by operation and status'],
  pt_http_request_seconds: ['histogram', 'Time until the answer began, by operation'],
  pt_http_problems_total: ['counter', 'Answers that were problems, by kind'],
  pt_cache_answers_total: ['counter', 'Answers about a customer, by what the cache had of them'],
  pt_cache_breaker_open: ['gauge', '1 while the cache fails and is not asked'],
  pt_audit_rows_total: [
    'counter',
    'Rows of the access audit that the source has, and that are lost',
  ],
  pt_audit_waiting: ['gauge', 'Rows of the access audit that wait to be written'],
  pt_audit_alerts_total: ['counter', 'Warnings about people who look at very many customers'],
  pt_change_streams: ['gauge', 'Streams of changes that are open'],
  pt_rate_limited_total: ['counter', 'Requests refused, by the quota that was used up'],
} as const satisfies MetricFamilies

/** Upper bounds in seconds. A hit takes about a millisecond, a read of the store a few. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

interface Latency {
  /** How many were within each bucket, but not within the one before. */
  buckets: number[]
  sum: number
  count: number
}

export class ApiMetrics {
  readonly #requests = new Counts()
  readonly #problems = new Counts()
  readonly #cache = new Counts()
  readonly #limited = new Counts()
  readonly #latencies = new Map<string, Latency>()

  /** One answer. `cacheStatus` is its header of that name. */
  answered(operation: string, status: number, seconds: number, cacheStatus: string | null): void {
    this.#requests.add(`${operation} ${status}`)
    if (cacheStatus !== null) this.#cache.add(cacheResult(cacheStatus))
    let latency = this.#latencies.get(operation)
    if (!latency) {
      latency = { buckets: BUCKETS.map(() => 0), sum: 0, count: 0 }
      this.#latencies.set(operation, latency)
    }
    latency.sum += seconds
    latency.count += 1
    const at = BUCKETS.findIndex((bound) => seconds <= bound)
    if (at >= 0) latency.buckets[at]! += 1
  }

  problem(kind: ProblemKind): void {
    this.#problems.add(kind)
  }

  rateLimited(quota: string): void {
    this.#limited.add(quota)
  }

  /** One scrape, in Prometheus's text format. */
  text(now: { breakerOpen: boolean; audit: AuditStats; streams: number }): string {
    const { written, lost, waiting, alerts } = now.audit
    const requests = this.#requests.entries().map(([key, value]): Sample => {
      const [operation, status] = key.split(' ') as [string, string]
      return ['pt_http_requests_total', value, { operation, status }]
    })
    return exposition(FAMILIES, [
      ...requests,
      ...[...this.#latencies].flatMap(([operation, latency]) => histogram(operation, latency)),
      ...this.#problems.samples('pt_http_problems_total', 'kind'),
      ...this.#cache.samples('pt_cache_answers_total', 'result'),
      ['pt_cache_breaker_open', now.breakerOpen ? 1 : 0],
      ['pt_audit_rows_total', written, { result: 'written' }],
      ['pt_audit_rows_total', lost, { result: 'lost' }],
      ['pt_audit_waiting', waiting],
      ['pt_audit_alerts_total', alerts],
      ['pt_change_streams', now.streams],
      ...this.#limited.samples('pt_rate_limited_total', 'quota'),
    ])
  }
}

class Counts {
  readonly #counts = new Map<string, number>()

  add(key: string): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  entries(): [string, number][] {
    return [...this.#counts]
  }

  samples(name: string, label: string): Sample[] {
    return this.entries().map(([key, value]) => [name, value, { [label]: key }])
  }
}

function cacheResult(header: string): 'hit' | 'miss' | 'stale' {
  if (header.endsWith('detail=stale')) return 'stale'
  return header.endsWith('hit') ? 'hit' : 'miss'
}

function histogram(operation: string, { buckets, sum, count }: Latency): Sample[] {
  const name = 'pt_http_request_seconds'
  let within = 0
  const bucketed = BUCKETS.map((bound, at): Sample => {
    within += buckets[at]!
    return [`${name}_bucket`, within, { operation, le: String(bound) }]
  })
  return [
    ...bucketed,
    [`${name}_bucket`, count, { operation, le: '+Inf' }],
    [`${name}_sum`, sum, { operation }],
    [`${name}_count`, count, { operation }],
  ]
}
