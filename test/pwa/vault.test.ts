import { describe, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { blind, makeKeys } from '../../pwa/src/vault/keys.ts'
import { decode, encode, seal, unseal } from '../../pwa/src/vault/sealing.ts'

/** What the API answers with, and what no answer has had so far. */
const values = fc.jsonValue({ depthSize: 'small' }).chain((json) =>
  fc.record({
    json: fc.constant(JSON.parse(JSON.stringify(json))),
    amount: fc.bigInt(),
    text: fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((rest) => `\u0000${rest}`),
    ),
    nested: fc.array(fc.record({ n: fc.bigInt(), of: fc.string() })),
  }),
)

describe('what is sealed', () => {
  test('comes back to the last digit', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decode(encode(value))).toEqual(value)
      }),
    )
  })

  test('opens with its own key, beside its own label, untouched; and else not', async () => {
    const [{ cipher }, other] = await Promise.all([makeKeys(), makeKeys()])
    await fc.assert(
      fc.asyncProperty(values, fc.string(), fc.nat(), async (value, label, at) => {
        const sealed = await seal(cipher, label, value)
        expect(await unseal(cipher, label, sealed)).toEqual(value)

        const touched = new Uint8Array(sealed.data.slice(0))
        touched[at % touched.length]! ^= 1
        const wrong = [
          unseal(other.cipher, label, sealed),
          unseal(cipher, `${label}.`, sealed),
          unseal(cipher, label, { ...sealed, data: touched.buffer }),
          unseal(cipher, label, { ...sealed, iv: new Uint8Array(12) }),
        ]
        const outcomes = await Promise.allSettled(wrong)
        expect(outcomes.map(({ status }) => status)).toEqual(wrong.map(() => 'rejected'))
      }),
      { numRuns: 50 },
    )
  })

  test('looks different each time, and its name the same', async () => {
    const keys = await makeKeys()
    const [one, two] = await Promise.all([seal(keys.cipher, 'x', 1), seal(keys.cipher, 'x', 1)])

    expect(one.iv).not.toEqual(two.iv)
    expect(new Uint8Array(one.data)).not.toEqual(new Uint8Array(two.data))
    expect(await blind(keys, 'kept', 'a')).toBe(await blind(keys, 'kept', 'a'))
    // The words are apart: none can be shifted into the next.
    expect(await blind(keys, 'kept', 'a')).not.toBe(await blind(keys, 'kepta', ''))
  })

  test('is under keys that nobody can read', async () => {
    const { cipher, mac } = await makeKeys()
    for (const key of [cipher, mac]) {
      expect(key.extractable).toBe(false)
      await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow()
    }
  })
})
