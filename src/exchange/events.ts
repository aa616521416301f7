import { z } from 'zod'
import { type EventType, eventType } from '../kernel/index.ts'
import { DecimalText } from '../market/index.ts'

/** The events that the exchange owns. What happens on its markets is in its journal instead. */
export const exchangeEvents: readonly EventType[] = [
  eventType(
    'transfer.requested',
    1,
    z.strictObject({
      owner: z.string(),
      shard: z.int(),
      number: z.int(),
      direction: z.enum(['in', 'out']),
      asset: z.string(),
      amount: DecimalText,
    }),
  ),
  eventType('transfer.completed', 1, z.strictObject({})),
  eventType('transfer.failed', 1, z.strictObject({ reason: z.string().max(300) })),
]
