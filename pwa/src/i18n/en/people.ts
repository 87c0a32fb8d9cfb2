/** What is said of merging, linking, exporting and erasing. */
const purchases = (count: number) => (count === 1 ? '1 purchase' : `${count} purchases`)

export const people = {
  actions: 'Actions',
  offered: {
    merge: 'Merge with another record …',
    merges: 'Merges of this customer',
  },
  cancel: 'Cancel',
  putAway: 'Put away',
  thisCustomer: 'This customer',
  waitingTitle: 'No answer yet',
  waiting:
    'It is kept on this device, and sent again until the server has said something. Nothing is done twice.',

  alike: 'May be the same person',
  maybeSame: 'May be the same person as',
  andOthers: (count: number) => (count === 1 ? ' and one other' : ` and ${count} others`),
  sameAs: {
    phone: (hint: string) => `same phone ${hint}`,
    email: (hint: string) => `same e-mail ${hint}`,
  },
  compare: 'Compare',
  notTheSame: 'Not the same',
  openRecord: 'Open that record',

  mergeTitle: 'Merge two records of one person',
  mergeWith: 'Find the other record',
  whichStays: 'Which record stays?',
  stays: 'Stays',
  goes: 'Goes into the other',
  newest: 'Newest purchases',
  wouldMove: (count: number) =>
    count === 0
      ? 'No purchase moves.'
      : `${purchases(count)} ${count === 1 ? 'moves' : 'move'} to the record that stays.`,
  oldLeadsThere: 'The other one leads there from then on. It can be undone.',
  unseenMove: 'Purchases in stores that you don’t see move, too.',
  cantMerge: 'These two can’t be merged:',
  mergeReason: 'Why they are the same person',
  mergeReasonHint: 'For whoever has to check it later',
  another: 'Choose another',
  merge: 'Merge',
  merging: 'Merging …',
  mergedTitle: 'Merged',
  merged: (name: string, count: number) =>
    `${name}’s record is part of this one now. ${count === 0 ? 'It had no purchases.' : `It brought ${purchases(count)}.`}`,
  undo: 'Undo',

  undoTitle: 'Undo this merge?',
  undoWhat: (name: string) =>
    `${name} becomes a record of its own again, with every purchase that the merge brought here. What was bought since, and what somebody has linked by hand, stays here.`,
  keepMerged: 'Keep them merged',
  undoing: 'Undoing …',
  undoneTitle: 'Merge undone',
  undone: (name: string, count: number) =>
    `${name} is a record of its own again${count === 0 ? '.' : `, with ${purchases(count)}.`}`,

  mergesTitle: 'Merges of this customer',
  noMerges: 'This record was never merged with another one.',
  into: 'into',
  mergedBy: (who: string, when: string) => `By ${who}, ${when}`,
  aService: 'an unnamed user',
  undoneOn: (when: string) => `Undone ${when}`,

  /** By the last word of the problem's type: what it is, and what to do. */
  refusals: {
    'customer-not-found': () => [
      'That record is not there any more',
      'Somebody has removed it. Search again.',
    ],
    'into-itself': () => ['That is the same record', 'Choose another one.'],
    'already-merged': (name: string) => [
      `${name} is merged into another record already`,
      'Undo that merge first, or choose the record that it leads to.',
    ],
    'target-merged': (name: string) => [
      `${name} was itself merged into another record`,
      'Choose the record that it leads to.',
    ],
    erased: (name: string) => [
      `${name} was erased`,
      'An erased person stays forgotten: nothing can be done with that record.',
    ],
    blocked: (name: string) => [
      `${name} is blocked`,
      'Whoever blocked them has to lift that first, in the back office. Then try again.',
    ],
    'merge-not-found': () => [
      'That merge is not one of this customer’s',
      'Open the customer again and look at the list of merges.',
    ],
    'already-undone': () => [
      'Somebody has undone it already',
      'There is nothing left to do. Open the customer again to see it.',
    ],
    'actor-unknown': () => [
      'The till’s records don’t know you',
      'Ask whoever looks after your sign-in. Nothing was changed.',
    ],
    'not-now': () => [
      'That can’t be done right now',
      'Nothing was changed. Wait a moment and try again.',
    ],
  } satisfies Record<string, (name: string) => [string, string]> as Record<
    string,
    (name: string) => [string, string]
  >,
}
