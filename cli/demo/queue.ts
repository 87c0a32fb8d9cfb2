/** What is to happen, soonest first; of two at the same instant, the one that was put in first. */
import type { Micros } from './clock.ts'

interface Entry<T> {
  at: Micros
  turn: number
  item: T
}

/** A binary heap: the demo plans some ten thousand events ahead. */
export class EventQueue<T> {
  readonly #heap: Entry<T>[] = []
  #turn = 0

  push(at: Micros, item: T): void {
    const heap = this.#heap
    const entry = { at, turn: this.#turn++, item }
    let hole = heap.length
    heap.push(entry)
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if (!isBefore(entry, heap[parent]!)) break
      heap[hole] = heap[parent]!
      hole = parent
    }
    heap[hole] = entry
  }

  pop(): { at: Micros; item: T } | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (!first || !last || heap.length === 0) return first
    let hole = 0
    while (true) {
      const left = 2 * hole + 1
      if (left >= heap.length) break
      const right = left + 1
      const child = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left
      if (!isBefore(heap[child]!, last)) break
      heap[hole] = heap[child]!
      hole = child
    }
    heap[hole] = last
    return first
  }
}

function isBefore(a: Entry<unknown>, b: Entry<unknown>): boolean {
  return a.at !== b.at ? a.at < b.at : a.turn < b.turn
}
