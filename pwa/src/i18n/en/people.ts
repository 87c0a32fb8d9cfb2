/** What is said of merging, linking, exporting and erasing. */
const purchases = (count: number) => (count === 1 ? '1 purchase' : `${count} purchases`)

export const people = {
  actions: 'Actions',
  offered: {
    link: 'Link a guest’s receipt …',
    merge: 'Merge with another record …',
    merges: 'Merges of this customer',
    accesses: 'Who looked at this customer',
    export: 'Export all data …',
    erase: 'Erase this customer …',
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
  formerEmployee: 'Somebody who has left',
  undoneOn: (when: string) => `Undone ${when}`,

  linkTitle: 'Link a guest’s receipt',
  receiptNumber: 'Number on the receipt',
  receiptNumberHint: 'Type or scan it',
  find: 'Find',
  noReceipt: (number: string) =>
    `No receipt with the number “${number}” in your stores. Compare it with the paper, every digit and letter.`,
  manyReceipts: (count: number) =>
    `${count} receipts have this number. Choose by date, store and amount.`,
  ofGuest: 'A guest’s: it is nobody’s yet',
  ofCustomer: (name: string) => `Belongs to ${name}`,
  wouldLink: (name: string) => `It becomes a purchase of ${name}.`,
  wouldMoveFrom: (from: string, to: string) => `It goes from ${from} to ${to}.`,
  wouldUnlink: (from: string) => `It leaves ${from} and is nobody’s: a guest’s purchase.`,
  isTheirs: (name: string) => `It is a purchase of ${name} already. There is nothing to link.`,
  isAnothers: (name: string) =>
    `It belongs to ${name}. To take it from one customer for another, ask a manager.`,
  howSure: 'How do you know?',
  evidence: {
    proven: ['Proven.', 'They have the receipt, or the card that it was paid with.'],
    confirmed: ['They say so.', 'The person has confirmed it.'],
    suggested: ['It looks like it.', 'Nobody has confirmed it.'],
  } as Record<'proven' | 'confirmed' | 'suggested', [string, string]>,
  note: 'Note',
  noteHint: 'What you have seen, or who told you',
  link: 'Link',
  move: 'Move',
  linking: 'Saving …',
  overrule: 'I am sure: what was said before is wrong.',
  overruleNow: 'Overrule',
  linkedTitle: 'Linked',
  linked: (number: string | null) =>
    `${number ? `Receipt ${number}` : 'The receipt'} is this customer’s now.`,
  movedTitle: 'Moved',
  movedTo: (number: string | null, name: string | null) =>
    `${number ? `Receipt ${number}` : 'The receipt'} is ${name === null ? 'nobody’s' : `${name}’s`} now.`,
  openReceipt: 'Open the receipt',
  linkToCustomer: 'Link to a customer …',
  notTheirs: 'Not theirs …',
  notTheirsTitle: 'Whose is this receipt?',
  whose: 'Find the customer',
  nobodys: 'Nobody’s: a guest’s',

  accessesTitle: 'Who looked at this customer',
  accessesNote: 'Newest first, for 13 months. Looking at this list is noted, too.',
  noAccesses: 'Nobody yet.',
  /** By the API's operation. */
  accessActions: {
    getCustomer: 'record',
    getPurchaseSummary: 'figures',
    getSpending: 'figures',
    getPurchases: 'purchases',
    getReceipt: 'receipt',
    getPurchase: 'receipt',
    findPurchases: 'found by receipt number',
    suggestMerges: 'similar records',
    getMerges: 'merges',
    getAccesses: 'this list',
    getChanges: 'live changes',
    returnPurchase: 'took goods back',
    mergeCustomers: 'merged',
    unmergeCustomers: 'undid a merge',
    attributePurchase: 'linked a receipt',
    exportCustomer: 'exported all data',
    eraseCustomer: 'erased',
    retention: 'erased after years without a purchase',
  } as Record<string, string>,
  outcomes: { 'dry-run': 'tried out only' } as Record<string, string>,
  refusedAccess: 'refused',

  exportTitle: 'Export all data',
  exportWhat:
    'One file with everything that is known of this person: contact, merged records, all purchases with items and payments, and who looked, by role. It is written for machines (JSON).',
  exportCare:
    'Give it to nobody else, and delete it from this device afterwards. The export is noted.',
  exportPart: 'You don’t see every store: what was bought in the others is not in it.',
  exportNow: 'Export',
  exporting: 'Exporting …',
  exportComing: 'It is being written … ',
  exportSaved: (name: string, size: string) => `Saved as ${name} (${size}).`,
  exportBroken: [
    'The file broke off',
    'Nothing was saved, since a part would look like everything. Export again.',
  ] as [string, string],

  eraseTitle: (name: string | null) => `Erase ${name ?? 'this customer'}?`,
  eraseForGood: 'This can’t be undone by anybody.',
  eraseContact: 'Name, phone, e-mail and reference go, in every store.',
  eraseOthers: (count: number) =>
    count === 1
      ? 'So does one record that was merged into this one.'
      : `So do ${count} records that were merged into this one.`,
  eraseDetached: (count: number) =>
    count === 0
      ? 'No purchase is concerned.'
      : `${purchases(count)} ${count === 1 ? 'stays' : 'stay'} in the books, with every amount and without a name.`,
  eraseMerges: (count: number) =>
    count === 1 ? 'The notes on one merge go.' : `The notes on ${count} merges go.`,
  eraseDevices: 'Tills and tablets forget them within a minute of being online.',
  typeToErase: 'To confirm, type',
  erase: 'Erase for good',
  erasing: 'Erasing …',

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
    'others-merged': () => [
      'Somebody else was merged into this customer since',
      'Nothing was erased. Open the customer and look at what would go now.',
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
    'purchase-not-found': () => [
      'That receipt is not one of your stores’',
      'Ask somebody who works in the store that it is from.',
    ],
    'not-permitted': () => [
      'It is another customer’s',
      'To take it from them is a manager’s decision: ask one.',
    ],
    'stronger-evidence': () => [
      'Somebody was surer whose it is',
      'Ask the person again, or overrule what was said before.',
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
