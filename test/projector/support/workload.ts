/**
 * Tills that write at random into a real source, in transactions that interleave: every kind of change,
 * some of which fail or roll back. What they choose follows from a seed; how they interleave does not.
 */
import type { Sql, TransactionSql } from 'postgres'
import { attributePurchase } from '../../../src/command/attribute-purchase.ts'
import { eraseCustomer } from '../../../src/command/erase-customer.ts'
import { mergeCustomers } from '../../../src/command/merge-customers.ts'
import { Refusal } from '../../../src/command/refusal.ts'
import { unmergeCustomers } from '../../../src/command/unmerge-customers.ts'
import { scopeOf } from '../../../src/domain/scope.ts'
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
/** What a till shrugs off: a key that is in use, a deadlock, a lock that is not to be had. */
const GIVES_UP = /^(23|40|55P03)/
/** What it waits out: a server that is gone. */
const WAITS = /^(57|CONN|ECONN|EPIPE)/

interface WorkloadOptions {
  /** Tills that write, each on a connection of its own. */
  tills?: number
  /** Pairs of tills that commit at the same moment: one commit record right behind the other. */
  pairs?: number
  /** How much of what the tills do are merges, unmerges, late links and erasures, 0 to 1. */
  commands?: number
  /** A till rests for up to this long between two transactions, milliseconds. */
  restMs?: number
}

/** One connection, made anew when it is lost. */
class Till {
  readonly #url: string
  #sql: Sql

  constructor(url: string) {
    this.#url = url
    this.#sql = connect(url, 1)
  }

  /** Whether it went through; if not, no transaction is open. */
  send(text: string): Promise<boolean> {
    return this.#try(() => this.#sql.unsafe(text))
  }

  /**
   * Whether the command was done. Not by `sql.begin`: when the connection is lost in there, the driver
   * rolls back on the socket that is gone, and throws where nobody can catch it.
   */
  command(work: (tx: TransactionSql) => Promise<void>): Promise<boolean> {
    return this.#try(async () => {
      await this.#sql.unsafe('begin')
      await work(this.#sql as unknown as TransactionSql)
      await this.#sql.unsafe('commit')
    })
  }

  async #try(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      const code = (error as { code?: string }).code ?? ''
      if (GIVES_UP.test(code) || error instanceof Refusal)
        await this.#sql.unsafe('rollback').catch(() => this.#lost())
      else if (WAITS.test(code)) await this.#lost()
      else throw error
      return false
    }
  }

  async close(): Promise<void> {
    await this.#sql.end({ timeout: 1 })
  }

  /**
   * The driver never answers what it is given between a socket's error and its close, and may leave a
   * connection that it makes again without its first message, until `connect_timeout`.
   */
  async #lost() {
    await this.#sql.end({ timeout: 0 })
    await Bun.sleep(20)
    this.#sql = connect(this.#url, 1)
  }
}

export class Workload {
  /** Transactions that were committed. */
  commits = 0
  readonly #random: Random
  readonly #tills: Till[]
  readonly #pairs: [Till, Till][]
  readonly #restMs: number
  readonly #commands: number
  readonly #running: Promise<void>[] = []
  #writing = 0
  #paused: ReturnType<typeof Promise.withResolvers<void>> | null = null
  #idle: (() => void) | null = null
  #stopped = false

  constructor(sourceUrl: string, random: Random, options: WorkloadOptions = {}) {
    const { tills = 2, pairs = 0, commands = 0, restMs = 20 } = options
    this.#random = random
    this.#commands = commands
    // As many as a projector in small steps can follow.
    this.#restMs = restMs
    this.#tills = Array.from({ length: tills }, () => new Till(sourceUrl))
    this.#pairs = Array.from({ length: pairs }, () => [new Till(sourceUrl), new Till(sourceUrl)])
  }

  start(): this {
    for (const till of this.#tills) this.#running.push(this.#keepOn(() => this.#write(till)))
    for (const pair of this.#pairs) this.#running.push(this.#keepOn(() => this.#adjoin(pair)))
    return this
  }

  /** Resolves once no till writes; none begins before `resume`. */
  async pause(): Promise<void> {
    this.#paused ??= Promise.withResolvers()
    if (this.#writing === 0) return
    await new Promise<void>((resolve) => {
      this.#idle = resolve
    })
  }

  resume(): void {
    this.#paused?.resolve()
    this.#paused = null
  }

  /** Resolves once no till writes any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.resume()
    await Promise.all(this.#running)
    const all = [...this.#tills, ...this.#pairs.flat()]
    await Promise.all(all.map((till) => till.close()))
  }

  async #keepOn(transact: () => Promise<void>) {
    while (!this.#stopped) {
      await this.#paused?.promise
      this.#writing++
      await transact()
      if (--this.#writing === 0) this.#idle?.()
      await Bun.sleep(this.#random() * this.#restMs)
    }
  }

  async #write(till: Till) {
    if (this.#random() < this.#commands) return this.#command(till)
    const steps = Array.from({ length: 1 + this.#pick(5) }, () => this.#step())
    const end = this.#random() < 0.05 ? 'rollback' : 'commit'
    // One message: a connection that is lost in between leaves nothing open in the driver.
    const done = await till.send(['begin', ...steps, end].join(';'))
    if (done && end === 'commit') this.commits++
  }

  /** What staff do, by the commands of the API. One that is refused changes nothing. */
  async #command(till: Till) {
    const scope = await scopeOf(BUSINESS, '*')
    const command = this.#pick(8)
    const done = await till.command(async (tx) => {
      const some = async (table: string) => {
        const [row] = await tx.unsafe<{ id: string }[]>(
          `select id::text from ${this.#some(table)} t`,
        )
        return row?.id ?? crypto.randomUUID()
      }
      const customerId = await some('customer')
      if (command < 3) {
        const intoCustomerId = await some('customer')
        const merge = { scope, fromCustomerId: customerId, intoCustomerId }
        await mergeCustomers(tx, { ...merge, mergedBy: null, reason: null })
      } else if (command < 5) {
        const mergeId = await some('customer_merge')
        const [merge] = await tx<{ id: string }[]>`
          select from_customer_id::text as id from customer_merge where id = ${mergeId}`
        await unmergeCustomers(tx, { scope, mergeId, customerId: merge?.id ?? customerId })
      } else if (command < 7) {
        const purchaseId = await some(this.#one(['sale', 'order']))
        await attributePurchase(tx, {
          ...{ scope, purchaseId, customerId, evidence: 'confirmed', note: null },
          ...{ attributedBy: null, mayMove: true, overrule: false },
        })
      } else await eraseCustomer(tx, { scope, customerId, requestedBy: null })
    })
    if (done) this.commits++
  }

  /**
   * Two transactions that are ready before either commits. Who waits for a third (a merge holds its
   * customer) gives up soon: the third may wait for the other of the two, which Postgres can't know.
   */
  async #adjoin([one, two]: [Till, Till]) {
    const begin = (till: Till) =>
      till.send(`begin; set local lock_timeout = '100ms'; ${this.#ringUp()}`)
    const ready = await Promise.all([begin(one), begin(two)])
    const commit = async (till: Till, begun: boolean) => {
      if (begun && (await till.send('commit'))) this.commits++
    }
    await Promise.all([commit(one, ready[0]), commit(two, ready[1])])
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

  /** 9 kB that do not compress: kept apart by Postgres, and not sent again while they do not change. */
  #long(): string {
    return Array.from({ length: 250 }, () => this.#uuid()).join(' ')
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
      this.#undone,
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
    const name = this.#pick(6) ? `Item "${this.#pick(99)}" \\ é` : this.#long()
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
      `update sale set receipt_number = '${this.#pick(3) ? this.#pick(99) : this.#long()}' where id = ${sale}`,
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

  /** Part of a transaction that is taken back. */
  #undone(): string {
    return `savepoint s; ${this.#ringUp()}; ${this.#change()}; rollback to s; ${this.#change()}`
  }

  #person(): string {
    const [from, into] = [this.#some('customer'), this.#some('customer')]
    return this.#one([
      `update customer set name = '${this.#pick(3) ? 'Renamed' : this.#long()}' where id = ${from}`,
      `update customer set email = 'a@b.c' where id = ${from}`,
      `delete from customer where id = ${from}`,
      `update customer set status = 'merged', merged_into_id = ${into} where id = ${from}`,
      `update sale s set customer_id = c.id from customer c
         where c.id = ${from} and s.customer_id = c.merged_into_id and s.id > '${this.#uuid()}';
       update customer set status = 'active', merged_into_id = null where id = ${from}`,
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
