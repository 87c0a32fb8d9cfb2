/** What is said of copies on paper and on a till’s printer. */
export const printing = {}
