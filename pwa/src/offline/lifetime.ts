/** How long and for whom something is kept on the device. */

/** From when the server last said that it is so. */
export const KEEP_MS = 72 * 3_600_000
/** Looks at least so old that a person asks herself whether it is still so. */
export const OLD_MS = 24 * 3_600_000
/** Customers that were opened last. */
export const MAX_VIEWED = 50
/** Customers that were chosen to be kept. */
export const MAX_CHOSEN = 200
