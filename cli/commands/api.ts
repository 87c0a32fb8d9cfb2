/** `pt api`: the API alone, on a read database that a projector elsewhere keeps. */
import { jsonLog } from '../../src/log.ts'
import type { Command } from '../command.ts'
import { environmentCache, environmentHttp, resolveApiRead } from '../connections.ts'
import { aborted } from '../interrupt.ts'
import { warnUnlessBound } from '../stack/api-login.ts'
import { assertPortFree, parsePort, portError } from '../stack/port.ts'
import { readJwtSecret, tokenSettings } from '../token/secret.ts'

export const command: Command = {
  path: ['api'],
  summary:
    'Run the API alone, on READ_API_DATABASE_URL, READ_DATABASE_URL or the read database of a stack',
  usage: '[--port 8788] [--host 127.0.0.1]',
  options: {
    port: { type: 'string', value: 'N', default: '8788', help: 'the port that it listens on' },
    host: {
      type: 'string',
      value: 'ADDRESS',
      default: '127.0.0.1',
      help: 'the address that it listens on',
    },
  },
  async run({ values, data, json, signal }) {
    const port = parsePort(values.port as string)
    const host = values.host as string
    const cache = environmentCache() ?? 'none'
    const readUrl = await resolveApiRead(data)
    const tokens = await tokenSettings(() => readJwtSecret(data))
    await assertPortFree(host, port)
    const { serveBun } = await import('../../src/entry/bun.ts')
    const log = jsonLog('api')
    if (cache === 'none')
      log.warn('without a Redis nothing is cached: set UPSTASH_REDIS_REST_URL and _TOKEN')
    await warnUnlessBound(readUrl, log)
    const { SOURCE_DATABASE_URL: sourceUrl } = process.env
    if (!sourceUrl) log.warn('without SOURCE_DATABASE_URL the API only reads: no commands')
    const api = await serveBun({
      readUrl,
      ...(sourceUrl && { sourceUrl }),
      tokens,
      cache,
      port,
      host,
      log,
      http: environmentHttp(),
    }).catch((error) => {
      throw portError(host, port, error)
    })
    console.log(json ? JSON.stringify({ apiUrl: api.url }) : `The API listens on ${api.url}`)
    await aborted(signal)
    await api.stop()
    return 0
  },
}
