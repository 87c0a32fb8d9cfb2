/** The API's commands on a source of a test's own, without a read store. */
import { type Body, bodyOf, type TestApi, testApi, tokenFor } from '../../http/support/api.ts'
import { BUSINESS, KIM } from '../../projector/support/till.ts'
import type { Shop } from './shop.ts'

interface Sending {
  /** Default: one of its own for each request; null sends none. */
  key?: string | null
  token?: string
  headers?: Record<string, string>
}

/** Where staff stand: it sends requests and reads the answers. */
export class Counter {
  readonly shop: Shop
  readonly token: string
  readonly #api: TestApi

  private constructor(shop: Shop, api: TestApi, token: string) {
    this.shop = shop
    this.token = token
    this.#api = api
  }

  /** @param api how a request is answered; default: by an API that reaches the source, and no read store */
  static async open(shop: Shop, api = apiOn(shop.url)): Promise<Counter> {
    return new Counter(shop, api, await staff())
  }

  /** The same staff at an API that reaches the source by another way. */
  by(sourceUrl: string): Counter {
    return new Counter(this.shop, apiOn(sourceUrl), this.token)
  }

  send(method: string, path: string, body?: Body, sending: Sending = {}): Promise<Response> {
    const { key = crypto.randomUUID(), token = this.token, headers = {} } = sending
    return this.#api.request(path, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(key !== null && { 'Idempotency-Key': key }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }

  async post(path: string, body: Body, status = 201, sending: Sending = {}): Promise<Body> {
    return bodyOf(await this.send('POST', path, body, sending), status)
  }

  async get(path: string, status = 200, sending: Sending = {}): Promise<Body> {
    return bodyOf(await this.send('GET', path, undefined, { key: null, ...sending }), status)
  }
}

/** The last part of a problem's type. */
export function kindOf(problem: Body): string {
  return problem.type.split(':').at(-1)
}

/** Kim, who may do anything, or another. */
export function staff(input: Partial<Parameters<typeof tokenFor>[0]> = {}): Promise<string> {
  return tokenFor({ business: BUSINESS, role: 'owner', employee: KIM, ...input })
}

/** Of the read store it is only asked whether a token was revoked. None was. */
function apiOn(sourceUrl: string): TestApi {
  return testApi(null as never, { sourceUrl, withDb: async () => null as never })
}
