/** Merging, unmerging and attributing: what moves, what stays, and what is refused. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { commit, look } from '../../src/command/commit.ts'
import { mergeCustomers, previewMerge } from '../../src/command/merge-customers.ts'
import { Refusal } from '../../src/command/refusal.ts'
import { unmergeCustomers } from '../../src/command/unmerge-customers.ts'
import { parseLsn } from '../../src/domain/lsn.ts'
import { scopeOf } from '../../src/domain/scope.ts'
import { KIM, put } from '../projector/support/till.ts'
import { CHAIN, Shop } from './support/shop.ts'

const NOBODY = '00000000-0000-4000-8000-0000000000ff'
let shop: Shop

beforeAll(async () => {
  shop = await Shop.open()
})
afterAll(() => shop.close())

async function refusal(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => null,
    (thrown) => thrown,
  )
  expect(error).toBeInstanceOf(Refusal)
  return error
}

describe('a merge', () => {
  test('moves every sale and order, keeps which, and says how many', async () => {
    const [ann, bea] = [await shop.person(), await shop.person('Bea')]
    const purchases = [await shop.sale(ann), await shop.sale(ann), await shop.order(ann)]
    const beas = await shop.sale(bea)

    const { result, lsn } = await commit(shop.url, (tx) =>
      mergeCustomers(tx, {
        scope: CHAIN,
        fromCustomerId: ann,
        intoCustomerId: bea,
        mergedBy: KIM,
        reason: 'same telephone',
      }),
    )

    expect(result.moved).toEqual({ sale: 2, order: 1 })
    expect(await shop.owners(...purchases, beas)).toEqual([bea, bea, bea, bea])
    expect(await shop.customer(ann)).toMatchObject({ status: 'merged', merged_into_id: bea })
    const ledger = await shop.sql`
      select purchase_id from customer_merge_purchase where merge_id = ${result.mergeId}`
    expect(ledger.map(({ purchase_id }) => purchase_id).sort()).toEqual(purchases.sort())
    const [row] = await shop.sql`select * from customer_merge where id = ${result.mergeId}`
    expect(row).toMatchObject({ merged_by: KIM, reason: 'same telephone', undone_at: null })
    const [now] = await shop.sql`select pg_current_wal_insert_lsn()::text as lsn`
    expect(lsn <= parseLsn(now!.lsn)).toBe(true)
  })

  test('on trial says what it would move and all that forbids it, and changes nothing', async () => {
    const [ann, bea] = [await shop.person(), await shop.person('Bea')]
    const purchases = [await shop.sale(ann), await shop.order(ann)]
    const trial = async (from: string, into: string) => {
      const pair = { scope: CHAIN, fromCustomerId: from, intoCustomerId: into }
      const { moved, blockers } = await look(shop.url, (tx) => previewMerge(tx, pair))
      return { moved, blockers: blockers.map(({ reason, culprit }) => ({ reason, culprit })) }
    }

    expect(await trial(ann, bea)).toEqual({ moved: { sale: 1, order: 1 }, blockers: [] })
    expect(await shop.owners(...purchases)).toEqual([ann, ann])
    expect(await shop.customer(ann)).toMatchObject({ status: 'active' })
    expect((await trial(ann, ann)).blockers).toEqual([{ reason: 'into-itself', culprit: ann }])
    expect((await trial(NOBODY, ann)).blockers).toEqual([
      { reason: 'customer-not-found', culprit: NOBODY },
    ])
    expect((await refusal(trial(ann, NOBODY))).reason).toBe('customer-not-found')
    await shop.merge(ann, bea)
    await shop.erase(bea)
    expect((await trial(ann, bea)).blockers).toEqual([
      { reason: 'erased', culprit: ann },
      { reason: 'erased', culprit: bea },
    ])
  })

  test('can be followed by another: a chain', async () => {
    const [ann, bea, cleo] = [await shop.person(), await shop.person(), await shop.person()]
    const purchase = await shop.sale(ann)

    await shop.merge(ann, bea)
    await shop.merge(bea, cleo)

    expect(await shop.owner(purchase)).toBe(cleo)
    expect(await shop.customer(ann)).toMatchObject({ merged_into_id: bea })
  })

  test('is refused with its reason and the id that is to blame', async () => {
    const [ann, bea, merged, erased, blocked] = await Promise.all(
      Array.from({ length: 5 }, () => shop.person()),
    )
    await shop.merge(merged!, bea!)
    await shop.erase(erased!)
    await shop.sql`update customer set status = 'blocked' where id = ${blocked!}`
    await shop.sql`insert into business (id, name, default_currency, timezone)
      values (${NOBODY}, 'Other', 'EUR', 'UTC')`
    const foreign = await put(shop.sql, 'customer', { business_id: NOBODY })

    const cases = [
      [ann, ann, 'into-itself', ann],
      [NOBODY, ann, 'customer-not-found', NOBODY],
      [ann, NOBODY, 'customer-not-found', NOBODY],
      [ann, foreign, 'customer-not-found', foreign],
      [foreign, ann, 'customer-not-found', foreign],
      [merged, ann, 'already-merged', merged],
      [bea, merged, 'target-merged', merged],
      [ann, merged, 'target-merged', merged],
      [erased, ann, 'erased', erased],
      [ann, erased, 'erased', erased],
      [blocked, ann, 'blocked', blocked],
      [ann, blocked, 'blocked', blocked],
    ] as const
    for (const [from, into, reason, culprit] of cases) {
      const refused = await refusal(shop.merge(from!, into!))
      expect(refused).toMatchObject({ reason, culprit: culprit! })
      expect(refused.message).toContain(culprit!)
    }
  })
})

describe('an unmerge', () => {
  test('moves back what the merge moved; what came after stays', async () => {
    const [ann, bea] = [await shop.person(), await shop.person('Bea')]
    const annes = [await shop.sale(ann), await shop.order(ann)]
    const beas = await shop.sale(bea)
    const merge = await shop.merge(ann, bea)
    const later = [await shop.sale(bea), await shop.sale(ann, { type: 'return' })]

    const result = await shop.unmerge(merge)

    expect(result).toEqual({
      fromCustomerId: ann,
      survivorId: bea,
      movedBack: { sale: 1, order: 1 },
    })
    expect(await shop.owners(...annes, beas, ...later)).toEqual([ann, ann, bea, bea, bea])
    expect(await shop.customer(ann)).toMatchObject({ status: 'active', merged_into_id: null })
  })

  test('in any order: from the end of the chain, and a later one does not take it again', async () => {
    const [ann, bea, cleo] = [await shop.person(), await shop.person(), await shop.person()]
    const [annes, beas] = [await shop.sale(ann), await shop.sale(bea)]
    const first = await shop.merge(ann, bea)
    const second = await shop.merge(bea, cleo)

    expect(await shop.unmerge(first)).toMatchObject({ survivorId: cleo })

    expect(await shop.owners(annes, beas)).toEqual([ann, cleo])
    const third = await shop.merge(ann, cleo)
    await shop.unmerge(second)
    expect(await shop.owners(annes, beas)).toEqual([cleo, bea])
    await shop.unmerge(third)
    expect(await shop.owners(annes, beas)).toEqual([ann, bea])
  })

  test('leaves a purchase where a person has put it, also when that is the survivor', async () => {
    const [ann, bea, cleo] = [await shop.person(), await shop.person(), await shop.person()]
    const [away, back, raw] = [await shop.sale(ann), await shop.sale(ann), await shop.sale(ann)]
    const merge = await shop.merge(ann, bea)
    await shop.attribute(away, cleo)
    await shop.attribute(back, cleo)
    await shop.attribute(back, bea)
    await shop.sql`update sale set customer_id = ${cleo} where id = ${raw}`

    await shop.unmerge(merge)

    expect(await shop.owners(away, back, raw)).toEqual([cleo, bea, cleo])
  })

  test('is refused twice, for another tenant, and for a merge that is not there', async () => {
    const [ann, bea] = [await shop.person(), await shop.person()]
    const merge = await shop.merge(ann, bea)
    const others = await scopeOf(NOBODY, '*')
    for (const [scope, customerId] of [
      [others, ann],
      [CHAIN, await shop.person()],
    ] as const) {
      const foreign = commit(shop.url, (tx) =>
        unmergeCustomers(tx, { scope, mergeId: merge, customerId }),
      )
      expect((await refusal(foreign)).reason).toBe('merge-not-found')
    }
    await shop.unmerge(merge)

    expect(await refusal(shop.unmerge(merge))).toMatchObject({
      reason: 'already-undone',
      culprit: merge,
    })
    expect((await refusal(shop.unmerge(NOBODY))).reason).toBe('merge-not-found')
  })
})

describe('an attribution', () => {
  test('links a guest, moves from one person to another, and unlinks', async () => {
    const [ann, bea] = [await shop.person(), await shop.person()]
    const purchase = await shop.order(null)

    expect(await shop.attribute(purchase, ann)).toEqual({
      kind: 'order',
      formerCustomerId: null,
      formerEvidence: null,
      customerId: ann,
    })
    expect(await shop.attribute(purchase, bea)).toMatchObject({ formerCustomerId: ann })
    expect(await shop.attribute(purchase, null)).toMatchObject({ customerId: null })
    expect(await shop.owner(purchase)).toBeNull()
  })

  test('to a merged customer is to the survivor', async () => {
    const [ann, bea, cleo] = [await shop.person(), await shop.person(), await shop.person()]
    await shop.merge(ann, bea)
    await shop.merge(bea, cleo)

    expect(await shop.attribute(await shop.sale(null), ann)).toMatchObject({ customerId: cleo })
  })

  test('takes along the order that the sale settles, but not another’s share of it', async () => {
    const [ann, bea] = [await shop.person(), await shop.person()]
    const order = await shop.order(null)
    const [mine, theirs] = [
      await shop.sale(null, { order_id: order }),
      await shop.sale(bea, { order_id: order }),
    ]

    await shop.attribute(mine, ann)
    expect(await shop.owners(mine, order, theirs)).toEqual([ann, ann, bea])
    await shop.attribute(order, null)
    expect(await shop.owners(mine, order, theirs)).toEqual([null, null, bea])
  })

  test('is refused with its reason', async () => {
    const [blocked, erased] = [await shop.person(), await shop.person()]
    const purchase = await shop.sale(null)
    await shop.sql`update customer set status = 'blocked' where id = ${blocked}`
    await shop.erase(erased)

    expect(await refusal(shop.attribute(purchase, blocked))).toMatchObject({ reason: 'blocked' })
    expect(await refusal(shop.attribute(purchase, erased))).toMatchObject({ reason: 'erased' })
    expect(await refusal(shop.attribute(purchase, NOBODY))).toMatchObject({
      reason: 'customer-not-found',
    })
    expect(await refusal(shop.attribute(NOBODY, null))).toMatchObject({
      reason: 'purchase-not-found',
      culprit: NOBODY,
    })
    expect(await shop.owner(purchase)).toBeNull()
  })
})

describe('an erasure', () => {
  test('takes all that names the person and all predecessors; the books stay', async () => {
    const [ann, bea, cleo] = [await shop.person(), await shop.person(), await shop.person()]
    const annes = await shop.sale(ann, { receipt_number: 'R-1' })
    const merge = await shop.merge(ann, bea, 'Ann called from +49 30 1')
    await shop.merge(bea, cleo, 'the same')
    const cleos = await shop.order(cleo)

    const result = await shop.erase(cleo)

    expect(result.customerIds.sort()).toEqual([ann, bea, cleo].sort())
    expect(result.detached).toEqual({ sale: 1, order: 1 })
    expect(await shop.owners(annes, cleos)).toEqual([null, null])
    const nobody = { status: 'erased', name: null, phone: null, email: null, external_ref: null }
    for (const id of [ann, bea, cleo]) {
      expect(await shop.customer(id)).toEqual({ ...nobody, merged_into_id: null })
    }
    const [left] = await shop.sql`
      select (select count(*)::int from customer_merge_purchase
          where purchase_id in (${annes}, ${cleos}) or merge_id = ${merge}) as ledger,
        (select count(*)::int from customer_merge
          where from_customer_id in (${ann}, ${bea}) and reason is not null) as reasons,
        (select array_agg(requested_by) from customer_erasure
          where customer_id in (${ann}, ${bea}, ${cleo})) as requested,
        (select total from sale where id = ${annes}) as total`
    expect(left).toMatchObject({ ledger: 0, reasons: 0, requested: [KIM, KIM, KIM], total: '1000' })
    expect(await refusal(shop.unmerge(merge))).toMatchObject({ reason: 'erased' })
  })

  test('of somebody who was told apart again leaves the other alone, and no trace in the ledger', async () => {
    const [ann, bea] = [await shop.person(), await shop.person()]
    const [annes, beas] = [await shop.sale(ann), await shop.sale(bea)]
    const merge = await shop.merge(ann, bea, 'Bea said so')
    await shop.unmerge(merge)

    await shop.erase(bea)

    expect(await shop.owners(annes, beas)).toEqual([ann, null])
    expect(await shop.customer(ann)).toMatchObject({ status: 'active', name: 'Ann' })
    const [row] = await shop.sql`select reason,
      (select count(*)::int from customer_merge_purchase where merge_id = m.id) as ledger
      from customer_merge m where id = ${merge}`
    expect(row).toEqual({ reason: null, ledger: 0 })
  })

  test('is refused for a merged customer, naming the survivor, and a second time', async () => {
    const [ann, bea] = [await shop.person(), await shop.person()]
    await shop.merge(ann, bea)

    const refused = await refusal(shop.erase(ann))
    expect(refused).toMatchObject({ reason: 'already-merged', culprit: ann })
    expect(refused.message).toContain(bea)
    await shop.erase(bea)
    expect(await refusal(shop.erase(bea))).toMatchObject({ reason: 'erased' })
    expect(await refusal(shop.erase(NOBODY))).toMatchObject({ reason: 'customer-not-found' })
  })
})

describe('a deleted customer', () => {
  test('leaves guests behind, and takes the record of its merges along', async () => {
    const [ann, bea, cleo] = [await shop.person(), await shop.person(), await shop.person()]
    const purchase = await shop.sale(ann)
    const merge = await shop.merge(ann, bea)
    await shop.unmerge(await shop.merge(cleo, bea))

    const withPredecessor = shop.sql`delete from customer where id = ${bea}`
    expect(await withPredecessor.then(String, (error) => error.code)).toBe('23503')
    await shop.sql`delete from customer where id = ${ann}`
    expect(await shop.owner(purchase)).toBe(bea)
    expect((await refusal(shop.unmerge(merge))).reason).toBe('merge-not-found')
    await shop.sql`delete from customer where id = ${bea}`
    expect(await shop.owner(purchase)).toBeNull()
  })
})
