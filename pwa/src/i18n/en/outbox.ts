/** What is said of what is on its way to the server. */
export const outbox = {
  title: 'Outbox',
  intro: 'What was done on this device and is not finished. You can leave this screen: it goes on.',
  emptyTitle: 'Nothing waits',
  emptyNote: 'Everything that you did here has reached the tills.',
  opening: 'Looking what waits',

  chipWaiting: (count: number, age: string) => `${count} waiting · ${age}`,
  chipUndecided: (count: number) => (count === 1 ? '1 needs you' : `${count} need you`),
  chipDone: (count: number) => (count === 1 ? '1 done' : `${count} done`),
  chipLabel: (facts: string) => `Outbox: ${facts}`,
  left: {
    device: (count: number) =>
      count === 1
        ? '1 thing is still to be sent. Nothing is lost: it goes on when you sign in again.'
        : `${count} things are still to be sent. Nothing is lost: they go on when you sign in again.`,
    tab: (count: number) =>
      count === 1
        ? '1 thing is still to be sent, and only this tab has it. Leave it open and sign in again here: then it goes on.'
        : `${count} things are still to be sent, and only this tab has them. Leave it open and sign in again here: then they go on.`,
    nowhere: (count: number) =>
      count === 1
        ? '1 thing was not finished, and can’t go on: the sign-in named nobody. Look at the receipt or the customer before you do it again.'
        : `${count} things were not finished, and can’t go on: the sign-in named nobody. Look at the receipts or customers before you do them again.`,
  },
  unreadable:
    'What waits here can’t be read right now. It is not lost, and nothing is sent meanwhile. The app tries again by itself every half minute. If this stays, close all its tabs and open it again.',
  chipUnreadable: 'can’t be read',
  notKept:
    'This device could not keep that, so nothing was changed. Free some space on it, or close the app and open it again. Then try again.',
  volatile:
    'This browser can’t keep what is not sent yet. Leave this tab open until nothing waits here.',

  groups: {
    undecided: 'For you to decide',
    done: 'Done meanwhile',
    waiting: 'On its way',
  },
  acts: {
    return: 'Return',
    merge: 'Merge of two customers',
    unmerge: 'Merge undone',
    attribution: 'Receipt and its customer',
    erasure: 'Erasure of a customer',
  },
  more: (next: number, hidden: number) => `Show ${next} more of ${hidden}`,
  guest: 'A guest',
  sinceBegun: (span: string, time: string) => `${span} ago, ${time}`,
  attempts: (count: number) => (count === 1 ? 'tried once' : `tried ${count} times`),

  states: {
    requested: 'Not settled',
    unsent: 'Not sent yet',
    unanswered: 'No answer yet',
    elsewhere: 'Waits for your stores',
    refused: 'Refused',
    expired: 'Too old',
    done: 'Done',
  },
  notes: {
    requested:
      'Give no money back. There was no connection, and nothing was sent. Settle it with the customer: the amount is worked out then.',
    requestedAgain:
      'Give no money back. It was refused, and nothing was changed. Settle it with the customer: another amount, or another way.',
    unsent: 'Nothing was sent yet. It is sent by itself once there is a connection.',
    unsentReturn:
      'Give no money back yet. Nothing was sent; it is sent by itself, for the amount that you confirmed.',
    unanswered:
      'It was sent and no answer came back, so it may be done. It is asked again by itself, and never done twice.',
    unansweredReturn:
      'Give no money back until it says “Done” here. It was sent and no answer came back; it is asked again by itself, and never paid twice.',
    elsewhere:
      'You began it signed in for other stores. It is sent when you sign in for those again.',
    unchanged: 'Nothing was changed.',
    mayBeDone: 'It may have been done before that: look first.',
    expired: 'It could not be sent for a month and is not sent any more.',
    done: 'Done, once. Nothing more is to do.',
    doneReturn: 'Taken back, once.',
  },

  settle: 'Settle now',
  openReceipt: 'Open the receipt',
  openCustomer: 'Open the customer',
  again: 'Do it anew',
  remove: 'Remove',
  stopAsking: 'Stop asking',
  seen: 'All right',
  stopTitle: 'Stop asking for the answer?',
  stopNote:
    'It may have been done. If you stop, this device will never say. Look at the receipt or the customer before you do it another time.',
  keepAsking: 'Keep it',
  save: 'Save a file for support',
  saveNote: 'Without names and without your sign-in.',

  notice: (count: number) =>
    count === 1
      ? 'Something about this is not finished.'
      : `${count} things about this are not finished.`,
  noticeReturn: 'A return is not settled. Give no money back for it yet.',
  noticeLink: 'See the outbox',
}
