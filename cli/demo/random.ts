/** Chance that is the same on every machine: sfc32 seeded from a text, and ids drawn from it. */
import type { Micros } from './clock.ts'

export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: string) {
    const next = mixer(seed)
    this.#a = next()
    this.#b = next()
    this.#c = next()
    // The first outputs of sfc32 still show the seed.
    for (let round = 0; round < 12; round++) this.uint32()
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return sum >>> 0
  }

  /** In [0, 1). */
  fraction(): number {
    return this.uint32() / 0x1_0000_0000
  }

  /** A whole number from `low` to `high`, both possible. */
  int(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('nothing to pick from')
    return list[Math.floor(this.fraction() * list.length)]!
  }

  /** One of the list, each as likely as its weight says. */
  weighted<T>(list: readonly T[], weight: (item: T) => number): T {
    let total = 0
    for (const item of list) total += weight(item)
    if (!(total > 0)) throw new RangeError('nothing to pick from')
    let left = this.fraction() * total
    for (const item of list) {
      left -= weight(item)
      if (left < 0) return item
    }
    return list.findLast((item) => weight(item) > 0)!
  }

  /** `count` different items, in a random order. */
  sample<T>(list: readonly T[], count: number): T[] {
    const pool = [...list]
    const taken: T[] = []
    while (taken.length < count && pool.length > 0) {
      taken.push(...pool.splice(Math.floor(this.fraction() * pool.length), 1))
    }
    return taken
  }

  /** `length` letters and digits that cannot be mistaken for each other. */
  code(length: number): string {
    const letters = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
    return Array.from({ length }, () => letters[this.uint32() % letters.length]).join('')
  }

  /** A UUID version 7: ids made later sort later, which keeps the source's indexes compact. */
  uuid(at: Micros): string {
    const time = Math.floor(at / 1000)
      .toString(16)
      .padStart(12, '0')
    const a = (0x7000 | (this.uint32() & 0x0fff)).toString(16)
    const b = (0x8000 | (this.uint32() & 0x3fff)).toString(16)
    const c = this.uint32().toString(16).padStart(8, '0')
    const d = (this.uint32() & 0xffff).toString(16).padStart(4, '0')
    return `${time.slice(0, 8)}-${time.slice(8)}-${a}-${b}-${c}${d}`
  }
}

/** FNV-1a over the text, then splitmix32: every bit of the seed reaches every word of the state. */
function mixer(seed: string): () => number {
  let hash = 0x811c_9dc5
  for (const character of seed) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x0100_0193)
  }
  return () => {
    hash = (hash + 0x9e37_79b9) | 0
    let word = Math.imul(hash ^ (hash >>> 16), 0x21f0_aaad)
    word = Math.imul(word ^ (word >>> 15), 0x735a_2d97)
    return word ^ (word >>> 15)
  }
}
