import type {
  Clock,
  InstrumentId,
  MarketInput,
  Micros,
  OrderId,
  OrderRequest,
  RunId,
  VenueReport,
} from '../../kernel/index.ts'
import type { Log } from '../../platform/index.ts'
import type { OrderRef, Outcome, Venue, VenueListener } from '../../venues/index.ts'
import type { Effect, NodeInput } from '../node/input.ts'
import type { Run } from '../node/run.ts'
import type { Order } from '../orders/order.ts'

/** Orders whose run is kept in mind, open ones and late ones; an older one is found in the database. */
const ORDERS_MAX = 20_000

/** What the gateway needs of the trader. */
export interface GatewayNode {
  readonly runs: ReadonlyMap<RunId, Run>
  onMarket(input: MarketInput): void
  onVenue(input: Extract<NodeInput, { kind: 'report' | 'unresolved' | 'feed' }>): void
  /** Brings a closed order back to mind. */
  recall(run: RunId, order: Order): void
}

export interface GatewayOptions {
  readonly venues: ReadonlyMap<string, Venue>
  readonly node: GatewayNode
  /** A closed order as it was made durable, and whose it is; null when it is none of ours. */
  readonly findOrder: (order: OrderId) => Promise<{ readonly run: RunId; readonly order: Order } | null>
  readonly clock: Clock
  readonly log: Log
  /** All that a venue's market says, for those who show it. */
  readonly onMarket?: (input: MarketInput) => void
  readonly onStale?: (instrument: InstrumentId, reason: string | null) => void
  readonly onBalance?: (venue: string) => void
  /** The venue's private stream is complete from now on. */
  readonly onPrivateReady?: (venue: string) => void
  /** An answer proved nothing, or a cancel was refused: this order should be asked about soon. */
  readonly onDoubt?: (venue: string, order: OrderId) => void
  /** From the decision until the request was handed to the venue's connector, in milliseconds. */
  readonly onSent?: (venue: string, latencyMs: number) => void
}

/** Between the node and the venues: carries out what it decided, and brings back what they say. */
export class VenueGateway {
  readonly #options: GatewayOptions
  readonly #runs = new Map<OrderId, RunId>()
  /** Why a venue as a whole may not be traded on, before what its books say. */
  readonly #held = new Map<string, string>()
  readonly #staleness = new Map<InstrumentId, string | null>()

  constructor(options: GatewayOptions) {
    this.#options = options
    for (const venue of options.venues.keys()) this.#held.set(venue, 'reconciling')
  }

  /** A node has begun: its open orders are ours again, and nothing trades until its venues have been reconciled. */
  adopt(): void {
    const byVenue = new Map<string, OrderRequest[]>()
    for (const run of this.#options.node.runs.values())
      for (const { request } of run.openOrders) {
        this.#remember(request.id, run.setup.id)
        const venue = run.instrument.venue
        byVenue.set(venue, [...(byVenue.get(venue) ?? []), request])
      }
    for (const [venue, requests] of byVenue) this.#options.venues.get(venue)?.adopt(requests)
    for (const venue of this.#options.venues.keys()) this.hold(venue, 'reconciling')
  }

  watch(instruments: ReadonlyMap<string, readonly InstrumentId[]>): void {
    for (const [name, venue] of this.#options.venues) venue.watch(instruments.get(name) ?? [], this.#listener(name))
  }

  /** Nothing trades at a venue while it is held, whatever its books say. */
  hold(venue: string, reason: string): void {
    this.#held.set(venue, reason)
    this.#tellVenue(venue)
  }

  release(venue: string): void {
    this.#held.delete(venue)
    this.#tellVenue(venue)
  }

  /** Why nothing trades at a venue as a whole; null when it may. */
  heldWhy(venue: string): string | null {
    return this.#held.get(venue) ?? null
  }

  /** Why an instrument may not be traded on; null when it may. */
  stalenessOf(instrument: InstrumentId): string | null {
    const held = this.#held.get(venueOf(instrument))
    if (held !== undefined) return held
    const staleness = this.#staleness.get(instrument)
    return staleness === undefined ? 'unwatched' : staleness
  }

  /** A run has started or started again: it is told how its market stands. */
  tell(instrument: InstrumentId): void {
    const at = this.#options.clock.now()
    this.#options.node.onVenue({ kind: 'feed', instrument, at, staleness: this.stalenessOf(instrument) })
  }

  send({ run, request }: Extract<Effect, { kind: 'send' }>): void {
    const name = venueOf(request.instrument)
    const venue = this.#options.venues.get(name)
    this.#remember(request.id, run)
    if (venue === undefined) {
      this.#report(run, { type: 'rejected', order: request.id, reason: `no venue ${name} here`, at: this.#now() })
      return
    }
    venue.place(request).then(
      outcome => this.#onPlaced(name, run, request.id, outcome),
      error => this.#onBroken(name, run, request.id, error),
    )
  }

  cancel({ run, order }: Extract<Effect, { kind: 'cancel' }>): void {
    const known = this.#options.node.runs.get(run)?.openOrders.find(({ request }) => request.id === order)
    if (known === undefined) return
    const name = venueOf(known.request.instrument)
    const ref: OrderRef = { order, instrument: known.request.instrument, venueOrderId: known.venueOrderId }
    this.#options.venues
      .get(name)
      ?.cancel(ref)
      .then(
        outcome => this.#onCanceled(name, run, order, outcome),
        error => this.#onBroken(name, run, order, error),
      )
  }

  /** A report, from a stream or from a reconciliation; brings its order back to mind where that is needed. */
  async report(report: VenueReport): Promise<void> {
    const run = this.#runs.get(report.order)
    const { node } = this.#options
    if (run !== undefined && node.runs.get(run)?.knows(report.order) === true) {
      this.#report(run, report)
      return
    }
    const found = await this.#options.findOrder(report.order)
    if (found === null) {
      this.#options.log.error({ order: report.order, report: report.type }, 'a report about an order that is not known')
      return
    }
    this.#remember(report.order, found.run)
    if (node.runs.get(found.run)?.knows(report.order) === false) node.recall(found.run, found.order)
    this.#report(found.run, report)
  }

  #listener(venue: string): VenueListener {
    const { node, onMarket, onBalance, onPrivateReady, log } = this.#options
    return {
      onMarket: input => {
        onMarket?.(input)
        node.onMarket(input)
      },
      onStale: (instrument, reason) => {
        this.#staleness.set(instrument, reason)
        this.#options.onStale?.(instrument, reason)
        this.tell(instrument)
      },
      onReport: report => void this.report(report).catch(error => log.error({ error, venue }, 'a report was lost')),
      onBalance: () => onBalance?.(venue),
      onPrivateReady: () => onPrivateReady?.(venue),
      onExternal: what =>
        log.debug({ venue, venueOrderId: what.venueOrderId }, 'an order that was not placed by us is at work'),
    }
  }

  #onPlaced(venue: string, run: RunId, order: OrderId, outcome: Outcome): void {
    const { at } = outcome
    switch (outcome.type) {
      case 'accepted':
        // Where the answer names no id of the venue's, the stream or a question brings it.
        if (outcome.venueOrderId === null) this.#doubt(venue, order)
        else this.#report(run, { type: 'accepted', order, venueOrderId: outcome.venueOrderId, at })
        return
      case 'rejected':
        this.#report(run, { type: 'rejected', order, reason: outcome.reason, at })
        return
      case 'unknown':
        this.#options.node.onVenue({ kind: 'unresolved', run, order, reason: outcome.reason, at: this.#now() })
        this.#doubt(venue, order)
        return
    }
  }

  /** That a cancel was taken is not that the order is canceled: the venue's report says that. */
  #onCanceled(venue: string, run: RunId, order: OrderId, outcome: Outcome): void {
    if (outcome.type === 'rejected')
      this.#report(run, { type: 'cancel_rejected', order, reason: outcome.reason, at: outcome.at })
    if (outcome.type !== 'accepted') this.#doubt(venue, order)
  }

  /** A connector never throws: if it does, nothing is proven. */
  #onBroken(venue: string, run: RunId, order: OrderId, error: unknown): void {
    this.#options.log.error({ error, venue, order }, 'a connector broke')
    const reason = error instanceof Error ? error.message : String(error)
    this.#options.node.onVenue({ kind: 'unresolved', run, order, reason, at: this.#now() })
    this.#doubt(venue, order)
  }

  #doubt(venue: string, order: OrderId): void {
    this.#options.onDoubt?.(venue, order)
  }

  #report(run: RunId, data: VenueReport): void {
    this.#options.node.onVenue({ kind: 'report', run, at: this.#now(), data })
  }

  #tellVenue(venue: string): void {
    for (const instrument of this.#staleness.keys()) if (venueOf(instrument) === venue) this.tell(instrument)
  }

  #remember(order: OrderId, run: RunId): void {
    this.#runs.set(order, run)
    if (this.#runs.size <= ORDERS_MAX) return
    for (const oldest of this.#runs.keys()) {
      this.#runs.delete(oldest)
      return
    }
  }

  #now(): Micros {
    return this.#options.clock.now()
  }
}

/** The venue that an instrument's id names. */
const venueOf = (instrument: InstrumentId): string => instrument.slice(0, instrument.indexOf(':'))
