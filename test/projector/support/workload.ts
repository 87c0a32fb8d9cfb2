/**
 * Tills that write at random into a real source, in transactions that interleave: every kind of change,
 * some of which fail or roll back. What they choose follows from a seed; how they interleave does not.
 */
import type { Sql } from 'postgres'
import { connect } from './projection.ts'
import { BISTRO, SHOP } from './till.ts'

export type Random = () => number

export function randomOf(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const BUSINESS = '00000000-0000-4000-8000-00000000000b'

export class Workload {
  /** Transactions that were committed. */
  commits = 0
  readonly #random: Random
  readonly #sql: Sql[]
  readonly #running: Promise<void>[] = []
  #stopped = false

  constructor(sourceUrl: string, random: Random, tills = 3) {
    this.#random = random
    this.#sql = Array.from({ length: tills }, () => connect(sourceUrl, 1))
  }

  start(): this {
    for (const sql of this.#sql) this.#running.push(this.#ring(sql))
    return this
  }

  /** Resolves once no till writes any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#running)
    await Promise.all(this.#sql.map((sql) => sql.end({ timeout: 1 })))
  }

  async #ring(sql: Sql) {
    while (!this.#stopped) {
      const steps = Array.from({ length: 1 + this.#pick(5) }, () => this.#step())
      const end = this.#random() < 0.05 ? 'rollback' : 'commit'
      // One message: a connection that is lost in between leaves nothing open in the driver.
      const text = ['begin', ...steps, end].join(';')
      const done = await sql.unsafe(text).then(
        () => end === 'commit',
        (error) => {
          // A key that is in use, a deadlock: the till gives up. A server that is gone: it tries again.
          if (!/^(23|40|57|CONN|ECONN)/.test(error.code ?? '')) throw error
          return sql.unsafe('rollback').then(
            () => false,
            () => Bun.sleep(20).then(() => false),
          )
        },
      )
      if (done) this.commits++
      // As many as a projector in small steps can follow.
      await Bun.sleep(this.#random() * 20)
    }
  }

  #pick(n: number): number {
    return Math.floor(this.#random() * n)
  }

  #one<T>(values: readonly T[]): T {
    return values[this.#pick(values.length)]!
  }

  #uuid(): string {
    const hex = () =>
      this.#pick(2 ** 32)
        .toString(16)
        .padStart(8, '0')
    const [a, b, c, d] = [hex(), hex(), hex(), hex()]
    return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-8${c.slice(1, 4)}-${c.slice(4)}${d}`
  }

  /** Some row's id, as a subquery; none of a table that is empty from there on. */
  #some(table: string): string {
    return `(select id from "${table}" where id >= '${this.#uuid()}' order by id limit 1)`
  }

  #step(): string {
    const steps = [
      ...Array(8).fill(this.#ringUp),
      ...Array(3).fill(this.#serve),
      ...Array(4).fill(this.#change),
      this.#customer,
      this.#person,
      ...(this.#random() < 0.05 ? [this.#rare] : []),
    ] as (() => string)[]
    return this.#one(steps).call(this)
  }

  #ringUp(): string {
    const id = this.#uuid()
    const text = [
      `insert into sale (id, business_id, location_id, customer_id, type, status, order_id, currency,
         subtotal, total, created_at, completed_at)
       values ('${id}', '${BUSINESS}', '${this.#one([SHOP, BISTRO])}',
         ${this.#one(['null', this.#some('customer')])},
         '${this.#one(['sale', 'sale', 'return', 'exchange'])}',
         '${this.#one(['completed', 'completed', 'voided', 'parked'])}',
         ${this.#one(['null', 'null', this.#some('order')])}, '${this.#one(['EUR', 'EUR', 'JPY'])}',
         1, ${this.#pick(2_000) - 500}, now(), ${this.#one(['now()', 'null'])})`,
    ]
    for (let n = this.#pick(4); n > 0; n--) text.push(this.#line('sale_line', 'sale_id', id))
    if (this.#pick(2))
      text.push(`insert into sale_payment (business_id, sale_id, method, amount)
        values ('${BUSINESS}', '${id}', 'card', ${this.#pick(900)})`)
    return text.join(';')
  }

  #line(table: string, parent: string, id: string): string {
    const name = this.#pick(6) ? `Item "${this.#pick(99)}" \\ é` : `${this.#uuid()} `.repeat(300)
    return `insert into ${table} (id, business_id, ${parent}, line_no, product_name, qty, unit_price, total)
      values ('${this.#uuid()}', '${BUSINESS}', '${id}', ${this.#pick(9)}, '${name}', ${this.#pick(9) - 3}, 1,
        ${this.#pick(2_000) - 500})`
  }

  #serve(): string {
    const id = this.#uuid()
    const text = [
      `insert into "order" (id, business_id, location_id, customer_id, type, status, guest_count, currency,
         subtotal, total, opened_at, closed_at)
       values ('${id}', '${BUSINESS}', '${BISTRO}', ${this.#some('customer')}, 'dine_in',
         '${this.#one(['closed', 'closed', 'open', 'cancelled'])}', ${this.#pick(9)}, 'EUR', 1,
         ${this.#pick(2_000)}, now(), ${this.#one(['now()', 'null'])})`,
    ]
    for (let n = this.#pick(3); n > 0; n--) text.push(this.#line('order_item', 'order_id', id))
    return text.join(';')
  }

  #customer(): string {
    return `insert into customer (id, business_id, name, phone)
      values ('${this.#uuid()}', '${BUSINESS}', 'Customer ${this.#pick(999)}', '${this.#pick(9_999)}')`
  }

  #change(): string {
    const [sale, line] = [this.#some('sale'), this.#some('sale_line')]
    return this.#one([
      `update sale set total = ${this.#pick(999)}, status = '${this.#one(['completed', 'voided'])}' where id = ${sale}`,
      `update sale set type = '${this.#one(['sale', 'return'])}', completed_at = clock_timestamp() where id = ${sale}`,
      `update sale set customer_id = ${this.#one(['null', this.#some('customer')])} where id = ${sale}`,
      `update sale set order_id = ${this.#one(['null', this.#some('order')])} where id = ${sale}`,
      `update sale set id = '${this.#uuid()}' where id = ${sale}`,
      `update sale_line set total = ${this.#pick(999)} where id = ${line}`,
      `update sale_line set qty = qty - 1, line_no = ${this.#pick(9)} where id = ${line}`,
      `update sale_line set sale_id = ${sale} where id = ${line} and exists ${sale}`,
      `update sale_line set id = '${this.#uuid()}' where id = ${line}`,
      `update sale_payment set sale_id = ${sale} where id = ${this.#some('sale_payment')} and exists ${sale}`,
      `update order_item set voided_at = now() where id = ${this.#some('order_item')}`,
      `update "order" set status = 'closed', closed_at = now() where id = ${this.#some('order')}`,
      `delete from sale_line where id = ${line}`,
      `delete from sale where id = ${sale}`,
      `delete from "order" where id = ${this.#some('order')}`,
    ])
  }

  #person(): string {
    const [from, into] = [this.#some('customer'), this.#some('customer')]
    return this.#one([
      `update customer set name = 'Renamed', email = 'a@b.c' where id = ${from}`,
      `delete from customer where id = ${from}`,
      `update sale set customer_id = ${into} where customer_id = ${from};
       update "order" set customer_id = ${into} where customer_id = ${from};
       update customer set status = 'merged', merged_into_id = ${into} where id = ${from}`,
    ])
  }

  #rare(): string {
    return this.#one([
      'truncate sale_line',
      'truncate sale_payment, order_payment',
      `update sale set completed_at = 'infinity' where id = ${this.#some('sale')}`,
      `update sale set completed_at = now() where completed_at = 'infinity'`,
      `insert into sale (business_id, location_id, customer_id, type, status, currency, subtotal, total, completed_at)
       select '${BUSINESS}', '${SHOP}', id, 'sale', 'completed', 'EUR', n, n, now()
       from ${this.#some('customer')} c, generate_series(1, 400) n`,
    ])
  }
}
