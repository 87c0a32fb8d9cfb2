/**
 * One question each, with the answer that every runtime must give, byte by byte. What takes several
 * questions in a row is in `contract.test.ts`.
 */
import { expect } from 'bun:test'
import type * as z from 'zod'
import {
  listAnswer,
  problem,
  purchaseAnswer,
  purchaseSearchAnswer,
  readyAnswer,
  receiptAnswer,
  searchAnswer,
  spendingAnswer,
  summaryAnswer,
} from '../../src/http/schemas.ts'
import { BIG, type World } from './world.ts'

interface Case {
  name: string
  path: string | ((world: World) => string)
  method?: string
  /** Null sends none; default: the chain owner's. */
  token?: ((world: World) => string) | null
  headers?: Record<string, string>
  body?: object
  status: number
  schema?: z.ZodType
  check?(answer: Answer, world: World): void
}

export interface Answer {
  status: number
  headers: Record<string, string>
  text: string
}

const summary = ({ customer }: World) => `/customers/${customer}/purchase-summary`
const list = (query: string) => (world: World) => `/customers/${world.customer}/purchases${query}`
const receipt = ({ customer, sale }: World) => `/customers/${customer}/purchases/${sale}`
const refusal = { status: 401, schema: problem } as const
const ofType = (kind: string) => (answer: Answer) =>
  expect(JSON.parse(answer.text).type).toEndWith(`:${kind}`)

export const CASES: Case[] = [
  { name: 'health', path: '/healthz', token: null, status: 200 },
  {
    name: 'health, the head alone',
    path: '/healthz',
    method: 'HEAD',
    token: null,
    status: 200,
    check: ({ text }) => expect(text).toBe(''),
  },
  { name: 'readiness', path: '/readyz', token: null, status: 200, schema: readyAnswer },
  {
    name: 'search, beyond ASCII',
    path: `/customers?query=${encodeURIComponent('zoë mül')}`,
    status: 200,
    schema: searchAnswer,
    check: ({ text }, { customer }) => expect(JSON.parse(text).data[0].id).toBe(customer),
  },
  {
    name: 'summary, with every digit of a big integer',
    path: summary,
    status: 200,
    schema: summaryAnswer,
    check: ({ text }) =>
      expect(text).toContain(`"net":${BIG + 100n + 101n + 102n + 103n + 104n + 105n},`),
  },
  {
    name: 'summary, of the locations in sight',
    path: summary,
    token: ({ narrow }) => narrow,
    status: 200,
    schema: summaryAnswer,
    check: ({ text }) => expect(JSON.parse(text).totals[0].net).toBe(101 + 103 + 105),
  },
  {
    name: 'spending, month by month',
    path: ({ customer }) => `/customers/${customer}/spending`,
    status: 200,
    schema: spendingAnswer,
    check: ({ text }) =>
      expect(text).toContain(`"month":"2024-03","currency":"EUR","gross":${BIG},`),
  },
  { name: 'list', path: list(''), status: 200, schema: listAnswer },
  {
    name: 'list, filtered, with a cursor',
    path: list('?limit=2&type=sale&fromDate=2024-01-01'),
    status: 200,
    schema: listAnswer,
    check: ({ text }) => expect(JSON.parse(text).page.next).toHaveLength(76),
  },
  {
    name: 'receipt, with every digit and character',
    path: receipt,
    status: 200,
    schema: receiptAnswer,
    check({ text }) {
      expect(text).toContain(`"amount":${BIG},`)
      expect(text).toContain('Tuch “Ana” 🧣')
    },
  },
  {
    name: 'receipt, by itself',
    path: ({ sale }) => `/purchases/${sale}`,
    status: 200,
    schema: purchaseAnswer,
    check: ({ text }, { customer }) => expect(JSON.parse(text).customerId).toBe(customer),
  },
  {
    name: 'purchases by the number on the receipt',
    path: '/purchases?receiptNumber=%20r-1',
    status: 200,
    schema: purchaseSearchAnswer,
    check({ text }, { sale }) {
      expect(JSON.parse(text).data[0]).toMatchObject({ id: sale, customer: { name: 'Zoë Müller' } })
      expect(text).toContain(`"amount":${BIG},`)
    },
  },
  { name: 'receipt, out of sight', path: receipt, token: ({ narrow }) => narrow, status: 404 },
  { name: 'no token', path: summary, token: null, ...refusal },
  { name: 'an expired token', path: summary, token: ({ expired }) => expired, ...refusal },
  { name: 'a token that is none', path: summary, token: () => 'a.b.c', ...refusal },
  {
    name: "another chain's customer",
    path: summary,
    token: ({ foreign }) => foreign,
    status: 404,
    schema: problem,
    check: ofType('customer-not-found'),
  },
  {
    name: 'a parameter out of range',
    path: list('?limit=101'),
    status: 400,
    schema: problem,
    check: ofType('invalid-parameter'),
  },
  {
    name: 'a cursor that was not made here',
    path: list(`?cursor=${'A'.repeat(76)}`),
    status: 400,
    schema: problem,
    check: ofType('invalid-cursor'),
  },
  { name: 'no such address', path: '/nothing', status: 404, schema: problem },
  {
    name: 'a method that is not allowed',
    path: summary,
    method: 'DELETE',
    status: 405,
    schema: problem,
    check: ({ headers }) => expect(headers.allow).toBe('GET, HEAD'),
  },
]
