/** The bytes that a till's printer prints a paper from: ESC/POS, with a cut at its end. Loaded when it is needed. */
import ReceiptPrinterEncoder from '@point-of-sale/receipt-printer-encoder'
import { inColumns } from './columns.ts'
import type { Paper } from './paper.ts'

/** In the order in which they are tried; the first has é, ñ, € and £. What none has is printed as `?`. */
const CODEPAGES = ['windows1252', 'cp437', 'cp852', 'cp866', 'cp737', 'cp857'] as const
/** From the print head to the blade. */
const LINES_BEFORE_CUT = 4

export function escposOf(paper: Paper, columns: number): Uint8Array {
  const encoder = new ReceiptPrinterEncoder({
    language: 'esc-pos',
    columns,
    codepageMapping: 'epson',
    codepageCandidates: [...CODEPAGES],
    newline: '\n',
  })
  encoder.initialize().codepage('auto')
  for (const { text, style } of inColumns(paper, columns)) {
    const height = style === 'mark' ? 2 : 1
    encoder
      .bold(style !== 'plain')
      .height(height)
      .line(text)
      .height(1)
      .bold(false)
  }
  return encoder.newline(LINES_BEFORE_CUT).cut('partial').encode()
}
