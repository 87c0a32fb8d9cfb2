/** Errors by what the loop, or a person, must do. */

/** Nothing that the projector can mend: it stops and says what a person must do. */
export class FatalProjectorError extends Error {
  override readonly name: string = 'FatalProjectorError'
}

/** Another projector moved the checkpoint, or the checkpoint belongs to another slot. */
export class FencedError extends FatalProjectorError {
  override readonly name = 'FencedError'
}

/** What was being written was replaced by a rebuild, or reset: begin again with what is there now. */
export class ReplacedError extends Error {
  override readonly name = 'ReplacedError'
}

/** The slot is in use by another connection: wait for it as a standby. */
export class SlotInUseError extends Error {
  override readonly name = 'SlotInUseError'
}

/** A connection was lost or has gone silent: connect again. */
export class StreamLostError extends Error {
  override readonly name = 'StreamLostError'
}

/** A broken promise inside the projector: a bug, never an operator's fault. */
export function invariant(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new FatalProjectorError(`invariant broken: ${promise}`)
}

/** SQLSTATE of a Postgres error, whichever driver it came from. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}

/** Whether trying again may help: the server was not reached, or is starting, ending or full. */
export function isPassing(error: unknown): boolean {
  const state = sqlState(error)
  return !state || !/^[0-9A-Z]{5}$/.test(state) || /^(08|40|57)|^53300$/.test(state)
}

/** Bad values (22), violated constraints (23), raised exceptions (P0): their texts repeat the data. */
const REPEATS_DATA = /^(22|23|P0)...$/

/**
 * The message alone, for logs: driver errors carry queries and parameters, which may be personal data,
 * and so may a message that speaks of a value.
 */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0])
  const state = sqlState(error)
  if (state !== undefined && REPEATS_DATA.test(state)) return `database error ${state}`
  return error instanceof Error ? error.message || error.name : String(error)
}
