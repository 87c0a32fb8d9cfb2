/** What is kept on the device, how old it is, and what becomes of it. */
export const offline = {
  asOf: (time: string, ago: string) => `As of ${time}, ${ago}`,
  justNow: 'just now',
  keep: 'Keep on this device',
  kept: 'Kept on this device',
  keepFull: 'There is room for 200 customers. Let go of another one first.',
  keptTitle: 'Kept on this device',
  keptNote: 'With their last receipts, and kept fresh while there is a connection.',
  recentNote:
    'On this device, sealed: readable without a connection for three days, gone when you sign out.',
  searchKept: (count: number) =>
    count === 1
      ? 'No connection: only the one customer on this device was searched.'
      : `No connection: only the ${count} customers on this device were searched.`,
  readUntil: (time: string) =>
    `Your session has ended. You can read what is on this device until ${time}; then, or once there is a connection, sign in again.`,
  leaveTitle: 'Sign out?',
  leaveUnfinished: (count: number) =>
    count === 1
      ? 'One thing that you did here is not finished, or you have not seen how it ended.'
      : `${count} things that you did here are not finished, or you have not seen how they ended.`,
  leaveUnreadable:
    'What you still have to send can’t be read right now, so nobody can say if there is anything.',
  leaveKeepNote:
    'You can leave them here, locked. They are sent when you sign in on this device again, by nobody else.',
  leaveStay: 'Stay',
  leaveKeep: 'Keep them and sign out',
  leaveDiscard: 'Discard them and sign out',
}
