import { z } from 'zod'
import { eventType, type TenantId } from '../../kernel/index.ts'

/** Who did what, when, where, and how it ended: of every audited route and every denied authorization. */
const AuditRecord = z.strictObject({
  who: z.strictObject({
    id: z.string().max(200),
    name: z.string().max(200),
    kind: z.enum(['person', 'key', 'system', 'anonymous']),
  }),
  action: z.string().max(200),
  where: z.strictObject({ address: z.string().max(100), route: z.string().max(300), requestId: z.string().max(100) }),
  outcome: z.enum(['allowed', 'denied', 'failed']),
  /** The code of the error, where it was not allowed. */
  reason: z.string().max(100).nullable(),
})

/** A record with its tenant and time, as callers hand it in. */
export interface AuditEntry extends z.infer<typeof AuditRecord> {
  readonly tenant: TenantId
  readonly at: number
}

/** Where records go. It never waits and never throws: what is being recorded must not depend on it. */
export type AuditPort = (entry: AuditEntry) => void

export const auditRecorded = eventType('audit.recorded', 1, AuditRecord)
/** Records that found no room: the log has them, one line each. */
export const auditLost = eventType('audit.lost', 1, z.strictObject({ count: z.int() }))
export const auditEventTypes = [auditRecorded, auditLost] as const
