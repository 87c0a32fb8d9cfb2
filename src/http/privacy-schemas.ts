/** What the operations about people's data answer. */
import * as z from 'zod'
import { id, instant } from './schemas.ts'

export const purgeAnswer = z
  .strictObject({
    data: z.array(z.strictObject({ customerId: id, erasedAt: instant })),
    next: z.string().meta({ description: 'Send it as `after` next time.', examples: ['4711'] }),
    more: z.boolean().meta({ description: 'Whether there is more behind `next` at once.' }),
  })
  .meta({ id: 'PurgeList' })
