/** The language of the app: the person's choice on this device, else the browser's, else English. */
import { computed, effect, signal } from '@preact/signals'
import { preference } from '../ui/preferences.ts'
import { en, type Messages } from './en/index.ts'

export const LANGUAGES = { en: 'English', es: 'Español' } as const
export type Language = keyof typeof LANGUAGES

/** Those that are not in the first bundle. */
const OTHERS: Record<Exclude<Language, 'en'>, () => Promise<Messages>> = {
  es: () => import('./es/index.ts').then(({ es }) => es),
}

const chosen = preference<Language | ''>('language', '')
const messages = signal<{ language: Language; texts: Messages }>({ language: 'en', texts: en })

/** The texts; read `.value` where they are shown. */
export const t = computed(() => messages.value.texts)
export const language = computed(() => messages.value.language)

/** For numbers, money and dates: the browser's own region of the language where it has one. */
export const locale = computed(() => {
  const of = language.value
  return navigator.languages.find((tag) => languageOf(tag) === of) ?? (of === 'en' ? 'en-GB' : of)
})

export function chooseLanguage(next: Language): Promise<void> {
  chosen.value = next
  return load(next)
}

/** Resolves when the texts of the language are there; call it before the first screen. */
export async function startLanguage(): Promise<void> {
  effect(() => {
    document.documentElement.lang = language.value
  })
  const known = navigator.languages.map(languageOf).find((tag) => tag in LANGUAGES)
  await load(chosen.peek() || (known as Language | undefined) || 'en')
}

async function load(next: Language): Promise<void> {
  const texts = next === 'en' ? en : await OTHERS[next]()
  messages.value = { language: next, texts }
}

function languageOf(tag: string): string {
  return tag.split('-')[0]!.toLowerCase()
}
