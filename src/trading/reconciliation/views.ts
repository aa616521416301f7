import { z } from 'zod'
import { MicrosNumber } from '../../market/index.ts'

const Count = z.int().nonnegative()

/** One comparison of our books with a venue's. */
export const ReconciliationView = z.strictObject({
  id: z.string(),
  venue: z.string(),
  trigger: z.enum(['start', 'reconnect', 'schedule', 'request']),
  startedAt: MicrosNumber,
  finishedAt: MicrosNumber,
  /** Null when everything was asked and answered. */
  error: z.string().nullable(),
  /** How many of each were compared. */
  orders: Count,
  fills: Count,
  balances: Count,
  corrected: Count,
  escalated: Count,
})
export type ReconciliationView = z.infer<typeof ReconciliationView>

/** One difference that was found, and what was done about it. */
export const DiscrepancyView = z.strictObject({
  id: z.string(),
  venue: z.string(),
  kind: z.enum(['order', 'fill', 'balance']),
  classification: z.string(),
  action: z.enum(['corrected', 'noted', 'escalated']),
  subject: z.string(),
  ours: z.string(),
  theirs: z.string(),
  explanation: z.string(),
  foundAt: MicrosNumber,
  settledAt: MicrosNumber.nullable(),
  settledBy: z.string().nullable(),
})
export type DiscrepancyView = z.infer<typeof DiscrepancyView>
