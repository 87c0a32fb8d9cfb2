/** What is said of copies on paper and on a till’s printer. */
export const printing = {
  print: 'Print a copy',
  printOn: 'Print on',
  targets: { '80': '80 mm', '58': '58 mm', till: 'Till’s printer' },
  printing: 'Printing …',
  printed: 'Printed',
  settings: 'About the till’s printer',
  copyMark: 'COPY',
  copyNote: (time: string) => `Printed ${time}. Not valid as an original.`,
  requestMark: 'RETURN REQUESTED',
  requestNotSettled: 'NOT SETTLED',
  requestNote: 'No money was paid. Keep this slip and your receipt until it is settled.',
  tillTitle: 'The till’s printer',
  tillNote:
    'Choose the receipt printer of this till once; the browser remembers it. It must understand ESC/POS, as nearly all do.',
  connections: { usb: 'Printer on USB', serial: 'Printer on a serial port' },
  columns: 'Characters in a line',
  columnsOf: (columns: string) => (columns === '32' ? '32 (58 mm)' : `${columns} (80 mm)`),
  baudRate: 'Speed of the serial port',
  again: 'Try again',
  faults: {
    unreachable: [
      'The printer can’t be reached',
      'Is it on, and plugged in? If another program prints on it, close that; on Windows choose its serial port.',
    ],
    lost: [
      'The connection to the printer broke',
      'Throw away what has come out, check the cable, and print again.',
    ],
    stuck: [
      'The printer takes nothing more',
      'Is there paper in it, and is it closed? Then print again.',
    ],
    unfit: [
      'That is no receipt printer',
      'Choose another one, or how it is connected. Allow this page to use it if the browser asks.',
    ],
  } as Record<'unreachable' | 'lost' | 'stuck' | 'unfit', [string, string]>,
}
