/** What waits, as a file that a person can give to support: what is needed to find it in the server's logs. */
import { exactJson } from '../api/json.ts'
import type { Item } from './item.ts'

/** Without the name of anybody, and without what was answered. */
export function supportFile(items: readonly Item[]): string {
  const shown = items.map(({ about, answer: _answer, ...item }) => ({
    ...item,
    about: { ...about, customerName: undefined },
  }))
  return exactJson({ savedAt: new Date().toISOString(), items: shown })
}

export function saveForSupport(items: readonly Item[]): void {
  const file = new Blob([supportFile(items)], { type: 'application/json' })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = 'outbox.json'
  link.click()
  URL.revokeObjectURL(link.href)
}
