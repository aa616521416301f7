import type { IdSource, TenantId } from '../../kernel/index.ts'
import {
  appendEvents,
  type Database,
  eventTypes,
  type Log,
  readEvents,
  streamHead,
  type TenantTx,
} from '../../platform/index.ts'
import { venueEvents } from '../events.ts'
import type { RequestKind } from '../rates/index.ts'
import type { BreakerChange } from './monitor.ts'

/** Changes that wait to be written; further ones are told to the log alone. */
const WAITING_MAX = 1_000
const TYPES = ['venue.breaker_opened', 'venue.breaker_half_opened', 'venue.breaker_closed'] as const

export interface BreakerHistory {
  /** Takes a change down, in order; it never throws and is not waited for. */
  keep(kind: RequestKind, change: BreakerChange): void
  /** Resolves when everything that was given so far is written, or told to the log. */
  settled(): Promise<void>
}

/** Writes what becomes of the breakers of one venue into the event log, one transaction after another. */
export function keepBreakerHistory(options: {
  readonly db: Database
  readonly tenant: TenantId
  readonly venue: string
  readonly ids: IdSource
  readonly log: Log
}): BreakerHistory {
  const { db, tenant, venue, ids, log } = options
  const types = eventTypes(venueEvents)
  const subject = `venue/${venue}`
  let waiting = 0
  let last: Promise<void> = Promise.resolve()

  const write = (kind: RequestKind, { type, at, ...data }: BreakerChange) =>
    db.tenant(tenant, async tx => {
      const sequence = (await streamHead(tx, subject)) + 1
      const event = { type, version: 1, tenant, subject, sequence, at, data: { venue, kind, ...data } }
      await appendEvents(tx, [event], { ids, types })
    })

  return {
    keep(kind, change) {
      if (waiting >= WAITING_MAX) {
        log.error({ venue, kind, change }, 'a change of a breaker is not kept: too many wait to be written')
        return
      }
      waiting++
      last = last
        .then(() => write(kind, change))
        .catch((error: unknown) => log.error({ error, venue, kind, change }, 'a change of a breaker could not be kept'))
        .finally(() => {
          waiting--
        })
    },
    settled: () => last,
  }
}

/** The latest changes of breakers, newest first. */
export const breakerHistory = async (tx: TenantTx, limit = 100) =>
  (await readEvents(tx, { types: TYPES, limit, order: 'newest first' })).map(({ type, at, data }) => ({
    type: type as BreakerChange['type'],
    at,
    ...(data as { venue: string; kind: RequestKind; until?: number; failures?: number; calls?: number }),
  }))
