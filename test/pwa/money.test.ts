import { expect, test } from 'bun:test'
import { formatMoney } from '../../pwa/src/format/money.ts'
import { chooseLanguage } from '../../pwa/src/i18n/index.ts'

const plain = (text: string) => text.replace(/\s/g, ' ')
const shown = (currency: string) => plain(formatMoney({ amount: 123456, currency }))

/** Whatever language the machine has. */
async function speak(tag: string) {
  Object.defineProperty(navigator, 'languages', { value: [tag], configurable: true })
  // The region of the browser's is read when the language changes.
  await chooseLanguage(tag.startsWith('en') ? 'es' : 'en')
  await chooseLanguage(tag.startsWith('en') ? 'en' : 'es')
}

test('pounds and euros have their symbol in every language', async () => {
  await speak('es-ES')
  expect(['GBP', 'EUR'].map(shown)).toEqual(['1234,56 £', '1234,56 €'])
  expect(plain(formatMoney({ amount: -5, currency: 'GBP' }))).toBe('−0,05 £')

  await speak('en-GB')
  expect(['GBP', 'EUR'].map(shown)).toEqual(['£1,234.56', '€1,234.56'])
})

test('no two currencies look alike', async () => {
  for (const tag of ['en-GB', 'en-US', 'es-ES', 'es-MX', 'es-US']) {
    await speak(tag)
    const all = Intl.supportedValuesOf('currency')
    const nothing = all.map((currency) => formatMoney({ amount: 0, currency }))
    expect(new Set(nothing).size).toBe(all.length)
  }
  await speak('en-GB')
  expect(['USD', 'CAD', 'AUD'].map(shown)).toEqual(['US$1,234.56', 'CA$1,234.56', 'A$1,234.56'])
})
