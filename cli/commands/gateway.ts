/** `pt gateway`: an Upstash-REST-compatible door to any Redis. docs/GATEWAY.md */
import { join } from 'node:path'
import { jsonLog } from '../../src/log.ts'
import { CliError, type Command } from '../command.ts'
import { aborted } from '../interrupt.ts'
import { assertPortFree, parsePort, portError } from '../stack/port.ts'
import { ensureSecretFile } from '../token/secret.ts'

export const command: Command = {
  path: ['gateway'],
  summary: 'Open an Upstash-REST-compatible door to a Redis of your own',
  usage: '[--redis redis://127.0.0.1:6379] [--port 8079] [--host 127.0.0.1]',
  options: {
    redis: {
      type: 'string',
      value: 'URL',
      help: 'the Redis (default REDIS_URL, else redis://127.0.0.1:6379)',
    },
    port: { type: 'string', value: 'N', default: '8079', help: 'the port that it listens on' },
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
    const redisUrl = redisAddress((values.redis as string) ?? process.env.REDIS_URL)
    await assertPortFree(host, port)
    const ownToken = process.env.UPSTASH_REDIS_REST_TOKEN
    const token = ownToken || (await ensureSecretFile(join(data, 'gateway-token')))
    const readOnlyToken = process.env.UPSTASH_REDIS_REST_READONLY_TOKEN
    if (token === readOnlyToken)
      throw new CliError('UPSTASH_REDIS_REST_READONLY_TOKEN must differ from the token', 2)
    const { openGateway } = await import('../gateway/gateway.ts')
    const gateway = await openGateway({
      redisUrl,
      host,
      port,
      token,
      readOnlyToken,
      log: jsonLog('gateway'),
    }).catch((error) => {
      throw portError(host, port, error)
    })
    // A token of the environment is known there; it need not stand in a terminal or a log, too.
    const made = !ownToken && { token }
    if (json) console.log(JSON.stringify({ url: gateway.url, ...made }))
    else {
      console.log(`The gateway listens. For the API and the projector:`)
      console.log(`UPSTASH_REDIS_REST_URL=${gateway.url}`)
      if (made) console.log(`UPSTASH_REDIS_REST_TOKEN=${token}`)
    }
    await aborted(signal)
    await gateway.stop()
    return 0
  },
}

/** @throws CliError for what is no address of a Redis */
function redisAddress(text = 'redis://127.0.0.1:6379'): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : ''
  if (['redis:', 'rediss:', 'redis+unix:'].includes(protocol)) return text
  throw new CliError(
    '--redis (or REDIS_URL) is an address such as redis://user:password@host:6379/0',
    2,
  )
}
