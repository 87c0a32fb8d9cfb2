/** What is said of what is on its way to the server. */
export const outbox = {}
