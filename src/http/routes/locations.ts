/** GET /locations */
import type * as z from 'zod'
import { readLocations } from '../../read/locations.ts'
import { readAnswer } from '../answer.ts'
import { operation } from '../operation.ts'
import { locationsAnswer } from '../schemas.ts'

export const getLocations = operation(
  {
    id: 'getLocations',
    method: 'GET',
    path: '/locations',
    summary: 'The locations that the token sees, by region and name',
    permission: 'purchases:read',
    answer: { status: 200, description: 'The locations', content: locationsAnswer },
  },
  ({ c, services }) =>
    readAnswer(c, services, async (sql) => {
      const { value, asOf, position } = await readLocations(sql, c.get('principal').scope)
      const body: z.infer<typeof locationsAnswer> = { data: value, asOf }
      return { position, body }
    }),
)
