/**
 * The gateway's connection to Redis: one for all commands, and one more for subscriptions once there
 * is any. It comes back by itself; meanwhile every call fails at once.
 */
import { createClient, RESP_TYPES, SimpleError } from '@redis/client'
import type { Log } from '../../src/log.ts'
import { CliError } from '../command.ts'
import type { RedisCommand } from './command.ts'
import { type CommandTable, commandTable } from './policy.ts'
import { type RedisReply, RedisReplyError } from './reply.ts'

interface RedisLinkOptions {
  /** `redis://[user:password@]host[:port][/database]`, `rediss://…`, or `redis+unix:///path`. */
  url: string
  log: Log
  /** How long a request waits for Redis. Default two seconds. */
  timeoutMs?: number
}

/** Redis is not there, or does not answer in time; the message is for the client. */
export class RedisUnavailable extends Error {
  override readonly name = 'RedisUnavailable'
}

const TIMEOUT_MS = 2_000
const CONNECT_TIMEOUT_MS = 2_000
const RECONNECT_MS = 100
/** A connection on which nothing comes for so long is dead, as it is asked once a second. */
const SILENCE_MS = 5_000
const PING_MS = 1_000
/** A server that hangs is not buried under requests that nobody waits for any more. */
const MAX_QUEUE = 20_000

/** Bulk strings as bytes, integers as their digits: nothing is rounded, and a status is a string. */
const EXACT = {
  typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.NUMBER]: String },
} as const

function openClient(url: string) {
  const { protocol, pathname } = new URL(url)
  const address =
    protocol === 'redis+unix:' ? { socket: { path: decodeURIComponent(pathname) } } : { url }
  return createClient({
    ...address,
    RESP: 2,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_QUEUE,
    // The library's own limit ends with the writing; ours, below, covers the answer.
    commandOptions: { timeout: 0 },
    pingInterval: PING_MS,
    socket: {
      ...('socket' in address && address.socket),
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_MS,
      reconnectStrategy: () => RECONNECT_MS,
    },
  })
}
type Client = ReturnType<typeof openClient>

export class RedisLink {
  readonly #options: RedisLinkOptions
  readonly #client: Client
  #table: CommandTable | null = null
  #subscriber: Promise<Client> | null = null

  private constructor(options: RedisLinkOptions) {
    this.#options = options
    this.#client = openClient(options.url)
  }

  /**
   * Resolves when Redis answers, or could not be reached: then the link goes on trying.
   * @throws CliError when Redis refuses us: a wrong password or database is not mended by waiting
   */
  static async open(options: RedisLinkOptions): Promise<RedisLink> {
    const link = new RedisLink(options)
    await link.#connect()
    return link
  }

  /** What this Redis tells of its commands; null while it is away. */
  get table(): CommandTable | null {
    return this.#client.isReady ? this.#table : null
  }

  /** Sends the commands in one go. They are carried out in their order, each with a reply of its own. */
  send(commands: readonly RedisCommand[]): Promise<RedisReply[]> {
    return this.#inTime(commands.map((command) => this.#ask(this.#client, command)))
  }

  /**
   * All commands as one transaction.
   * @throws RedisReplyError when it is discarded: nothing was done then
   */
  async transaction(commands: readonly RedisCommand[]): Promise<RedisReply[]> {
    // Kept together by the library, so that a part is never sent over the next connection.
    const chainId = Symbol('transaction')
    const steps: RedisCommand[] = [['MULTI'], ...commands, ['EXEC']]
    const replies = await this.#inTime(
      steps.map((command) => this.#ask(this.#client, command, { chainId })),
    )
    const refused = replies.find((reply) => reply instanceof Error)
    if (refused) throw new RedisReplyError(refused.message)
    return replies.at(-1) as RedisReply[]
  }

  /**
   * Hears what is published on a channel, or on all that match a pattern. Goes on after Redis was away;
   * what was published meanwhile is lost, as it is for every subscriber.
   * @returns what ends it
   */
  async subscribe(
    kind: 'subscribe' | 'psubscribe',
    channel: string,
    hear: (message: Buffer, channel: Buffer) => void,
  ): Promise<() => void> {
    if (!this.table) throw new RedisUnavailable('ERR Redis can not be reached')
    this.#subscriber ??= this.#openSubscriber()
    const subscriber = await this.#subscriber
    // With `true` the listener is given bytes, whatever the types say.
    const listener = hear as (message: unknown, channel: unknown) => void
    const isPattern = kind === 'psubscribe'
    const begun = isPattern
      ? subscriber.pSubscribe(channel, listener, true)
      : subscriber.subscribe(channel, listener, true)
    await this.#inTime([begun.then(() => null)])
    return function leave() {
      const left = isPattern
        ? subscriber.pUnsubscribe(channel, listener, true)
        : subscriber.unsubscribe(channel, listener, true)
      left.catch(() => {})
    }
  }

  /** Ends the connections; what waits for an answer fails. */
  async close(): Promise<void> {
    const subscriber = await this.#subscriber?.catch(() => null)
    for (const client of [this.#client, subscriber]) if (client?.isOpen) client.destroy()
  }

  async #connect() {
    const { log } = this.#options
    const first = Promise.withResolvers<void>()
    let away = false
    this.#client.on('error', (error: Error) => {
      // It tries again many times a second; once is enough to say so.
      if (!away) log.warn('redis is away', { reason: reasonOf(error) })
      away = true
      if (/^(WRONGPASS|NOAUTH|NOPERM|ERR)\b/.test(error.message))
        first.reject(new CliError(`Redis refuses the connection: ${error.message}`))
      first.resolve()
    })
    this.#client.on('ready', async () => {
      try {
        this.#table = commandTable(await this.#client.sendCommand(['COMMAND']))
        away = false
        log.info('redis answers')
        first.resolve()
      } catch (error) {
        const { message } = error as Error
        first.reject(new CliError(`Redis does not tell its commands (COMMAND): ${message}`))
      }
    })
    this.#client.connect().catch(() => {})
    await first.promise.catch((error) => {
      this.#client.destroy()
      throw error
    })
  }

  async #openSubscriber(): Promise<Client> {
    const client = openClient(this.#options.url)
    client.on('error', () => {})
    await client.connect()
    return client
  }

  /** An error that Redis answers is a reply; that it does not answer is thrown. */
  async #ask(client: Client, command: RedisCommand, options = {}): Promise<RedisReply> {
    try {
      return (await client.sendCommand(command, { ...EXACT, ...options })) as unknown as RedisReply
    } catch (error) {
      if (error instanceof SimpleError) return new RedisReplyError(error.message)
      throw new RedisUnavailable('ERR Redis can not be reached', { cause: error })
    }
  }

  async #inTime(replies: Promise<RedisReply>[]): Promise<RedisReply[]> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new RedisUnavailable('ERR Redis does not answer in time')),
        this.#options.timeoutMs ?? TIMEOUT_MS,
      )
    })
    try {
      return await Promise.race([Promise.all(replies), late])
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Without addresses and values, which a message may repeat. */
function reasonOf(error: Error): string {
  const { code } = error as { code?: string }
  return code ?? /^[A-Z]{2,}\b/.exec(error.message)?.[0] ?? error.name
}
