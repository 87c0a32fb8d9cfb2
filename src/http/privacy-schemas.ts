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

export const accessEntry = z
  .strictObject({
    at: instant,
    employee: z
      .strictObject({ id, name: z.string().nullable() })
      .nullable()
      .meta({ description: 'Null: a service. The name is null once the employee is gone.' }),
    role: z.string(),
    action: z.string().meta({
      description: 'The operation; `retention` for what the chain has forgotten by itself.',
      examples: ['getReceipt'],
    }),
    customerId: id.meta({ description: 'The id that was asked for.' }),
    purchaseId: id.nullable(),
    outcome: z.string().meta({
      description: '`done`, `dry-run`, or the kind of problem that was answered instead.',
      examples: ['done'],
    }),
  })
  .meta({ id: 'Access' })

export const accessesAnswer = z
  .strictObject({
    data: z.array(accessEntry),
    page: z.strictObject({ next: z.string().nullable() }),
  })
  .meta({ id: 'AccessList' })
