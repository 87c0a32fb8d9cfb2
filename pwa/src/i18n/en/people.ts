/** What is said of merging, linking, exporting and erasing. */
export const people = {}
