/** What a person likes on this device. Nothing about anybody else is kept there. */
import { effect, type Signal, signal } from '@preact/signals'

const PREFIX = 'pt.'

export function preference<T extends string>(key: string, otherwise: T): Signal<T> {
  const value = signal(read(PREFIX + key, otherwise))
  effect(() => write(PREFIX + key, value.value))
  return value
}

function read<T extends string>(key: string, otherwise: T): T {
  try {
    return (localStorage.getItem(key) as T | null) ?? otherwise
  } catch {
    return otherwise
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Forbidden: it is asked for again next time.
  }
}

/** What is typed where nothing takes it: a scanner needs it in the search; who dictates to the device may not want it (WCAG 2.1.4). */
export type Typing = 'search' | 'field'
export const typing = preference<Typing>('typing', 'search')

export type Theme = 'auto' | 'light' | 'dark'
export const theme = preference<Theme>('theme', 'auto')

/** Shows the theme, and every later one; call it once. */
export function startTheme(): void {
  effect(() => {
    document.documentElement.dataset.theme = theme.value
  })
}
