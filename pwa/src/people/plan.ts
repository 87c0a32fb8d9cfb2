/** What an act would do, asked for again whenever it would be another one. */
import { signal } from '@preact/signals'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { Failure } from '../api/failure.ts'

/** Both null until it is known. */
export interface Planned<Answer> {
  answer: Answer | null
  failure: Failure | null
}

const UNKNOWN = { answer: null, failure: null }

/** The answer to the last question. One to a question before is never taken for it, however late it comes. */
export class Plan<Answer> {
  readonly #known = signal<(Planned<Answer> & { question: string }) | null>(null)
  #turn = 0

  /** What is known of this question. */
  of(question: string): Planned<Answer> {
    const known = this.#known.value
    return known?.question === question ? known : UNKNOWN
  }

  /** Rejects as `look` does, but with a Failure, which is the answer then. */
  async ask(question: string, look: () => Promise<Answer>): Promise<void> {
    this.#turn += 1
    const turn = this.#turn
    const planned = await look().then(
      (answer) => ({ answer, failure: null }),
      (failure) => {
        if (!(failure instanceof Failure)) throw failure
        return { answer: null, failure }
      },
    )
    if (turn === this.#turn) this.#known.value = { question, ...planned }
  }
}

/** Asks when the dialog opens, with each other question, and when it is told to ask again. */
export function usePlan<Answer>(
  question: string,
  look: () => Promise<Answer>,
): Planned<Answer> & { askAgain: () => void } {
  const plan = useMemo(() => new Plan<Answer>(), [])
  const [attempt, setAttempt] = useState(0)
  const asked = `${question} ${attempt}`
  useEffect(() => void plan.ask(asked, look), [asked])
  return { ...plan.of(asked), askAgain: () => setAttempt((before) => before + 1) }
}
