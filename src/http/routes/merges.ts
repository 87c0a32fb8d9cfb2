/** Merges of a customer: the past ones, a new one, of which `:id` is the one who stays, and undoing. */
import * as z from 'zod'
import { mergeCustomers, previewMerge } from '../../command/merge-customers.ts'
import { readMerges } from '../../command/merge-history.ts'
import { unmergeCustomers } from '../../command/unmerge-customers.ts'
import { jsonResponse } from '../answer.ts'
import { askSource, commandAnswer } from '../command.ts'
import { exactJson } from '../json.ts'
import { operation } from '../operation.ts'
import { customerPath, dryRunQuery, uuid } from '../parameters.ts'
import { problemType } from '../problem.ts'
import { mergeAnswer, mergeHistoryAnswer, mergePreviewAnswer, unmergeAnswer } from '../schemas.ts'

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
    otherAnswers: [
      {
        status: 200,
        description: 'What would move, and all that it would be refused for (dryRun)',
        content: mergePreviewAnswer,
      },
    ],
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
    const { scope, employeeId } = c.get('principal')
    const pair = { scope, fromCustomerId, intoCustomerId: path.id }
    if (dryRun) {
      const { moved, blockers } = await askSource(c, services, (sql) => previewMerge(sql, pair))
      const preview: z.infer<typeof mergePreviewAnswer> = {
        moved,
        blockers: blockers.map(({ reason, culprit, message }) => ({
          ...{ type: problemType(reason), culprit: culprit!, detail: message },
        })),
      }
      return jsonResponse(exactJson(preview))
    }
    return commandAnswer(c, services, {
      action: 'mergeCustomers',
      asked: [path, fromCustomerId, reason],
      status: 201,
      subject: { customerId: path.id },
      run: async (tx) => ({
        body: { ...(await mergeCustomers(tx, { ...pair, mergedBy: employeeId, reason })) },
      }),
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
    const { scope } = c.get('principal')
    return commandAnswer(c, services, {
      action: 'unmergeCustomers',
      asked: path,
      status: 200,
      subject: { customerId: path.id },
      run: async (tx) => {
        const body = await unmergeCustomers(tx, {
          scope,
          mergeId: path.mergeId,
          customerId: path.id,
        })
        return { body, subject: { customerId: body.survivorId } }
      },
    })
  },
)

export const getMerges = operation(
  {
    id: 'getMerges',
    method: 'GET',
    path: '/customers/{id}/merges',
    summary: 'Who was merged with whom, by whom and when; newest first',
    description: 'Also what was undone since. Read from the source: a merge is there at once.',
    permission: 'customers:merge',
    params: customerPath,
    answer: { status: 200, description: 'At most 100 merges', content: mergeHistoryAnswer },
    problems: ['customer-not-found', 'source-busy', 'source-unavailable'],
  },
  async ({ c, services, path: { id } }) => {
    const { businessId } = c.get('principal').scope
    const { customerId, merges } = await askSource(c, services, (sql) =>
      readMerges(sql, businessId, id),
    )
    const body: z.infer<typeof mergeHistoryAnswer> = {
      customerId,
      ...(customerId !== id && { mergedFrom: id }),
      data: merges,
    }
    return jsonResponse(exactJson(body))
  },
)
