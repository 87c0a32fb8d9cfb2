/** How much one person, one chain or one client address may ask, and how that is written in a setting. */

export interface Quota {
  name: QuotaName
  /** Requests. */
  limit: number
  /** In this many seconds. */
  windowS: number
}

/** What an operation counts as. Searches and exports give away most, so they have quotas of their own. */
export type RequestKind = 'read' | 'search' | 'command' | 'export'

/**
 * Per person a busy till's own pace many times over: a customer every twenty seconds is some thirty
 * requests a minute. Per tenant twenty tills at their limit. `unknown` counts answers that there is
 * no such customer or purchase: a till has few of those, and who walks through ids has nothing else.
 */
const DEFAULTS = {
  'person-read': '600/60',
  'person-search': '240/60',
  'person-command': '120/60',
  'person-export': '10/3600',
  'person-unknown': '60/60',
  'tenant-read': '12000/60',
  'tenant-search': '4800/60',
  'tenant-command': '2400/60',
  'tenant-export': '100/3600',
  'tenant-unknown': '600/60',
  /** Requests without a usable token, by client address. */
  'address-refused': '60/60',
} as const

export type QuotaName = keyof typeof DEFAULTS
export type Quotas = Readonly<Record<QuotaName, Quota>>

/**
 * The quotas by a text such as `person-search=60/60,tenant-read=60000/60` (requests/seconds); what it does
 * not name has its default. Null for `off`. Throws a RangeError that names what it can't read.
 */
export function parseQuotas(text: string): Quotas | null {
  if (text.trim() === 'off') return null
  const quotas: Record<string, string> = { ...DEFAULTS }
  for (const part of text.split(',').filter((part) => part.trim() !== '')) {
    const [name = '', value = ''] = part.split('=').map((side) => side.trim())
    if (!Object.hasOwn(DEFAULTS, name)) throw new RangeError(`there is no rate limit "${name}"`)
    quotas[name] = value
  }
  const parsed = Object.entries(quotas).map(([name, value]) => [name, parseQuota(name, value)])
  return Object.fromEntries(parsed)
}

function parseQuota(name: string, value: string): Quota {
  const [, limit, windowS] = /^([1-9]\d{0,8})\/([1-9]\d{0,5})$/.exec(value) ?? []
  if (!limit) throw new RangeError(`the rate limit ${name} is not REQUESTS/SECONDS`)
  return { name: name as QuotaName, limit: Number(limit), windowS: Number(windowS) }
}
