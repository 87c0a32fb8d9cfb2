/** What is said of taking goods back. */
export const returning = {
  takeBack: 'Take back',
  title: (number: string | null) => (number ? `Take back from ${number}` : 'Take back'),
  everything: 'Everything',
  what: 'What comes back',
  all: (quantity: string) => `All ${quantity}`,
  quantity: (product: string) => `How many of ${product}`,
  more: (product: string) => `More of ${product}`,
  less: (product: string) => `Less of ${product}`,
  ofLeft: (chosen: string, left: string) => `${chosen} of ${left}`,
  nothingLeft: 'Nothing of this receipt is left to be taken back.',
  why: 'Why',
  reasons: {
    unwanted: 'Changed their mind',
    wrong_size: 'Wrong size',
    wrong_item: 'Wrong item',
    defective: 'Faulty',
    not_as_described: 'Not as described',
    other: 'Something else',
  },
  reasonMissing: 'Choose why it comes back.',
  how: 'Give the money back',
  tenders: { original: 'As it was paid', cash: 'In cash' },
  where: 'Taken back at',
  amount: 'To give back',
  amountNone: 'Choose what comes back',
  asking: 'Working it out …',
  confirm: (amount: string) => `Take back · ${amount}`,
  sending: 'Taking back …',
  inCash: 'Give it back in cash',
  doneTitle: 'Taken back',
  handOut: (amount: string) => `Hand out ${amount} in cash`,
  goesBack: (amount: string, to: string) => `${amount} goes back to ${to}`,
  /** Of a payment of which nobody noted how it was made. */
  goesBackAsPaid: (amount: string) => `${amount} goes back the way it was paid (not recorded)`,
  asPaid: 'As it was paid (not recorded)',
  goesBackTo: {
    card: 'the card',
    gift_card: 'the gift card',
    voucher: 'the voucher',
    store_credit: 'their store credit',
    invoice: 'the invoice',
  } as Record<string, string>,
  nothingToPay: 'There is nothing to pay back.',
  printReturn: 'Print the receipt',
  done: 'Done',
  waitingTitle: 'Not known yet',
  waitingNote:
    'The connection broke while it was sent. Give no money back yet: it is sent again by itself, once, and this app shows what came of it.',
  unreachable:
    'Give no money back yet. Try again; or keep it as a request, and settle it when there is a connection.',
  request: 'Keep as a request',
  printRequest: 'Print a slip',
  requestedTitle: 'Not settled',
  requestedNote:
    'There is no connection, so nobody can say what it is worth. Give no money back. It is kept on this device; when the connection is back, settle it from the list of what waits.',
  lessLeft: (product: string, left: string) =>
    `Somebody else took some of it back meanwhile. ${product}: ${left} left.`,
  refusals: {
    'more-than-remains': [
      'Less is left than you chose',
      'Somebody else took some of it back meanwhile. Look at what is left.',
    ],
    'refund-changed': [
      'The amount has changed',
      'Somebody else took something back meanwhile. Tell the customer the new amount, then take it back.',
    ],
    'refund-out-of-range': [
      'These items are worth more than what is left of the payment, or less than nothing',
      'Take the discount that was given for them back, too: it is a line of its own.',
    ],
    'tender-exhausted': [
      'Too little is left of what it was paid with',
      'Earlier refunds have used it up. The rest can be given back in cash.',
    ],
    'not-returnable': [
      'This can’t be taken back',
      'Only goods of a completed sale can, and it may have been voided meanwhile.',
    ],
    'line-not-found': ['The receipt has changed', 'An item is no longer on it. Choose again.'],
    'purchase-not-found': [
      'This receipt is not in your stores any more',
      'Find it by its number, or ask a manager.',
    ],
    'location-not-found': [
      'You don’t work at this store',
      'Choose another store to take it back at.',
    ],
    'source-busy': [
      'A till is working on this receipt',
      'Nothing was done. Wait until it is finished there, then try again.',
    ],
    'not-permitted': ['Your role may not take goods back', 'Ask a manager.'],
    'actor-unknown': [
      'The tills don’t know you',
      'Sign in again from your till, or ask a manager: nothing was done.',
    ],
  } as Record<string, [string, string]>,
}
