/**
 * One fault after another on one server. Run as a program it is a lane of a soak: it takes faults from its
 * parent and tells what came of each.
 */

import { within } from '../projector/support/until.ts'
import { randomOf } from '../projector/support/workload.ts'
import { stopTestCluster } from '../support/postgres.ts'
import { Arena } from './arena.ts'
import { FAULTS, type FaultKind } from './kinds.ts'

export interface Order {
  /** Of the fault in its run. */
  number: number
  kind: FaultKind
  seed: number
}

export interface Outcome {
  number: number
  kind: FaultKind
  /** From the fault until the read model equals the source. */
  recoveryMs: number
  /** What was lost, doubled, different or stuck; null: nothing. */
  failure: string | null
}

/** So many faults share their databases. */
const FAULTS_AN_ARENA = 60
export const FAULT_WITHIN_MS = 240_000

export class Lane {
  #arena: Arena | null = null
  #left = 0

  /** Strikes, and waits until the read model is proven equal; never rejects. */
  async run({ number, kind, seed }: Order): Promise<Outcome> {
    const random = randomOf(seed + number * 7_919)
    try {
      if (this.#left-- === 0) await this.close()
      this.#arena ??= await this.#open(random)
      const arena = this.#arena
      arena.random = random
      arena.struck()
      const work = FAULTS[kind](arena).then(async () => {
        await arena.commits(1)
        await arena.settle()
      })
      await within(work, 'a recovery', FAULT_WITHIN_MS)
      return { number, kind, recoveryMs: arena.sinceStruckMs, failure: null }
    } catch (error) {
      const failure = `${(error as Error).message}\n${this.#arena?.describe() ?? 'no arena yet'}`
      // What is broken would break the faults to come as well.
      await within(this.close(), 'the end of an arena', 20_000).catch(() => {})
      return { number, kind, recoveryMs: 0, failure }
    }
  }

  async close(): Promise<void> {
    const arena = this.#arena
    this.#arena = null
    await arena?.close()
  }

  async #open(random: () => number): Promise<Arena> {
    this.#left = FAULTS_AN_ARENA - 1
    return Arena.open(random)
  }
}

if (import.meta.main) {
  const lane = new Lane()
  process.on('message', async (order: Order) => process.send?.(await lane.run(order)))
  process.on('disconnect', async () => {
    await within(lane.close(), 'the end of an arena', 20_000).catch(() => {})
    await stopTestCluster()
    process.exit()
  })
}
