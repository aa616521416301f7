import {
  AppError,
  type Clock,
  type IdSource,
  type InstrumentId,
  type MarketInput,
  type Timers,
} from '../../kernel/index.ts'
import type { Log } from '../../platform/index.ts'
import type { VenueAtWork, VenueView } from '../../venues/index.ts'
import { VenueGateway } from '../gateway/gateway.ts'
import type { Effect } from '../node/input.ts'
import type { Trader } from '../trader/trader.ts'
import type { ReconciliationJournal } from './journal.ts'
import { Reconciler } from './reconciler.ts'
import type { DiscrepancyView } from './views.ts'

export interface VenueDeskOptions {
  readonly venues: readonly VenueAtWork[]
  /** Instruments that are watched, by venue. */
  readonly instruments: ReadonlyMap<string, readonly InstrumentId[]>
  readonly trader: () => Trader
  readonly journal: ReconciliationJournal
  readonly onMarket: (input: MarketInput) => void
  readonly onFound?: (found: readonly DiscrepancyView[]) => void
  readonly clock: Clock
  readonly timers: Timers
  readonly ids: IdSource
  readonly log: Log
}

/** A tenant's venues at work for its node: orders out, reports in, and the books of both sides kept equal. */
export class VenueDesk {
  readonly #options: VenueDeskOptions
  readonly #gateway: VenueGateway
  readonly #reconcilers = new Map<string, Reconciler>()
  readonly #byName: ReadonlyMap<string, VenueAtWork>

  constructor(options: VenueDeskOptions) {
    const { venues, trader, clock, timers, ids, log, journal, onFound } = options
    this.#options = options
    this.#byName = new Map(venues.map(one => [one.name, one]))
    this.#gateway = new VenueGateway({
      venues: new Map(venues.map(({ name, venue }) => [name, venue])),
      node: {
        get runs() {
          return trader().runs
        },
        onMarket: input => trader().onMarket(input),
        onVenue: input => trader().onVenue(input),
        recall: (run, order) => trader().recall(run, order),
      },
      findOrder: order => trader().findOrder(order),
      clock,
      log,
      onMarket: input => {
        options.onMarket(input)
        for (const one of venues) one.onMarket(input)
      },
      onStale: (instrument, reason) => {
        for (const one of venues) one.onStale(instrument, reason)
      },
      onPrivateReady: venue => void this.#reconcilers.get(venue)?.run('reconnect'),
      onDoubt: (venue, order) => this.#reconcilers.get(venue)?.doubt(order),
    })
    for (const { name, venue } of venues)
      this.#reconcilers.set(
        name,
        new Reconciler({
          venue,
          runs: () => [...trader().runs.values()].filter(run => run.instrument.venue === name),
          journal,
          report: report => this.#gateway.report(report),
          onComplete: () => this.#gateway.release(name),
          onFound,
          clock,
          timers,
          ids,
          log,
        }),
      )
  }

  /** Watches every venue and compares its books with ours; trading begins, venue by venue, as they agree. */
  open(): void {
    this.#gateway.watch(this.#options.instruments)
    for (const reconciler of this.#reconcilers.values()) void reconciler.start()
  }

  async close(): Promise<void> {
    for (const reconciler of this.#reconcilers.values()) reconciler.stop()
    await Promise.all(this.#options.venues.map(one => one.close()))
  }

  /** A node has begun, at a start or after a failed commit. */
  adopt(): void {
    this.#gateway.adopt()
    for (const reconciler of this.#reconcilers.values()) void reconciler.run('start')
  }

  /** A run has started: it is told how its market stands. */
  tell(instrument: InstrumentId): void {
    this.#gateway.tell(instrument)
  }

  send(effect: Extract<Effect, { kind: 'send' }>): void {
    this.#gateway.send(effect)
  }

  cancel(effect: Extract<Effect, { kind: 'cancel' }>): void {
    this.#gateway.cancel(effect)
  }

  views(): VenueView[] {
    return this.#options.venues.map(one => one.view(this.#gateway.heldWhy(one.name)))
  }

  /** Compares now. @throws AppError `resource.not_found` */
  reconcile(name: string): void {
    const reconciler = this.#reconcilers.get(name)
    if (reconciler === undefined || !this.#byName.has(name))
      throw new AppError('resource.not_found', {
        field: 'name',
        rule: `is one of ${[...this.#byName.keys()].join(', ')}`,
      })
    void reconciler.run('request')
  }
}
