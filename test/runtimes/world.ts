/**
 * What the contract suite asks about: a read store with a small chain in it, a real Redis behind an
 * Upstash-REST door, and tokens. The same for all runtimes, so that their answers can be compared.
 */
import { UpstashStore } from '../../src/cache/upstash-store.ts'
import { formatLsn, type Lsn, parseLsn } from '../../src/domain/lsn.ts'
import { type RedisServer, startRedis } from '../cache/redis-server.ts'
import { openDoor, type UpstashDoor } from '../cache/upstash-door.ts'
import { SECRET, tokenFor } from '../http/support/api.ts'
import { line, makeId, ReadModel } from '../http/support/read-model.ts'
import { Way } from '../support/way.ts'

/** One more than a double holds. */
export const BIG = 2n ** 53n + 1n
const PURCHASES = 7

export class World {
  readonly model: ReadModel
  readonly redis: RedisServer
  readonly door: UpstashDoor
  /** The way from the runtimes to the read store. */
  readonly way: Way
  /** What the projector would raise floors in. */
  readonly floors: UpstashStore
  readonly business = makeId('biz')
  readonly stranger = makeId('biz')
  high = ''
  low = ''
  customer = ''
  sale = ''
  token = ''
  /** Sees the low street's shop alone. */
  narrow = ''
  expired = ''
  foreign = ''
  #lsn = parseLsn('0/1000')

  private constructor(model: ReadModel, redis: RedisServer, door: UpstashDoor) {
    this.model = model
    this.redis = redis
    this.door = door
    this.floors = new UpstashStore(this.door)
    this.way = new Way(model.url)
  }

  static async open(): Promise<World> {
    const redis = await startRedis()
    const world = new World(await ReadModel.create(), redis, await openDoor(redis))
    await world.#fill()
    await world.way.mend()
    await world.forget()
    return world
  }

  /** Nothing is cached any more, and everything may be. */
  async forget(): Promise<void> {
    await this.redis.client.send('FLUSHALL', [])
    await this.floors.raise(this.#lsn, [])
  }

  async close(): Promise<void> {
    await this.door.stop()
    await this.redis.stop()
    await this.way.cut()
    await this.model.drop()
  }

  /** The variables of an API on this world. */
  get env(): Record<string, string> {
    return {
      READ_DATABASE_URL: this.way.url,
      PT_JWT_SECRET: SECRET,
      UPSTASH_REDIS_REST_URL: this.door.url,
      UPSTASH_REDIS_REST_TOKEN: this.door.token,
    }
  }

  async buy(customerId: string, total: number): Promise<void> {
    const purchase = { businessId: this.business, customerId, locationId: this.high, total }
    await this.model.purchases([purchase])
  }

  /** The read model moves on, and the customer's floor with it, as a projector does it. */
  async touch(customerId: string): Promise<void> {
    this.#lsn = (this.#lsn + 0x1000n) as Lsn
    await this.model.checkpoint({ lsn: formatLsn(this.#lsn) })
    await this.floors.raise(this.#lsn, [customerId])
  }

  /** A customer whom nobody has asked about yet, with one purchase. */
  async newcomer(total = 100): Promise<string> {
    const customerId = await this.model.customer(this.business, { name: 'New Comer' })
    await this.buy(customerId, total)
    return customerId
  }

  async #fill(): Promise<void> {
    const { model, business } = this
    this.high = await model.location(business, 'High Street')
    this.low = await model.location(business, 'Low Street')
    const card = { name: 'Zoë Müller', phone: '+44 20 7946 0018', externalRef: 'C-100' }
    this.customer = await model.customer(business, card)
    const own = { businessId: business, customerId: this.customer, locationId: this.high }
    const [sale] = await model.purchases([
      {
        ...own,
        total: BIG,
        receiptNumber: 'R-1',
        occurredAt: '2024-03-01T09:00:00.000007Z',
        lines: [line({ productName: 'Tuch “Ana” 🧣', qty: '2.000', total: String(BIG) })],
      },
      ...Array.from({ length: PURCHASES - 1 }, (_, n) => ({
        ...own,
        total: 100 + n,
        locationId: n % 2 ? this.low : this.high,
        occurredAt: `2024-04-01T10:00:00.00000${n}Z`,
      })),
    ])
    this.sale = sale!
    this.token = await tokenFor({ business })
    this.narrow = await tokenFor({ business, locations: [this.low] })
    this.expired = await tokenFor({ business, expiresIn: -60 })
    this.foreign = await tokenFor({ business: this.stranger })
  }
}
