/** GET /metrics, for whoever has its token. Who has none does not learn that it is there. */
import { EXPOSITION_TYPE } from '../../exposition.ts'
import type { HttpOptions } from '../deps.ts'
import { operation } from '../operation.ts'
import { Problem } from '../problem.ts'

export const getMetrics = operation(
  {
    id: 'getMetrics',
    method: 'GET',
    path: '/metrics',
    summary: 'What this process did, for Prometheus',
    description:
      'Needs the token of the setting `PT_METRICS_TOKEN` as a Bearer token; without that setting there is nothing here.',
    permission: null,
    answer: { status: 200, description: 'The metrics', content: 'text/plain' },
    problems: ['not-found'],
  },
  async ({ c, services: { http = {}, metrics, cache, audit, changes } }) => {
    if (!(await mayRead(http.metrics, c.req.header('Authorization')))) {
      throw new Problem('not-found')
    }
    const own = metrics.text({
      breakerOpen: cache.breakerOpen,
      audit: audit.stats,
      streams: changes?.size ?? 0,
    })
    const others = (await http.moreMetrics?.()) ?? ''
    return new Response(own + others, {
      headers: { 'Content-Type': EXPOSITION_TYPE, 'Cache-Control': 'no-store' },
    })
  },
)

async function mayRead(
  access: HttpOptions['metrics'],
  authorization: string | undefined,
): Promise<boolean> {
  if (access === undefined || access === 'open') return access === 'open'
  const [given, wanted] = await Promise.all([
    digest(authorization),
    digest(`Bearer ${access.token}`),
  ])
  return given === wanted
}

/** Digests are compared, so that the time says nothing about the token. */
async function digest(text = ''): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return String.fromCharCode(...new Uint8Array(bytes))
}
