/** POST /customers/:id/erasure */
import * as z from 'zod'
import { eraseCustomer } from '../../command/erase-customer.ts'
import { jsonResponse } from '../answer.ts'
import { askSource, commandAnswer } from '../command.ts'
import { exactJson } from '../json.ts'
import { operation } from '../operation.ts'
import { customerPath, dryRunQuery, uuid } from '../parameters.ts'
import { invalidParameters } from '../problem.ts'
import { erasureAnswer } from '../schemas.ts'

/** What can't be undone is said twice: in the address, and here. */
const erasureBody = z
  .strictObject({
    confirm: uuid.optional().meta({ description: "The customer's id again; not for a dry run." }),
    expectedCustomerIds: z.array(uuid).min(1).optional().meta({
      description:
        'The `customerIds` that a dry run said would go: it is refused if anybody else would by now.',
    }),
  })
  .meta({ id: 'ErasureRequest' })

export const erase = operation(
  {
    id: 'eraseCustomer',
    method: 'POST',
    path: '/customers/{id}/erasure',
    summary: 'Forget a person, for good; with dryRun only say what would go',
    permission: 'customers:erase',
    params: customerPath,
    query: dryRunQuery,
    body: erasureBody,
    command: true,
    answer: { status: 200, description: 'Erased', content: erasureAnswer },
    problems: ['customer-not-found', 'already-merged', 'erased', 'others-merged'],
  },
  async ({ c, services, path, query: { dryRun }, body }) => {
    const { scope, employeeId } = c.get('principal')
    const { confirm, expectedCustomerIds: expectedIds = null } = body
    const input = { scope, customerId: path.id, requestedBy: employeeId, expectedIds }
    if (dryRun) {
      const result = await askSource(c, services, (sql) => eraseCustomer(sql, { ...input, dryRun }))
      return jsonResponse(exactJson(result))
    }
    if (confirm !== path.id) {
      const detail = "must repeat the customer's id: an erasure can not be undone"
      throw invalidParameters([{ parameter: 'confirm', detail }])
    }
    let erased: string[] = []
    const response = await commandAnswer(c, services, {
      action: 'eraseCustomer',
      asked: expectedIds ? [path, expectedIds] : path,
      status: 200,
      subject: { customerId: path.id },
      async run(tx) {
        const result = await eraseCustomer(tx, input)
        erased = result.customerIds
        return { body: { ...result } }
      },
    })
    // The projector does so, too, when it comes to it. Until then nothing is answered from the cache.
    if (erased.length > 0 && !(await services.cache.forget(erased))) {
      services.log.warn('the cache could not be told of an erasure: the projector tells it')
    }
    return response
  },
)
