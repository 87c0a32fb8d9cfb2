/** Moments of the projector's work at which a kill must lose nothing and double nothing. */

/**
 * - `received`: a transaction has come whole and waits to be written
 * - `written`: a batch, or a chunk of a large transaction, is written and not yet committed
 * - `before-commit`: all is written; the checkpoint moves and commits next
 * - `committed`: it is durable; the source is not yet told
 * - `acknowledged`: the source is told; the floors of the cache are not yet raised
 * - `page-copied`: a page of the first copy is durable
 * - `switched`: a rebuilt generation serves; the slot of the one before is not yet dropped
 */
const PROJECTOR_POINTS = [
  'received',
  'written',
  'before-commit',
  'committed',
  'acknowledged',
  'page-copied',
  'switched',
] as const
export type ProjectorPoint = (typeof PROJECTOR_POINTS)[number]

/** Told of each point as it is passed; whoever listens may end the process there. */
export type PointListener = (point: ProjectorPoint) => void
