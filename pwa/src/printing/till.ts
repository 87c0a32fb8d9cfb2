/** Printing on the till's printer. With the encoder, which is why it is loaded when it is first used. */
import { preference } from '../ui/preferences.ts'
import { escposOf } from './escpos.ts'
import type { Paper } from './paper.ts'
import { type Printer, PrinterError, type PrinterFault } from './printer.ts'

export const COLUMNS = ['48', '42', '32'] as const
/** Characters in a line: 48 or 42 on paper of 80 mm, by the printer; 32 on 58 mm. */
export const columns = preference<(typeof COLUMNS)[number]>('printer.columns', '42')

/** Rejects with a PrinterError. */
export function printOn(printer: Printer, paper: Paper): Promise<void> {
  return printer.print(escposOf(paper, Number(columns.peek())))
}

export function faultOf(error: unknown): PrinterFault {
  if (error instanceof PrinterError) return error.fault
  throw error
}
