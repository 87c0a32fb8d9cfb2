/** A paper in the characters of a till's printer, each as wide as the next: its lines as they are printed. Pure. */
import type { Paper, PaperLine } from './paper.ts'

interface PrintedLine {
  /** At most as many characters as the paper has columns. */
  text: string
  style: 'plain' | 'strong' | 'mark'
}

const INDENT = 2
/** A name that is left fewer columns stands above its amount. */
const NARROWEST_NAME = 8

/** As it is printed on paper of so many columns. */
export function inColumns(paper: Paper, columns: number): readonly PrintedLine[] {
  return paper.flatMap((line) =>
    textsOf(line, columns).map((text) => ({ text, style: styleOf(line) })),
  )
}

function styleOf(line: PaperLine): PrintedLine['style'] {
  if (line.kind === 'mark') return 'mark'
  return line.kind === 'title' || (line.kind === 'sum' && line.strong) ? 'strong' : 'plain'
}

function textsOf(line: PaperLine, columns: number): string[] {
  if (line.kind === 'rule') return ['-'.repeat(columns)]
  if (line.kind === 'sum') return sumTexts(plain(line.name), plain(line.amount), columns)
  const text = plain(line.text)
  if (line.kind === 'detail') {
    return wrapped(text, columns - INDENT).map((each) => ' '.repeat(INDENT) + each)
  }
  if (line.kind === 'mark') {
    return wrapped(text, columns - 8).map((each) => centred(`*** ${each} ***`, columns))
  }
  return wrapped(text, columns).map((each) => centred(each, columns))
}

/** The amount at the end of the first line of the name, as on a screen. */
function sumTexts(name: string, amount: string, columns: number): string[] {
  const room = columns - amount.length - 1
  if (room < NARROWEST_NAME) {
    const amounts = wrapped(amount, columns).map((text) => text.padStart(columns))
    return [...wrapped(name, columns), ...amounts]
  }
  const [first = '', ...rest] = wrapped(name, room)
  return [first + amount.padStart(columns - first.length), ...rest]
}

function centred(text: string, columns: number): string {
  return ' '.repeat(Math.floor((columns - text.length) / 2)) + text
}

/** Broken between words, and within those that are longer than a line. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').filter(Boolean)) {
    let rest = word
    if (line && line.length + 1 + rest.length > width) {
      lines.push(line)
      line = ''
    }
    for (; rest.length > width; rest = rest.slice(width)) lines.push(rest.slice(0, width))
    line = line ? `${line} ${rest}` : rest
  }
  return line ? [...lines, line] : lines
}

/** One character a column, no space but the one, and the minus that code pages have. */
function plain(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .replace(/[\u{10000}-\u{10ffff}\p{Cs}]/gu, '?')
    .replaceAll('−', '-')
}
