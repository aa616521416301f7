import type { ColumnType, Generated } from 'kysely'

declare module '../database/schema.ts' {
  interface Schema {
    event: EventTable
    event_stream: { tenant_id: string; subject: string; sequence: number }
    subscription_checkpoint: { name: string; xid: string; position: number }
    dead_letter: DeadLetterTable
  }
}

export interface EventTable {
  position: Generated<number>
  xid: Generated<string>
  id: string
  type: string
  version: number
  tenant_id: string
  subject: string
  sequence: number
  at: number
  cause: string | null
  trace: string | null
  data: ColumnType<unknown, string, never>
}

export interface DeadLetterTable {
  subscription: string
  xid: string
  position: number
  tenant_id: string
  event_id: string
  type: string
  attempts: number
  error: string
  at: number
}
