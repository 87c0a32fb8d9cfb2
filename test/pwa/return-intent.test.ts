/** Goods on the counter, and answers that come late. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { signal } from '@preact/signals'
import type { PurchaseReceipt } from '../../pwa/src/api/types.ts'
import { ReturnIntent } from '../../pwa/src/returning/return-intent.ts'
import { type Session, session } from '../../pwa/src/session/session.ts'
import { until } from '../support/pt.ts'

const fetched = globalThis.fetch
afterEach(() => {
  globalThis.fetch = fetched
  session.value = null
})
beforeEach(() => {
  session.value = { token: 'token', locations: ['store'] } as unknown as Session
})

const line = (id: string) => ({ id, productId: id, qty: 1, remainingQty: 1 })

test('why one choice was refused is not said of the next', async () => {
  const renewal = Promise.withResolvers<boolean>()
  const answers: ((response: Response) => void)[] = []
  const fake = () => new Promise<Response>((resolve) => void answers.push(resolve))
  globalThis.fetch = fake as unknown as typeof fetch
  const receipt = { location: { id: 'store' }, lines: [line('mug'), line('tote')] }
  const intent = new ReturnIntent({
    purchaseId: 'sale',
    receipt: {
      value: signal(receipt as unknown as PurchaseReceipt),
      renew: () => renewal.promise,
    },
    customerName: null,
    settles: {
      id: 'request',
      key: 'key',
      body: { locationId: 'store', lines: [], reason: 'other', refund: 'original' },
    },
    onDone() {},
  })
  const stop = intent.start()
  const refuse = (status: number) => answers.shift()!(Response.json({}, { status }))
  const isAsked = () => until(async () => answers.length > 0 || undefined, 'nobody is asked')
  const fails = () =>
    until(async () => intent.quote.peek().state === 'failed' || undefined, 'it is not refused')

  intent.choose({ mug: 1000 })
  await isAsked()
  refuse(409)
  await fails()
  intent.choose({ mug: 0, tote: 1000 })
  renewal.resolve(true)
  await renewal.promise
  await isAsked()
  expect(intent.refusal.peek()).toBeNull()

  refuse(403)
  await until(
    async () => intent.refusal.peek()?.kind === 'forbidden' || undefined,
    'it is not said',
  )
  stop()
})
