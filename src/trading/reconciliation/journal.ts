import type { IdSource, Micros, NewEvent, TenantId } from '../../kernel/index.ts'
import { appendEvents, type Database, type EventTypes, streamHead } from '../../platform/index.ts'
import type { FeeSchedule, VenueExecution } from '../../venues/index.ts'
import { bookedFees, feesSeen, saveFees } from './fee-store.ts'
import { type BookedFee, type SeenFees, seeFees } from './fees.ts'
import {
  baselinesOf,
  bookedFills,
  lastComplete,
  movedSince,
  ordersByVenueId,
  saveBaselines,
  saveDiscrepancies,
  saveReconciliation,
} from './store.ts'
import type { DiscrepancyView, ReconciliationView } from './views.ts'

/** What is durable of reconciliation: PostgreSQL, or a fake in simulations. */
export interface ReconciliationJournal {
  lastComplete(venue: string): Promise<number | null>
  /** Which of these fills are booked, and which of our orders they belong to by the venue's id. */
  known(
    fills: readonly VenueExecution[],
  ): Promise<{ readonly booked: ReadonlySet<string>; readonly orders: ReadonlyMap<string, string> }>
  /** Writes what is new among the discrepancies, and gives it. */
  found(discrepancies: readonly DiscrepancyView[]): Promise<readonly DiscrepancyView[]>
  finished(reconciliation: ReconciliationView): Promise<void>
  /** What each asset of the account should come to: what it was at first, and what our fills have moved since. */
  expected(venue: string): Promise<ReadonlyMap<string, { readonly baseline: string; readonly moved: string }>>
  accept(venue: string, totals: readonly { asset: string; total: string }[], at: number): Promise<void>
  /** What the account pays there, by when it was seen, oldest first; and what is seen now. */
  fees(venue: string): Promise<readonly SeenFees[]>
  seeFees(venue: string, schedule: FeeSchedule): Promise<readonly SeenFees[]>
  /** Fees of our fills there since, as they are booked. */
  bookedFees(venue: string, since: Micros): Promise<readonly BookedFee[]>
}

export function databaseReconciliation(options: {
  db: Database
  tenant: TenantId
  ids: IdSource
  types: EventTypes
}): ReconciliationJournal {
  const { db, tenant, ids, types } = options
  return {
    lastComplete: venue => db.tenant(tenant, tx => lastComplete(tx, venue)),
    known: fills =>
      db.tenant(tenant, async tx => ({
        booked: await bookedFills(tx, fills),
        orders: await ordersByVenueId(tx, fills),
      })),
    found: discrepancies =>
      db.tenant(tenant, async tx => {
        const fresh = await saveDiscrepancies(tx, discrepancies)
        const news = discrepancies.filter(({ id }) => fresh.has(id))
        const events = news.map(
          ({ foundAt, venue, kind, classification, action, subject, ours, theirs, explanation }) => ({
            type: 'discrepancy.found',
            venue,
            at: foundAt,
            data: { venue, kind, classification, action, subject, ours, theirs, explanation },
          }),
        )
        for (const { venue, ...event } of events) {
          const subject = `reconciliation/${venue}`
          const next: NewEvent = {
            ...event,
            version: 1,
            tenant,
            subject,
            sequence: (await streamHead(tx, subject)) + 1,
          }
          await appendEvents(tx, [next], { ids, types })
        }
        return news
      }),
    finished: view =>
      db.tenant(tenant, async tx => {
        await saveReconciliation(tx, view)
        const { venue, trigger, error, orders, fills, balances, corrected, escalated } = view
        // A run that found everything in order is a row of its table; an event is for what somebody may want to know.
        if (trigger === 'schedule' && error === null && corrected + escalated === 0) return
        const subject = `reconciliation/${venue}`
        const data = { venue, trigger, error, orders, fills, balances, corrected, escalated }
        const sequence = (await streamHead(tx, subject)) + 1
        const event: NewEvent = {
          type: 'reconciliation.finished',
          version: 1,
          tenant,
          subject,
          sequence,
          at: view.finishedAt,
          data,
        }
        await appendEvents(tx, [event], { ids, types })
      }),
    expected: venue =>
      db.tenant(tenant, async tx => {
        const moved = await movedSince(tx, venue)
        const baselines = await baselinesOf(tx, venue)
        return new Map(
          [...baselines].map(([asset, baseline]) => [asset, { baseline, moved: moved.get(asset) ?? '0' }] as const),
        )
      }),
    fees: venue => db.tenant(tenant, tx => feesSeen(tx, venue)),
    seeFees: (venue, schedule) =>
      db.tenant(tenant, async tx => {
        const { changed, confirmed } = seeFees(await feesSeen(tx, venue), schedule)
        await saveFees(tx, venue, [...changed, ...confirmed])
        return feesSeen(tx, venue)
      }),
    bookedFees: (venue, since) => db.tenant(tenant, tx => bookedFees(tx, venue, since)),
    accept: (venue, totals, at) => db.tenant(tenant, tx => saveBaselines(tx, venue, totals, at)),
  }
}
