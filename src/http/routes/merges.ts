/** POST /customers/:id/merges and DELETE /customers/:id/merges/:mergeId; `:id` is the one who stays. */
import * as z from 'zod'
import { mergeCustomers } from '../../command/merge-customers.ts'
import { unmergeCustomers } from '../../command/unmerge-customers.ts'
import { jsonResponse } from '../answer.ts'
import { askSource, commandAnswer } from '../command.ts'
import { exactJson } from '../json.ts'
import { operation } from '../operation.ts'
import { customerPath, dryRunQuery, uuid } from '../parameters.ts'
import { mergeAnswer, unmergeAnswer } from '../schemas.ts'

const mergeBody = z
  .strictObject({
    fromCustomerId: uuid.meta({ description: 'Whose purchases move; this id keeps resolving.' }),
    reason: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .optional()
      .meta({
        description: 'Why, for whoever has to decide whether it was right.',
        examples: ['Same person, two cards'],
      }),
  })
  .meta({ id: 'MergeRequest' })

export const merge = operation(
  {
    id: 'mergeCustomers',
    method: 'POST',
    path: '/customers/{id}/merges',
    summary: 'Merge another customer into this one; with dryRun only say what would move',
    permission: 'customers:merge',
    params: customerPath,
    query: dryRunQuery,
    body: mergeBody,
    command: true,
    answer: { status: 201, description: 'Merged', content: mergeAnswer },
    otherAnswers: [{ status: 200, description: 'What would move (dryRun)', content: mergeAnswer }],
    problems: [
      'customer-not-found',
      'into-itself',
      'already-merged',
      'target-merged',
      'erased',
      'blocked',
    ],
  },
  async ({ c, services, path, query: { dryRun }, body: { fromCustomerId, reason = null } }) => {
    const { scope, employeeId } = c.var.principal
    const input = {
      businessId: scope.businessId,
      fromCustomerId,
      intoCustomerId: path.id,
      mergedBy: employeeId,
      reason,
    }
    if (dryRun) {
      const result = await askSource(c, services, (sql) =>
        mergeCustomers(sql, { ...input, dryRun }),
      )
      return jsonResponse(exactJson(result))
    }
    return commandAnswer(c, services, {
      action: 'mergeCustomers',
      asked: [path, fromCustomerId, reason],
      status: 201,
      subject: { customerId: path.id },
      run: async (tx) => ({ body: { ...(await mergeCustomers(tx, input)) } }),
    })
  },
)

export const unmerge = operation(
  {
    id: 'unmergeCustomers',
    method: 'DELETE',
    path: '/customers/{id}/merges/{mergeId}',
    summary: 'Undo a merge: what it moved goes back',
    permission: 'customers:merge',
    params: z.strictObject({ id: uuid, mergeId: uuid }),
    command: true,
    answer: { status: 200, description: 'Undone', content: unmergeAnswer },
    problems: ['merge-not-found', 'already-undone', 'erased'],
  },
  ({ c, services, path }) => {
    const { businessId } = c.var.principal.scope
    return commandAnswer(c, services, {
      action: 'unmergeCustomers',
      asked: path,
      status: 200,
      subject: { customerId: path.id },
      run: async (tx) => {
        const body = await unmergeCustomers(tx, { businessId, mergeId: path.mergeId })
        return { body, subject: { customerId: body.survivorId } }
      },
    })
  },
)
