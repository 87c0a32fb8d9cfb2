/**
 * Any sequence of merges, unmerges, purchases, attributions, erasures and deletions leaves the source as a
 * plain model in memory says, and is refused for the reasons that the model says.
 *
 * The model knows no ledger: each purchase remembers the merges that have carried it, oldest first.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import fc from 'fast-check'
import type { RefusalReason } from '../../src/command/refusal.ts'
import type { CustomerStatus } from '../../src/domain/purchase.ts'
import { Shop } from './support/shop.ts'

// Thousands of round trips, on machines that have other things to do.
setDefaultTimeout(600_000)

const PEOPLE = 4
const RUNS = Number(process.env.PT_LAW_RUNS ?? 30)
let shop: Shop

beforeAll(async () => {
  shop = await Shop.open()
})
afterAll(() => shop.close())

interface Person {
  status: CustomerStatus | 'deleted'
  into: number | null
}
interface Purchase {
  owner: number | null
  carriedBy: number[]
  deleted: boolean
}
interface Merge {
  from: number
  into: number
  undone: boolean
  gone: boolean
}
/** Why a step is not done: a refusal's reason, or the SQLSTATE of a till's own statement. */
type Outcome = 'done' | RefusalReason | '23503'

class Model {
  readonly people: Person[] = Array.from({ length: PEOPLE }, () => ({
    status: 'active',
    into: null,
  }))
  readonly purchases: Purchase[] = []
  readonly merges: Merge[] = []

  survivor(id: number): number {
    const { into } = this.people[id]!
    return into === null ? id : this.survivor(into)
  }

  owned(id: number): Purchase[] {
    return this.purchases.filter(({ owner }) => owner === id)
  }

  buy(buyer: number | null): Outcome {
    if (buyer !== null && this.people[buyer]!.status === 'deleted') return '23503'
    const owner = buyer === null ? null : this.survivor(buyer)
    const isErased = owner !== null && this.people[owner]!.status === 'erased'
    this.purchases.push({ owner: isErased ? null : owner, carriedBy: [], deleted: false })
    return 'done'
  }

  merge(from: number, into: number): Outcome {
    if (from === into) return 'into-itself'
    const statuses = [this.people[from]!.status, this.people[into]!.status] as const
    if (statuses.includes('deleted')) return 'customer-not-found'
    if (statuses[0] === 'merged') return 'already-merged'
    if (statuses[0] !== 'active') return statuses[0] as RefusalReason
    if (statuses[1] === 'merged') return 'target-merged'
    if (statuses[1] !== 'active') return statuses[1] as RefusalReason
    const merge = this.merges.push({ from, into, undone: false, gone: false }) - 1
    for (const purchase of this.owned(from)) {
      purchase.owner = into
      purchase.carriedBy.push(merge)
    }
    this.people[from] = { status: 'merged', into }
    return 'done'
  }

  unmerge(id: number): Outcome {
    const merge = this.merges[id]
    if (!merge || merge.gone) return 'merge-not-found'
    if (this.people[merge.from]!.status === 'erased') return 'erased'
    if (merge.undone) return 'already-undone'
    for (const purchase of this.owned(this.survivor(merge.into))) {
      const at = purchase.carriedBy.indexOf(id)
      if (at < 0) continue
      purchase.owner = merge.from
      purchase.carriedBy.splice(at)
    }
    merge.undone = true
    this.people[merge.from] = { status: 'active', into: null }
    return 'done'
  }

  attribute(id: number, to: number | null): Outcome {
    const owner = to === null ? null : this.survivor(to)
    const status = owner === null ? null : this.people[owner]!.status
    if (status === 'deleted') return 'customer-not-found'
    if (status === 'erased' || status === 'blocked') return status
    const purchase = this.purchases[id]
    if (!purchase || purchase.deleted) return 'purchase-not-found'
    purchase.owner = owner
    purchase.carriedBy = []
    return 'done'
  }

  erase(id: number): Outcome {
    const { status } = this.people[id]!
    if (status === 'deleted') return 'customer-not-found'
    if (status === 'erased') return 'erased'
    if (status === 'merged') return 'already-merged'
    for (const purchase of this.owned(id)) {
      purchase.owner = null
      purchase.carriedBy = []
    }
    const person = this.people.map((_, each) => each).filter((each) => this.survivor(each) === id)
    for (const each of person) this.people[each] = { status: 'erased', into: null }
    return 'done'
  }

  block(id: number): Outcome {
    const person = this.people[id]!
    if (person.status === 'active') person.status = 'blocked'
    else if (person.status === 'blocked') person.status = 'active'
    return 'done'
  }

  deletePerson(id: number): Outcome {
    if (this.people.some(({ into }) => into === id)) return '23503'
    for (const purchase of this.owned(id)) purchase.owner = null
    this.people[id] = { status: 'deleted', into: null }
    for (const [n, merge] of this.merges.entries()) {
      if (merge.from !== id && merge.into !== id) continue
      merge.gone = true
      for (const { carriedBy } of this.purchases) {
        if (carriedBy.includes(n)) carriedBy.splice(carriedBy.indexOf(n), 1)
      }
    }
    return 'done'
  }

  deletePurchase(id: number): Outcome {
    if (this.purchases[id]) this.purchases[id].deleted = true
    return 'done'
  }
}

/** The same in a real source, where people, purchases and merges are known by their place in a list. */
class Real {
  readonly purchases: string[] = []
  readonly merges: string[] = []
  readonly people: string[]

  constructor(people: string[]) {
    this.people = people
  }

  static async open(): Promise<Real> {
    return new Real(await Promise.all(Array.from({ length: PEOPLE }, () => shop.person())))
  }

  #person = (id: number | null) => (id === null ? null : this.people[id]!)

  async buy(buyer: number | null) {
    const isSale = this.purchases.length % 2 === 0
    const id = isSale ? shop.sale(this.#person(buyer)) : shop.order(this.#person(buyer))
    this.purchases.push(await id)
  }

  async merge(from: number, into: number) {
    this.merges.push(await shop.merge(this.people[from]!, this.people[into]!))
  }

  unmerge(id: number) {
    return shop.unmerge(this.merges[id] ?? crypto.randomUUID())
  }

  attribute(id: number, to: number | null) {
    return shop.attribute(this.purchases[id] ?? crypto.randomUUID(), this.#person(to))
  }

  erase(id: number) {
    return shop.erase(this.people[id]!)
  }

  async block(id: number) {
    await shop.sql`
      update customer set status = case status when 'active' then 'blocked' else 'active' end
      where id = ${this.people[id]!} and status in ('active', 'blocked')`
  }

  async deletePerson(id: number) {
    await shop.sql`delete from customer where id = ${this.people[id]!}`
  }

  async deletePurchase(id: number) {
    const purchase = this.purchases[id] ?? crypto.randomUUID()
    await shop.sql`delete from sale where id = ${purchase}`
    await shop.sql`delete from "order" where id = ${purchase}`
  }

  async state() {
    const [{ people, purchases } = { people: [], purchases: [] }] = await shop.sql`
      select array(select coalesce(status || ' ' || coalesce(array_position(p.ids, merged_into_id) - 1, -1), 'deleted')
          from unnest(p.ids) with ordinality each (id, at) left join customer using (id) order by at) as people,
        array(select coalesce(owned.found || ' ' || coalesce(array_position(p.ids, customer_id) - 1, -1), 'deleted')
          from unnest(${this.purchases}::uuid[]) with ordinality each (id, at)
          left join (select id, customer_id, 'owner' as found from sale
            union all select id, customer_id, 'owner' from "order") owned using (id) order by at) as purchases
      from (select ${this.people}::uuid[] as ids) p`
    return { people, purchases }
  }
}

function stateOf({ people, purchases }: Model) {
  return {
    people: people.map(({ status, into }) =>
      status === 'deleted' ? status : `${status} ${into ?? -1}`,
    ),
    purchases: purchases.map(({ owner, deleted }) =>
      deleted ? 'deleted' : `owner ${owner ?? -1}`,
    ),
  }
}

/** Purchases and merges are drawn as any number, which stands for one that is there; mostly a live one. */
function within({ purchases, merges }: Model, name: string, [id, ...rest]: (number | null)[]) {
  const live = [...merges.keys()].filter((at) => !merges[at]!.undone && !merges[at]!.gone)
  if (name === 'unmerge' && live.length > 0 && id! % 4 > 0) return [live[id! % live.length]!]
  const count = { unmerge: merges.length, attribute: purchases.length }[name]
  return [count ? id! % count : id, ...rest]
}

const person = fc.nat(PEOPLE - 1)
const somebody = fc.option(person, { freq: 8 })
const any = fc.nat(99)
const step = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(fc.constant('buy' as const), somebody) },
  { weight: 24, arbitrary: fc.tuple(fc.constant('merge' as const), person, person) },
  { weight: 16, arbitrary: fc.tuple(fc.constant('unmerge' as const), any) },
  { weight: 8, arbitrary: fc.tuple(fc.constant('attribute' as const), any, somebody) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('erase' as const), person) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('block' as const), person) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('deletePerson' as const), person) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('deletePurchase' as const), fc.nat(7)) },
)

test('any sequence leaves every purchase with whom the model says', async () => {
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }),
      async (steps) => {
        const [model, real] = [new Model(), await Real.open()]
        for (const [name, ...drawn] of steps) {
          const args = within(model, name, drawn)
          const expected = (model[name] as (...args: unknown[]) => Outcome)(...args)
          const outcome = await (real[name] as (...args: unknown[]) => Promise<unknown>)(
            ...args,
          ).then(
            () => 'done',
            (error) => error.reason ?? error.code,
          )
          expect(`${name} ${outcome}`).toBe(`${name} ${expected}`)
          expect(await real.state()).toEqual(stateOf(model))
          const key = `${name} ${outcome}`
          seen.set(key, (seen.get(key) ?? 0) + 1)
        }
      },
    ),
    {
      numRuns: RUNS,
      // Each of what is rare, for once.
      examples: [
        [
          [
            ['buy', 0],
            ['merge', 0, 1],
            ['merge', 2, 0],
            ['unmerge', 0],
            ['attribute', 0, 2],
            ['erase', 2],
          ],
        ],
      ],
      ...(process.env.PT_SEED && { seed: Number(process.env.PT_SEED) }),
    },
  )
  for (const key of ['unmerge done', 'merge target-merged', 'attribute done', 'erase done'])
    expect([...seen.keys()]).toContain(key)
})
