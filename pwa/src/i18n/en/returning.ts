/** What is said of taking goods back. */
export const returning = {}
