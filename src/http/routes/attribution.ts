/** POST /purchases/:id/attribution: whose a purchase is. */
import * as z from 'zod'
import { attributePurchase } from '../../command/attribute-purchase.ts'
import { mayDo } from '../../domain/permissions.ts'
import { EVIDENCE } from '../../domain/purchase.ts'
import { commandAnswer } from '../command.ts'
import { operation } from '../operation.ts'
import { oneOf, purchasePath, uuid } from '../parameters.ts'
import { attributionAnswer } from '../schemas.ts'

const attributionBody = z
  .strictObject({
    customerId: uuid.nullable().meta({ description: "Whose it is; null: a guest's." }),
    evidence: oneOf(EVIDENCE).meta({ description: 'How sure that is, the weakest first.' }),
    note: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .optional()
      .meta({ description: 'What the evidence is.', examples: ['Has the receipt'] }),
    overrule: z
      .boolean()
      .default(false)
      .meta({ description: 'That it stands against stronger evidence, too.' }),
  })
  .meta({ id: 'AttributionRequest' })

export const attribute = operation(
  {
    id: 'attributePurchase',
    method: 'POST',
    path: '/purchases/{id}/attribution',
    summary: "Say whose a purchase is: link a guest's, move it to another customer, unlink it",
    description: 'To take it from a customer needs the permission `purchases:move`.',
    permission: 'purchases:link',
    params: purchasePath,
    body: attributionBody,
    command: true,
    answer: { status: 200, description: 'Attributed', content: attributionAnswer },
    problems: [
      'purchase-not-found',
      'customer-not-found',
      'erased',
      'blocked',
      'stronger-evidence',
    ],
  },
  ({ c, services, path, body: { note = null, ...body } }) => {
    const { scope, employeeId, role } = c.get('principal')
    const mayMove = mayDo(role, 'purchases:move')
    return commandAnswer(c, services, {
      action: 'attributePurchase',
      asked: [path, body, note],
      status: 200,
      subject: { purchaseId: path.id, customerId: body.customerId },
      run: async (tx) => {
        const by = { scope, attributedBy: employeeId, mayMove }
        const done = await attributePurchase(tx, { ...by, purchaseId: path.id, note, ...body })
        const answer: z.infer<typeof attributionAnswer> = {
          ...{ purchaseId: path.id, evidence: body.evidence },
          ...done,
        }
        const customerId = done.customerId ?? done.formerCustomerId
        return { body: answer, subject: { purchaseId: path.id, customerId } }
      },
    })
  },
)
