/**
 * What staff do that changes something. Every act goes through here, with a network and without: it is stored
 * on the device, encrypted, before it is sent, and is one intent with one Idempotency-Key for as long as it
 * lives. Whose answer is lost is sent again until the server has said something.
 *
 * A refund is never settled without a network. There are two things that a return can be:
 *
 * - **requested**: a person wants it, and the server was not there to say what it is worth. Nothing was sent, and
 *   nothing is, until a person settles it with the amount that the server says then.
 * - **confirmed**: she agreed to the server's own amount (`expectedRefund`), and the server was there a moment before
 *   it was sent. From then on it is resent by itself until it is known to be done, or refused.
 */
import { reaches, tell } from '../api/client.ts'
import { Failure, type FailureKind } from '../api/failure.ts'
import type { ReturnRequest } from '../api/types.ts'
import { type About, addressOf, type Command, type CommandName, type Commands } from './commands.ts'
import { isOpen } from './item.ts'
import { type Ending, NotKept, type Queue } from './queue.ts'
import { openedOutbox } from './state.ts'

export type { About, CommandName, Commands } from './commands.ts'

/** What waits for a person's decision, as she looked at it. Settled, or refused anew, it has another key. */
export interface Settles {
  id: string
  key: string
}

/** How an act stands when the one who began it is told. */
export type Outcome<Name extends CommandName> =
  | { state: 'done'; answer: Commands[Name]['answer'] }
  /** Refused for good; `failure.problem` says why. Nothing was changed. `settles`: as it waits for her again. */
  | { state: 'refused'; failure: Failure; settles?: Settles | undefined }
  /** It is kept, and sent again until the server has said something. Nobody knows yet whether it was done. */
  | { state: 'waiting' }
  /** It is kept, and nothing of it was sent. It is not done until a person settles it. */
  | (Name extends 'return' ? { state: 'requested'; itemId: string } : never)

export interface ActOptions {
  /**
   * The request (or what was refused) that this act settles: it takes its place in the list, and where it is refused
   * has it again.
   */
  settles?: Settles | undefined
  /** Aborted when its person goes before she was shown how it ended, which is then in the list. */
  left?: AbortSignal | undefined
}

/** Does it, or keeps it until it can be done. Resolves within some 20 s; never rejects. */
export async function act<Name extends CommandName>(
  name: Name,
  to: Commands[Name]['to'],
  about: About,
  { settles, left }: ActOptions = {},
): Promise<Outcome<Name>> {
  const queue = await openedOutbox()
  if (!queue) return refused('signed-out')
  const command = { name, to } as Command
  const id = settles?.id ?? crypto.randomUUID()
  const instead = { instead: settles?.key }
  try {
    if (command.name === 'return') {
      const key = await queue.add(id, { command, about, state: 'requested' }, instead)
      // Somebody may have settled it in another tab.
      if (key === null) return refused('conflict')
      const agreed = command.to.body.expectedRefund !== undefined
      if (!agreed || !(await reaches())) return requestedAs(id)
      const ending = queue.endingOf(id, left)
      const confirmed = await confirm(queue, { id, key })
      if (confirmed === true) return outcomeOf<Name>(await ending, settles && { id, key })
      queue.giveUp(id)
      return confirmed === null ? requestedAs(id) : refused('conflict')
    }
    const ending = queue.endingOf(id, left)
    if ((await queue.add(id, { command, about, state: 'queued' }, instead)) !== null)
      return outcomeOf<Name>(await ending)
    queue.giveUp(id)
    return refused('conflict')
  } catch (error) {
    if (!(error instanceof NotKept)) throw error
    // The device has no room for it: nothing was sent.
    return refused('not-kept')
  }
}

/** Null: that could not be stored, and it is still only requested. */
async function confirm(queue: Queue, { id, key }: Settles): Promise<boolean | null> {
  try {
    return await queue.confirm(id, key)
  } catch (error) {
    if (error instanceof NotKept) return null
    throw error
  }
}

function requestedAs<Name extends CommandName>(itemId: string): Outcome<Name> {
  return { state: 'requested', itemId } as unknown as Outcome<Name>
}

/**
 * Keeps a return that nobody can say the amount of, since there is no network: a request, which the list of what
 * waits asks a person to settle. Never rejects.
 */
export function requestReturn(
  { purchaseId, body }: Commands['return']['to'],
  about: About,
  options: ActOptions = {},
): Promise<Outcome<'return'>> {
  return act('return', unpriced({ purchaseId, body }).to, about, options)
}

/** The same return, without the amount that somebody agreed to. */
function unpriced({ purchaseId, body }: Commands['return']['to']) {
  const { expectedRefund: _none, ...asked } = body
  return { name: 'return' as const, to: { purchaseId, body: asked } }
}

/**
 * What the return asks for that waits for a person under this id (`?settle=ID`), to begin the dialog with. Null:
 * it does not wait any more. The amount is not in it: that is for the server to say anew.
 */
export async function draftOf(
  itemId: string,
): Promise<{ key: string; purchaseId: string; body: ReturnRequest } | null> {
  const queue = await openedOutbox()
  const item = queue?.items.peek().find(({ id }) => id === itemId)
  if (!item || !isOpen(item) || item.command.name !== 'return') return null
  return { key: item.key, ...unpriced(item.command.to).to }
}

/** What the act would do, without doing it. Rejects with a Failure, as the act itself would be refused. */
export function preview<Name extends Exclude<CommandName, 'unmerge' | 'attribution'>, Answer>(
  name: Name,
  to: Commands[Name]['to'],
): Promise<Answer> {
  const { path, ...options } = addressOf({ name, to } as Command)
  return tell<Answer>(path, { ...options, query: { dryRun: true } })
}

function refused(kind: FailureKind): { state: 'refused'; failure: Failure } {
  return { state: 'refused', failure: new Failure(kind) }
}

function outcomeOf<Name extends CommandName>(ending: Ending, settles?: Settles): Outcome<Name> {
  if (ending.state === 'refused') {
    const { kind, problem } = ending.failure
    return { state: 'refused', failure: new Failure(kind, null, problem), settles }
  }
  return ending as Outcome<Name>
}
