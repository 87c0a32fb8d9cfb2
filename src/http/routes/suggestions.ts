/** GET /customers/:id/merge-suggestions: who may be the same person. */
import type * as z from 'zod'
import { readSuggestions } from '../../read/suggestions.ts'
import { readAnswer } from '../answer.ts'
import { operation } from '../operation.ts'
import { customerPath } from '../parameters.ts'
import { Problem } from '../problem.ts'
import { suggestionsAnswer } from '../schemas.ts'

export const suggestMerges = operation(
  {
    id: 'suggestMerges',
    method: 'GET',
    path: '/customers/{id}/merge-suggestions',
    summary: 'Other active customers with the same phone number or e-mail address',
    permission: 'merges:suggest',
    limitedAs: 'search',
    params: customerPath,
    answer: {
      status: 200,
      description: 'At most 20, most alike first',
      content: suggestionsAnswer,
    },
    problems: ['customer-not-found', 'customer-erased'],
  },
  ({ c, services, path: { id } }) =>
    readAnswer(c, services, async (sql) => {
      const answer = await readSuggestions(sql, c.get('principal').scope, id)
      if (!answer) throw new Problem('customer-not-found')
      const { customerId, mergedFrom, asOf, position, value } = answer
      const body: z.infer<typeof suggestionsAnswer> = {
        customerId,
        ...(mergedFrom && { mergedFrom }),
        data: value,
        asOf,
      }
      return { position, body }
    }),
)
