/** POST /purchases/:id/returns: the quick return of some lines of a sale. */
import * as z from 'zod'
import {
  type ReturnInput,
  type ReturnResult,
  returnPurchase,
} from '../../command/return-purchase.ts'
import { REFUND_TENDERS, RETURN_REASONS } from '../../domain/purchase.ts'
import { thousandths } from '../../domain/returnable.ts'
import { jsonResponse } from '../answer.ts'
import { askSource, commandAnswer } from '../command.ts'
import { exactJson } from '../json.ts'
import { operation } from '../operation.ts'
import { dryRunQuery, oneOf, purchasePath, uuid } from '../parameters.ts'
import { returnAnswer } from '../schemas.ts'

const MAX_LINES = 1_000
const QTY_HELP = 'must be a number above zero with at most three decimals'

/** In thousandths. A number's own text is exact to three decimals for all that a line can hold. */
const quantity = z
  .number(QTY_HELP)
  .refine((qty) => qty > 0 && qty < 1e9 && /^\d+(\.\d{1,3})?$/.test(String(qty)), QTY_HELP)
  .transform((qty) => thousandths(String(qty)))
  .meta({ wire: { type: 'number', minimum: 0.001, maximum: 999_999_999.999 }, examples: [1] })

const AMOUNT_HELP = 'must be a whole number of minor units, or its digits as a text beyond 2^53'
const expectedAmount = z
  .union([z.int(), z.string().regex(/^-?\d{1,19}$/)], AMOUNT_HELP)
  .transform(BigInt)
  .meta({ wire: { type: ['integer', 'string'], format: 'int64', pattern: '^-?\\d{1,19}$' } })

const returnBody = z
  .strictObject({
    locationId: uuid.meta({ description: "Where it is taken back: one of the token's own." }),
    lines: z
      .array(z.strictObject({ lineId: uuid, qty: quantity }))
      .min(1, 'must name a line')
      .max(MAX_LINES, `must name at most ${MAX_LINES} lines`)
      .refine(
        (lines) => new Set(lines.map(({ lineId }) => lineId)).size === lines.length,
        'must name each line once',
      ),
    reason: oneOf(RETURN_REASONS),
    refund: oneOf(REFUND_TENDERS).meta({
      description:
        '`original`: to what the sale was paid with, in proportion to what is left of each.',
    }),
    expectedRefund: z
      .strictObject({ amount: expectedAmount, currency: z.string().min(1).max(3) })
      .optional()
      .meta({ description: 'What the customer was told. Another refund is refused.' }),
  })
  .meta({ id: 'ReturnRequest' })

export const returnLines = operation(
  {
    id: 'returnPurchase',
    method: 'POST',
    path: '/purchases/{id}/returns',
    summary: 'Take lines of a sale back; with dryRun only say what would be given back',
    description:
      'The refund is computed here, from what the lines cost and what came back before. It is never taken from the request.',
    permission: 'purchases:return',
    params: purchasePath,
    query: dryRunQuery,
    body: returnBody,
    command: true,
    answer: { status: 201, description: 'Taken back', content: returnAnswer },
    otherAnswers: [
      { status: 200, description: 'What would be given back (dryRun)', content: returnAnswer },
    ],
    problems: [
      'purchase-not-found',
      'location-not-found',
      'line-not-found',
      'not-returnable',
      'more-than-remains',
      'refund-changed',
      'refund-out-of-range',
      'tender-exhausted',
    ],
  },
  async ({ c, services, path, query: { dryRun }, body }) => {
    const { scope, employeeId } = c.get('principal')
    const { expectedRefund = null, ...asked } = body
    const input: ReturnInput = { scope, purchaseId: path.id, employeeId, ...asked, expectedRefund }
    if (dryRun) {
      const preview = await askSource(c, services, (sql) =>
        returnPurchase(sql, { ...input, dryRun }),
      )
      return jsonResponse(exactJson(returnBodyOf(preview)))
    }
    return commandAnswer(c, services, {
      action: 'returnPurchase',
      asked: [path, body],
      status: 201,
      subject: { purchaseId: path.id },
      run: async (tx) => {
        const done = await returnPurchase(tx, input)
        const { customerId } = done
        return { body: returnBodyOf(done), subject: { purchaseId: path.id, customerId } }
      },
    })
  },
)

function returnBodyOf(result: ReturnResult): z.infer<typeof returnAnswer> {
  const { purchaseId, receiptNumber, customerId, refund, payments, lines } = result
  const { currency } = refund
  return {
    ...{ purchaseId, receiptNumber, customerId, refund },
    payments: payments.map(({ method, reference, amount }) => ({
      ...{ method, reference },
      amount: { amount, currency },
    })),
    lines: lines.map(({ lineId, qty, refund: amount, remaining }) => ({
      lineId,
      qty: Number(qty) / 1000,
      refund: { amount, currency },
      remainingQty: Number(remaining) / 1000,
    })),
  }
}
