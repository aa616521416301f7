import type { Event, EventType, TenantId } from '../../kernel/index.ts'
import { AppError, assert } from '../../kernel/index.ts'

/** An event as it lies in the log. `(xid, position)` is its place in the order of delivery. */
export interface StoredEvent<Type extends string = string, Data = unknown> extends Event<Type, Data> {
  readonly position: number
  readonly xid: string
}

/** The types of event that a process knows, by name and version. */
export interface EventTypes {
  /** The data as its schema gives it. @throws AppError `request.invalid` for an unknown type or data that does not fit. */
  check(type: string, version: number, data: unknown): unknown
  has(type: string, version: number): boolean
}

/** @example const types = eventTypes([...orderEvents, ...runEvents, auditRecorded]) */
export function eventTypes(list: readonly EventType[]): EventTypes {
  const known = new Map<string, EventType<string, unknown>>()
  for (const entry of list) {
    assert(!known.has(keyOf(entry.type, entry.version)), `${entry.type} ${entry.version} is declared twice`)
    known.set(keyOf(entry.type, entry.version), entry)
  }
  return {
    has: (type, version) => known.has(keyOf(type, version)),
    check(type, version, data) {
      const entry = known.get(keyOf(type, version))
      if (!entry)
        throw new AppError('request.invalid', { field: 'type', rule: `${type} version ${version} is no known event` })
      const parsed = entry.schema.safeParse(data)
      if (parsed.success) return parsed.data
      const faults = parsed.error.issues.map(issue => ({
        field: ['data', ...issue.path].join('.'),
        rule: issue.message,
      }))
      throw new AppError('request.invalid', { rule: `the data of ${type} does not fit its schema`, faults })
    },
  }
}

const keyOf = (type: string, version: number) => `${type}@${version}`

/** A row of the table `event` as an event. */
export const toEvent = (row: {
  position: number
  xid: string
  id: string
  type: string
  version: number
  tenant_id: string
  subject: string
  sequence: number
  at: number
  cause: string | null
  trace: string | null
  data: unknown
}): StoredEvent => ({
  position: row.position,
  xid: row.xid,
  id: row.id,
  type: row.type,
  version: row.version,
  tenant: row.tenant_id as TenantId,
  subject: row.subject,
  sequence: row.sequence,
  at: row.at,
  cause: row.cause,
  trace: row.trace,
  data: row.data,
})
