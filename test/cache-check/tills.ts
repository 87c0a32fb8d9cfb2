/**
 * Tills and staff who do to a few customers, again and again, whatever changes what is told of them:
 * sales, returns, moves, voids, merges and unmerges, erasures, and customers who come at last.
 */
import type { Sql } from 'postgres'
import { Refusal } from '../../src/command/refusal.ts'
import { Shop } from '../command/support/shop.ts'
import { put, ringUp } from '../projector/support/till.ts'
import type { Random } from '../projector/support/workload.ts'

/** Customers at a time. */
const CUSTOMERS = 12
/** Sales that are remembered, to be changed and asked for; older ones go. */
const SALES = 240
/** A conflict of two tills; one of them gives way. */
const GIVES_WAY = /^(23|40)/

export class Tills {
  readonly #sql: Sql
  readonly #shop: Shop
  readonly #random: Random
  /** Who is asked for; the last one is only about to come. */
  readonly customers: string[] = []
  readonly sales: { id: string; customer: string }[] = []
  readonly #merges: string[] = []
  readonly #working: Promise<void>[] = []
  #stopped = false
  commits = 0

  constructor(sql: Sql, url: string, random: Random) {
    this.#sql = sql
    this.#shop = new Shop(sql, url)
    this.#random = random
  }

  async open(): Promise<void> {
    for (let n = 0; n < CUSTOMERS; n += 1) this.customers.push(await put(this.#sql, 'customer'))
    this.customers.push(crypto.randomUUID())
    for (let n = 0; n < CUSTOMERS; n += 1) await this.#ringUp()
  }

  start(tills = 2, restMs = 60): void {
    for (let n = 0; n < tills; n += 1) this.#working.push(this.#keepOn(restMs))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#working)
  }

  pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.#random() * of.length)]!
  }

  async #keepOn(restMs: number) {
    while (!this.#stopped) {
      try {
        await this.#work()
        this.commits += 1
      } catch (error) {
        const { code } = error as { code?: string }
        if (!(error instanceof Refusal) && !GIVES_WAY.test(code ?? '')) throw error
      }
      await Bun.sleep(this.#random() * restMs)
    }
  }

  #work(): Promise<unknown> {
    const chance = this.#random()
    if (this.sales.length > SALES) return this.#sweep()
    if (chance < 0.35) return this.#ringUp()
    if (chance < 0.55) return this.#bringBack()
    if (chance < 0.8) return this.#change()
    if (chance < 0.88) return this.#merge()
    if (chance < 0.96) return this.#unmerge()
    return this.#newcomer()
  }

  get #customer(): string {
    return this.pick(this.customers.slice(0, -1))
  }

  async #ringUp() {
    const customer = this.#customer
    const total = 1 + Math.floor(this.#random() * 9_000)
    const row = { customer_id: customer, total, subtotal: total, completed_at: now() }
    this.sales.push({ id: await ringUp(this.#sql, row, 2), customer })
  }

  async #bringBack() {
    const { id, customer } = this.pick(this.sales)
    const [line] = await this.#sql<{ id: string }[]>`
      select id from sale_line where sale_id = ${id} limit 1`
    if (!line) return
    const whose = this.pick([customer, this.#customer, null])
    const back = await this.#sql.begin(async (tx) => {
      const row = { type: 'return', parent_sale_id: id, total: -100, subtotal: -100 }
      const sale = await put(tx, 'sale', { ...row, customer_id: whose, completed_at: now() })
      await put(tx, 'sale_line', { sale_id: sale, qty: '-1', parent_line_id: line.id, total: -100 })
      return sale
    })
    if (whose) this.sales.push({ id: back, customer: whose })
  }

  async #change() {
    const sale = this.pick(this.sales)
    const { id } = sale
    const sql = this.#sql
    const to = this.#customer
    const changes = [
      () => sql`update sale set total = total + 1 where id = ${id}`,
      () => sql`update sale set status = 'voided' where id = ${id}`,
      () => sql`update sale set status = 'completed' where id = ${id}`,
      () => sql`update sale_line set qty = qty + sign(qty) where sale_id = ${id}`,
      () => sql`update sale set customer_id = null where id = ${id}`,
      async () => {
        await sql`update sale set customer_id = ${to} where id = ${id}`
        sale.customer = to
      },
    ]
    await this.pick(changes)()
  }

  async #merge() {
    this.#merges.push(await this.#shop.merge(this.#customer, this.#customer))
  }

  async #unmerge() {
    const id = this.#merges.pop()
    if (id) await this.#shop.unmerge(id)
  }

  /** Somebody goes for good, and whom everybody has asked for in vain comes. */
  async #newcomer() {
    const at = Math.floor(this.#random() * (this.customers.length - 1))
    const gone = this.customers[at]!
    const next = this.customers.at(-1)!
    await put(this.#sql, 'customer', { id: next })
    this.customers[at] = next
    this.customers[this.customers.length - 1] = crypto.randomUUID()
    await this.#shop.erase(gone)
  }

  async #sweep() {
    const old = this.sales.splice(0, SALES / 2).map(({ id }) => id)
    const ids = `{${old.join()}}`
    await this.#sql.begin(async (tx) => {
      const all = tx`
        select id from sale where id = any (${ids}::text::uuid[])
          or parent_sale_id = any (${ids}::text::uuid[])`
      await tx`
        delete from sale_line where sale_id in (${all}) or parent_line_id in (
          select id from sale_line where sale_id in (${all}))`
      await tx`delete from sale_payment where sale_id in (${all})`
      await tx`delete from customer_merge_purchase where purchase_id in (${all})`
      await tx`
        delete from sale where id = any (${ids}::text::uuid[])
          or parent_sale_id = any (${ids}::text::uuid[])`
    })
  }
}

const now = () => new Date().toISOString()
