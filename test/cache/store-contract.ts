/** What every cache store must do; run over both by `memory-store.test.ts` and `upstash-store.test.ts`. */
import { expect, type test } from 'bun:test'
import fc from 'fast-check'
import { GONE, lsnToHex } from '../../src/cache/floors.ts'
import { type CacheStore, ENTRY_TTL_MS } from '../../src/cache/store.ts'
import type { Lsn } from '../../src/domain/lsn.ts'

export const at = (n: number | bigint) => BigInt(n) as Lsn

export interface Subject {
  /** An empty store. */
  store: CacheStore
  /** Loses one customer's floor, as an eviction would; not all stores can be made to. */
  loseFloor?(customerId: string): Promise<void>
  /** Loses everything. */
  loseAll?(): Promise<void>
}

/** A fill with a body that tells its position. */
export const fillOf = (key: string, customerId: string, lsn: Lsn, body = '{}') => ({
  key,
  customerId,
  lsn,
  entry: `${lsnToHex(lsn)}${body}`,
  keepMs: ENTRY_TTL_MS,
})

export function cacheStoreContract(check: typeof test, make: () => Promise<Subject>) {
  check('knows nothing at first, and stores nothing as long as it knows no mark', async () => {
    const { store } = await make()

    expect(await store.find('k', 'anna')).toEqual({ entry: null, floor: null })
    expect(await store.fill(fillOf('k', 'anna', at(5)))).toBe(false)
    expect(await store.find('k', 'anna')).toEqual({ entry: null, floor: null })
  })

  check('without a floor, stores what is not behind the mark, which makes the floor', async () => {
    const { store } = await make()
    await store.raise(at(5), [])

    expect(await store.fill(fillOf('k', 'anna', at(4)))).toBe(false)
    expect(await store.find('k', 'anna')).toEqual({ entry: null, floor: null })
    expect(await store.fill(fillOf('k', 'anna', at(6)))).toBe(true)
    expect((await store.find('k', 'anna')).floor).toBe(at(6))
    expect(await store.fill(fillOf('j', 'anna', at(5)))).toBe(false)
  })

  check('stores what is at the floor or above it, and nothing below', async () => {
    const { store } = await make()
    await store.raise(at(7), ['anna'])

    expect(await store.fill(fillOf('k', 'anna', at(6)))).toBe(false)
    expect(await store.fill(fillOf('k', 'anna', at(7)))).toBe(true)
    expect(await store.find('k', 'anna')).toEqual({
      entry: `${lsnToHex(at(7))}{}`,
      floor: at(7),
    })
  })

  check('raises a floor over an entry, which stays for worse days', async () => {
    const { store } = await make()
    await store.raise(at(7), ['anna', 'bert'])
    await store.fill(fillOf('k', 'anna', at(7)))
    await store.fill(fillOf('k', 'bert', at(7)))

    await store.raise(at(9), ['anna'])

    expect((await store.find('k', 'anna')).floor).toBe(at(9))
    expect((await store.find('k', 'anna')).entry).not.toBeNull()
    expect((await store.find('k', 'bert')).floor).toBe(at(7))
  })

  check('only ever raises, floors and mark', async () => {
    const { store } = await make()
    await store.raise(at(9), ['anna'])
    await store.raise(at(3), ['anna', 'bert'])
    await store.raise(at(9), ['anna'])

    expect((await store.find('k', 'anna')).floor).toBe(at(9))
    expect((await store.find('k', 'bert')).floor).toBe(at(9))
    expect(await store.fill(fillOf('k', 'carl', at(8)))).toBe(false)
    expect(await store.fill(fillOf('k', 'carl', at(9)))).toBe(true)
  })

  check('moves the mark with the customers, and without any', async () => {
    const { store } = await make()
    await store.raise(at(4), ['anna'])
    expect(await store.fill(fillOf('k', 'bert', at(3)))).toBe(false)
    await store.raise(at(6), [])
    expect(await store.fill(fillOf('k', 'bert', at(5)))).toBe(false)
    expect(await store.fill(fillOf('k', 'bert', at(6)))).toBe(true)
    expect(await store.fill(fillOf('j', 'anna', at(5)))).toBe(true)
  })

  check('raises all floors at once, also of customers of whom it knows none', async () => {
    const { store } = await make()
    await store.raise(at(4), ['anna'])
    await store.fill(fillOf('k', 'anna', at(5)))
    await store.fill(fillOf('k', 'bert', at(5)))

    await store.raiseAll(at(6))

    expect((await store.find('k', 'anna')).floor).toBe(at(6))
    expect((await store.find('k', 'bert')).floor).toBe(at(6))
    expect(await store.fill(fillOf('k', 'anna', at(5)))).toBe(false)
    expect(await store.fill(fillOf('k', 'carl', at(5)))).toBe(false)
    expect(await store.fill(fillOf('k', 'anna', at(6)))).toBe(true)
    await store.raiseAll(at(3))
    expect((await store.find('k', 'anna')).floor).toBe(at(6))
  })

  check('tells where customers were changed last, of many at once', async () => {
    const { store, loseFloor } = await make()
    expect(await store.lastChanges(['anna'])).toEqual([at(0)])
    await store.raise(at(4), ['anna'])
    await store.raise(at(7), ['bert'])

    expect(await store.lastChanges(['bert', 'anna', 'bert'])).toEqual([at(7), at(4), at(7)])
    await store.raiseAll(at(9))
    expect(await store.lastChanges(['anna', 'carl'])).toEqual([at(9), at(9)])
    await store.forget(['carl'])
    expect(await store.lastChanges(['carl', 'anna'])).toEqual([GONE, at(9)])
    await store.raise(at(11), ['anna'])
    await loseFloor?.('anna')
    expect(await store.lastChanges(['anna'])).toEqual([loseFloor ? at(9) : at(11)])
  })

  check('keeps nothing of who is forgotten, and lets nothing come again', async () => {
    const { store } = await make()
    await store.raise(at(4), ['anna', 'bert'])
    for (const key of ['k', 'l']) await store.fill(fillOf(key, 'anna', at(5)))
    await store.fill(fillOf('b', 'bert', at(5)))

    await store.forget(['anna', 'carl'])
    await store.forget(['anna'])
    await store.raise(at(9), ['anna'])

    for (const key of ['k', 'l'])
      expect(await store.find(key, 'anna')).toEqual({ entry: null, floor: GONE })
    expect(await store.fill(fillOf('k', 'anna', at(9)))).toBe(false)
    expect(await store.fill(fillOf('c', 'carl', at(9)))).toBe(false)
    expect((await store.find('b', 'bert')).entry).not.toBeNull()
  })

  check('lets no late fill replace a newer one', async () => {
    const { store } = await make()
    await store.raise(at(1), ['anna'])

    expect(await store.fill(fillOf('k', 'anna', at(8), '{"new":1}'))).toBe(true)
    expect(await store.fill(fillOf('k', 'anna', at(7), '{"old":1}'))).toBe(false)
    expect(await store.fill(fillOf('k', 'anna', at(8), '{"same":1}'))).toBe(true)
    expect((await store.find('k', 'anna')).entry).toEndWith('{"same":1}')
  })

  check('compares positions as numbers of 64 bits', async () => {
    const { store } = await make()
    const ascending = [9n, 0x10n, 0xa0n, 0xffff_ffffn, 0x1_0000_0000n, 0x1000_0000_0000_0000n]

    for (const lsn of ascending) await store.raise(at(lsn), ['anna'])
    for (const lsn of ascending.reverse()) await store.raise(at(lsn), ['anna'])

    expect((await store.find('k', 'anna')).floor).toBe(at(0x1000_0000_0000_0000n))
  })

  check('raises thousands of floors at once', async () => {
    const { store } = await make()
    const ids = Array.from({ length: 1_501 }, (_, n) => `customer-${n}`)

    await store.raise(at(5), ids)

    for (const n of [0, 499, 500, 501, 999, 1000, 1500]) {
      expect((await store.find('k', ids[n]!)).floor).toBe(at(5))
    }
    expect(await store.fill(fillOf('k', 'new', at(4)))).toBe(false)
    expect(await store.fill(fillOf('k', 'new', at(5)))).toBe(true)
  })

  check('keeps every text as it is', async () => {
    const { store } = await make()
    await store.raise(at(1), ['anna'])
    const bodies = [
      '{"amount":9223372036854775807,"rate":1.10}',
      '{"name":"Zoë \u202e 😀 \\u0000 <b>\'\\"","ok":"OK"}',
      `{"long":"${'ß'.repeat(200_000)}"}`,
    ]
    for (const [n, body] of bodies.entries()) {
      await store.fill(fillOf(`k${n}`, 'anna', at(1), body))

      expect((await store.find(`k${n}`, 'anna')).entry).toBe(`${lsnToHex(at(1))}${body}`)
    }
  })

  check('gives a claim to one of all who ask, until its time is over', async () => {
    const { store } = await make()

    const claims = await Promise.all(Array.from({ length: 5 }, () => store.claim('k', 60_000)))

    expect(claims.filter(Boolean)).toHaveLength(1)
    expect(await store.claim('j', 60_000)).toBe(true)
  })

  check('takes no entry for fresh that a raised change is missing from, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
        await play(await make(), steps)
      }),
      { numRuns: Number(process.env.PT_PROPERTY_RUNS ?? 100) },
    )
  })
}

const CUSTOMERS = ['anna', 'bert', 'carl']
type Step = {
  do: 'commit' | 'raise' | 'replace' | 'read' | 'fill' | 'find' | 'lose' | 'lose-all'
  n: number
}
const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom(
    ...(['commit', 'commit', 'raise', 'raise', 'read', 'read', 'fill', 'fill'] as const),
    ...(['find', 'find', 'find', 'replace', 'lose', 'lose-all'] as const),
  ),
  n: fc.nat(20),
})

/**
 * A read store whose position grows with every commit; a projector that raises later, in order; and
 * readers that fill long after they have read, in any order.
 */
async function play({ store, loseFloor, loseAll }: Subject, steps: readonly Step[]) {
  let position = 1
  const commits: { lsn: Lsn; customerId: string }[] = []
  const reads: { lsn: Lsn; customerId: string }[] = []
  const raised = new Map<string, Lsn>()

  for (const { do: what, n } of steps) {
    const customerId = CUSTOMERS[n % CUSTOMERS.length]!
    if (what === 'commit') {
      position += 1 + (n % 2)
      commits.push({ lsn: at(position), customerId })
    } else if (what === 'raise') {
      const next = commits.shift()
      await store.raise(next?.lsn ?? at(position), next ? [next.customerId] : [])
      if (next) raised.set(next.customerId, next.lsn)
    } else if (what === 'replace' && n < 5) {
      // Behind every earlier change, whose floors are raised in their order.
      for (const { lsn } of commits.splice(0)) await store.raise(lsn, [])
      position += 1
      await store.raiseAll(at(position))
      for (const id of CUSTOMERS) raised.set(id, at(position))
    } else if (what === 'read') {
      // A replica behind by some commits reads an older position.
      reads.push({ lsn: at(Math.max(1, position - (n % 4))), customerId })
    } else if (what === 'fill' && reads.length > 0) {
      const [read] = reads.splice(n % reads.length, 1)
      await store.fill(fillOf(`k-${read!.customerId}`, read!.customerId, read!.lsn))
    } else if (what === 'lose') await loseFloor?.(customerId)
    else if (what === 'lose-all' && n === 0) await loseAll?.()

    for (const id of CUSTOMERS) {
      const { entry, floor } = await store.find(`k-${id}`, id)
      if (entry === null || floor === null) continue
      const lsn = BigInt(`0x${entry.slice(0, 16)}`)
      if (lsn >= floor) expect(lsn).toBeGreaterThanOrEqual(raised.get(id) ?? 0n)
    }
  }
}
