import {
  type Clock,
  type IdSource,
  type NewEvent,
  PLATFORM_TENANT,
  type TenantId,
  type Timers,
} from '../../kernel/index.ts'
import type { Database } from '../database/database.ts'
import type { Log } from '../log/log.ts'
import { appendEvents } from './append.ts'
import { type AuditEntry, type AuditPort, auditEventTypes, auditLost, auditRecorded } from './audit-recorded.ts'
import { eventTypes } from './types.ts'

const AUDIT_WAITING_MAX = 10_000
const BATCH_MAX = 500
const RETRY_MS = 1_000

export interface AuditWriter {
  readonly record: AuditPort
  /** Writes all that waits; false when the database does not take it now. */
  flush(): Promise<boolean>
  waiting(): number
  /** Writes what it can and stops; what could not be written goes to the log. */
  close(): Promise<void>
}

/**
 * Appends `audit.recorded` events behind a bounded queue, so that nothing audited, the kill switch least of all, waits for
 * the database. While the database is away records wait. When AUDIT_WAITING_MAX wait, further ones are written to the log
 * in full instead, and their number is appended as `audit.lost` as soon as there is a database again.
 */
export function createAuditWriter(options: {
  db: Database
  ids: IdSource
  clock: Clock
  timers: Timers
  log: Log
  waitingMax?: number
}): AuditWriter {
  const { db, ids, clock, timers, log, waitingMax = AUDIT_WAITING_MAX } = options
  const types = eventTypes(auditEventTypes)
  // A stream of this process alone: its sequence is known here, so nobody else can be in the way.
  const subject = `audit/${ids.next()}`
  const sequences = new Map<TenantId, number>()
  let waiting: AuditEntry[] = []
  let lost = 0
  let running: Promise<boolean> | undefined
  let isClosed = false

  async function write(
    tenant: TenantId,
    facts: readonly Pick<NewEvent, 'type' | 'version' | 'at' | 'data'>[],
  ): Promise<void> {
    const last = sequences.get(tenant) ?? 0
    const events = facts.map((fact, index): NewEvent => ({ ...fact, tenant, subject, sequence: last + index + 1 }))
    await db.tenant(tenant, tx => appendEvents(tx, events, { ids, types }))
    sequences.set(tenant, last + facts.length)
  }

  async function writeAll(): Promise<boolean> {
    try {
      while (waiting.length > 0) {
        const { tenant } = waiting[0]!
        const batch = waiting.filter(entry => entry.tenant === tenant).slice(0, BATCH_MAX)
        await write(tenant, batch.map(factOf))
        const written = new Set(batch)
        waiting = waiting.filter(entry => !written.has(entry))
      }
      if (lost > 0) {
        const count = lost
        await write(PLATFORM_TENANT, [{ type: auditLost.type, version: 1, at: clock.now(), data: { count } }])
        lost -= count
      }
      return true
    } catch (error) {
      log.warn({ error, waiting: waiting.length }, 'audit records wait for the database')
      return false
    }
  }

  const flush = (): Promise<boolean> => {
    running ??= writeAll().finally(() => {
      running = undefined
    })
    return running
  }
  const tick = () => {
    if (isClosed || running) return
    flush().then(isWritten => {
      if (!isWritten && !isClosed) timers.after(RETRY_MS, tick)
      else if (waiting.length > 0) tick()
    })
  }

  return {
    record(entry) {
      if (waiting.length >= waitingMax || isClosed) {
        lost++
        log.error({ entry }, 'an audit record found no room and is kept in this log only')
        return
      }
      waiting.push(entry)
      if (!running) queueMicrotask(tick)
    },
    flush,
    waiting: () => waiting.length,
    async close() {
      await running
      await flush()
      isClosed = true
      for (const entry of waiting)
        log.error({ entry }, 'an audit record could not be written and is kept in this log only')
    },
  }
}

const factOf = ({ tenant: _, at, ...data }: AuditEntry) => ({ type: auditRecorded.type, version: 1, at, data })
