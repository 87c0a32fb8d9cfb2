/**
 * A paper on a page of the browser's, for the printer that the system knows. The page is as wide as the paper and
 * as long as what is on it: a roll has no pages. The rule that says so is made by script, which the policy
 * against inline styles allows.
 */
import { render } from 'preact'
import type { Paper, PaperLine } from './paper.ts'

const MM_PER_PX = 25.4 / 96

/** Opens the browser's print dialog; the paper is gone again when it closes. */
export function printPage(paper: Paper, widthMm: '80' | '58'): void {
  const sheet = document.createElement('div')
  sheet.className = `paper paper--${widthMm}`
  document.body.append(sheet)
  render(
    paper.map((line, at) => <Line key={at} line={line} />),
    sheet,
  )
  const heightMm = Math.ceil(sheet.getBoundingClientRect().height * MM_PER_PX) + 1
  const page = new CSSStyleSheet()
  page.replaceSync(`@page { size: ${widthMm}mm ${heightMm}mm; margin: 0 }`)
  document.adoptedStyleSheets.push(page)
  addEventListener(
    'afterprint',
    () => {
      render(null, sheet)
      sheet.remove()
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== page)
    },
    { once: true },
  )
  print()
}

function Line({ line }: { line: PaperLine }) {
  if (line.kind === 'rule') return <hr />
  if (line.kind !== 'sum') return <p class={`paper__${line.kind}`}>{line.text}</p>
  return (
    <p class={line.strong ? 'paper__sum paper__sum--strong' : 'paper__sum'}>
      <span>{line.name}</span>
      <span>{line.amount}</span>
    </p>
  )
}
