import { z } from 'zod'
import { type EventType, eventType } from '../../kernel/index.ts'

/** What reconciliation finds and does, as facts: the subject is `reconciliation/<venue>`. */
export const reconciliationEvents: readonly EventType[] = [
  eventType(
    'reconciliation.finished',
    1,
    z.strictObject({
      venue: z.string(),
      trigger: z.enum(['start', 'reconnect', 'schedule', 'request']),
      error: z.string().nullable(),
      orders: z.int(),
      fills: z.int(),
      balances: z.int(),
      corrected: z.int(),
      escalated: z.int(),
    }),
  ),
  eventType(
    'discrepancy.found',
    1,
    z.strictObject({
      venue: z.string(),
      kind: z.enum(['order', 'fill', 'balance']),
      classification: z.string(),
      action: z.enum(['corrected', 'noted', 'escalated']),
      subject: z.string(),
      ours: z.string(),
      theirs: z.string(),
      explanation: z.string(),
    }),
  ),
]
