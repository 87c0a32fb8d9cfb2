/** Why something about a person can't be done, in words, and what to do about it. */
import type { ProblemKind } from '../../../client/index.ts'
import type { Failure } from '../api/failure.ts'
import { t } from '../i18n/index.ts'
import { Icon } from '../ui/icons.tsx'
import { Problem } from '../ui/problem.tsx'

interface RefusalProps {
  kind: string | null
  /** Of the customer who is the reason. */
  name?: string | null | undefined
}

/** Null where the app has no words of its own for this kind. */
export function wordsFor({ kind, name }: RefusalProps): [string, string] | null {
  const { refusals } = t.value.people
  const words = (refusals as Partial<Record<string, (name: string) => [string, string]>>)[
    kind ?? ''
  ]
  return words?.(name ?? t.value.people.thisCustomer) ?? null
}

export function Refusal({ kind, name }: RefusalProps) {
  const texts = t.value
  const [title, advice] = wordsFor({ kind, name }) ?? texts.failures.conflict!
  return (
    <div class="refusal">
      <Icon name="alert" className="problem__icon" />
      <div>
        <p class="problem__title">{title}</p>
        <p class="problem__advice">{advice}</p>
      </div>
    </div>
  )
}

interface RefusedProps {
  failure: Failure
  nameOf?: (culprit: string) => string | null | undefined
}

/** Why an act was refused. Nothing was changed by it. */
export function Refused({ failure, nameOf }: RefusedProps) {
  const { kind = null, culprit = null } = failure.problem ?? {}
  const known: ProblemKind | null = kind
  const fallback = NOT_NOW.has(failure.kind) ? 'not-now' : null
  const shown = wordsFor({ kind: known }) ? known : fallback
  if (!shown) return <Problem failure={failure} compact />
  return (
    <div role="alert">
      <Refusal kind={shown} name={culprit && nameOf?.(culprit)} />
    </div>
  )
}

const NOT_NOW: ReadonlySet<Failure['kind']> = new Set(['unavailable', 'too-many', 'offline'])

/** An act that nobody has answered: it is kept, and this dialog has nothing more to say. */
export function Waiting() {
  const texts = t.value.people
  return (
    <div class="refusal" role="status">
      <Icon name="offline" className="problem__icon" />
      <div>
        <p class="problem__title">{texts.waitingTitle}</p>
        <p class="problem__advice">{texts.waiting}</p>
      </div>
    </div>
  )
}
