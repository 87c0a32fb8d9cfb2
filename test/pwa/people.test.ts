import { expect, test } from 'bun:test'
import { Glob } from 'bun'
import { Failure } from '../../pwa/src/api/failure.ts'
import { type Access, visitsOf } from '../../pwa/src/people/accesses.ts'
import { isSameWord, wordToType } from '../../pwa/src/people/erase-word.ts'
import { exportFileName } from '../../pwa/src/people/export-file.ts'
import { Plan } from '../../pwa/src/people/plan.ts'

const ANN = { id: 'ann', name: 'Ann' }
const BOB = { id: 'bob', name: 'Bob' }

function access(minute: string, employee: Access['employee'], action: string, outcome = 'done') {
  const at = `2026-03-01T10:${minute}:00.000000Z`
  return { at, employee, role: 'cashier', action, customerId: 'c', purchaseId: null, outcome }
}

test('what one person does in a few minutes is one visit, with each thing once', () => {
  const visits = visitsOf([
    access('09', ANN, 'getReceipt'),
    access('05', ANN, 'getPurchases'),
    access('04', ANN, 'getReceipt'),
    access('04', BOB, 'getPurchases'),
    access('03', ANN, 'getPurchases'),
  ])

  expect(
    visits.map(({ employee, at, actions }) => [employee?.id, at.slice(14, 16), actions]),
  ).toEqual([
    ['ann', '09', ['getReceipt', 'getPurchases']],
    ['bob', '04', ['getPurchases']],
    ['ann', '03', ['getPurchases']],
  ])
})

test('what was refused or only tried out stands by itself, and so does what comes later', () => {
  const visits = visitsOf([
    access('20', ANN, 'getPurchases'),
    access('10', ANN, 'mergeCustomers'),
    access('10', ANN, 'mergeCustomers', 'dry-run'),
    access('09', ANN, 'eraseCustomer', 'not-permitted'),
    access('09', null, 'getPurchases'),
  ])

  expect(visits.map(({ actions, outcome }) => [...actions, outcome])).toEqual([
    ['getPurchases', 'done'],
    ['mergeCustomers', 'done'],
    ['mergeCustomers', 'dry-run'],
    ['eraseCustomer', 'not-permitted'],
    ['getPurchases', 'done'],
  ])
})

test('a file is named by reference and date, whatever a reference is made of', () => {
  const now = new Date(2026, 2, 9)
  const id = '0192e53c-7e82-7d1c-9261-9ea99499b6c4'

  expect(exportFileName('MF-100002', id, now)).toBe('customer-MF-100002-2026-03-09.json')
  expect(exportFileName('../ä/1:"2"', id, now)).toBe('customer-ä-1-2-2026-03-09.json')
  expect(exportFileName('///', id, now)).toBe('customer-0192e53c-2026-03-09.json')
  expect(exportFileName(null, id, now)).toBe('customer-0192e53c-2026-03-09.json')
})

test('to erase somebody one types what they are known by', () => {
  expect(wordToType('Ann Smith', ' C-1 ', 'id')).toBe('C-1')
  expect(wordToType('Ann Smith', null, 'id')).toBe('Ann Smith')
  expect(wordToType('  ', '', '0192e53c-7e82')).toBe('0192e53c')

  expect(isSameWord(' ann  SMITH ', 'Ann Smith')).toBe(true)
  expect(isSameWord('Ine\u0301s', 'Inés')).toBe(true)
  expect(isSameWord('Ann', 'Ann Smith')).toBe(false)
  expect(isSameWord('', 'x')).toBe(false)
})

test('the answer to one question is never taken for that to another, however late it comes', async () => {
  const plan = new Plan<string>()
  const answers = ['first', 'second'].map(() => Promise.withResolvers<string>())
  const [first, second] = answers.map(({ promise }) => promise)
  const unknown = { answer: null, failure: null }

  const asked = [plan.ask('a into b', () => first!), plan.ask('b into a', () => second!)]
  answers[1]!.resolve('second')
  await asked[1]
  expect(plan.of('b into a').answer).toBe('second')
  expect(plan.of('a into b')).toEqual(unknown)
  answers[0]!.resolve('first')
  await asked[0]

  expect(plan.of('b into a').answer).toBe('second')
  expect(plan.of('a into b')).toEqual(unknown)
  const failure = new Failure('offline')
  await plan.ask('a into b', () => Promise.reject(failure))
  expect(plan.of('a into b')).toMatchObject({ answer: null, failure })
})

test('the Spanish speaks to its reader as one person to another, in every place', async () => {
  const formal =
    /\b(ustede?s?|elija|escriba|pregunte(le)?|pregúntele|busque|espere|abra|mire|exporte|corrija|deshaga|revise|\p{L}*(árelo|éntelo|órrelo|éelo))(?!\p{L})/iu
  const folder = `${import.meta.dir}/../../pwa/src/i18n/es`
  const found: string[] = []
  for await (const name of new Glob('*.ts').scan(folder))
    for (const line of (await Bun.file(`${folder}/${name}`).text()).split('\n'))
      if (formal.test(line)) found.push(`${name}: ${line.trim()}`)

  expect(found).toEqual([])
})
