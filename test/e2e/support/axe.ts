/** What axe finds against WCAG 2.2 AA, in lines that a failing test shows. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { untilStill } from './still.ts'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

interface AuditOptions {
  /** Of a part of the page alone, by its selector; by itself the modal dialog that is open, else all of it. */
  within?: string
  /** Only these: what looks different does not read differently. */
  rules?: string[]
}

/** Once nothing of the page is on its way: what is half faded in has half its contrast. */
export async function accessibilityFaults(
  page: Page,
  { within, rules }: AuditOptions = {},
): Promise<string[]> {
  await untilStill(page)
  // What is behind a modal dialog is inert, which axe does not always see: half of it lies under the dialog's head.
  const isModal = await page.evaluate(() => document.querySelector('dialog:modal') !== null)
  const part = within ?? (isModal ? 'dialog:modal' : 'html')
  // Without a page of its own to put frames together: there are none, and opening one takes longer than the look.
  const builder = new AxeBuilder({ page }).setLegacyMode().include(part)
  if (rules) builder.withRules(rules)
  // The one rule of 2.2, which axe leaves off unless it is asked for.
  else builder.withTags(TAGS).options({ rules: { 'target-size': { enabled: true } } })
  const { violations } = await builder.analyze()
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => `${id}: ${help}: ${target.join(' ')}`),
  )
}
