import type { Exchange } from 'ccxt'
import {
  type Clock,
  type InstrumentId,
  MICROS_PER_MINUTE,
  type Micros,
  type Random,
  type Timers,
} from '../../kernel/index.ts'
import type { AccountHost, StreamHost, Transport, VenueExecution, VenueListener, VenueOrder } from '../port/index.ts'
import type { VenueDefinition } from './definition.ts'
import { type Endpoint, redirect } from './endpoint.ts'
import type { InstrumentBook } from './instruments.ts'
import type { KnownOrder, OrdersKnown } from './orders-known.ts'
import { fillReport, orderReports } from './reports.ts'
import { StreamConnection, type StreamStatus } from './stream-connection.ts'

/** Fills that wait for the order they belong to; the oldest goes to reconciliation first. */
const ORPHANS_MAX = 1_000
const FILL_ATTEMPTS_MAX = 3
const FILL_RETRY_MS = 2_000
/** A fill that is told now may have been a while ago, by the venue's clock. */
const FILLS_LOOKBACK: Micros = 10 * MICROS_PER_MINUTE

export interface AccountFeedOptions {
  readonly definition: VenueDefinition
  readonly orders: OrdersKnown
  readonly instruments: InstrumentBook
  readonly listener: VenueListener
  readonly exchange: () => Promise<Exchange>
  readonly endpoint: Endpoint | null
  readonly transport: Transport
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly onState: (status: StreamStatus) => void
  /** Own fills by REST. */
  readonly fills: (instrument: InstrumentId, since: Micros) => Promise<readonly VenueExecution[]>
}

/** A venue's private stream at work: its pictures of orders and its fills become reports about our orders. */
export class AccountFeed {
  readonly #options: AccountFeedOptions
  readonly #connection: StreamConnection
  /** Fills whose order is not known yet: the answer to its placing may still be on its way. */
  #orphans: VenueExecution[] = []

  constructor(options: AccountFeedOptions) {
    this.#options = options
    const { transport, clock, timers, random, definition, endpoint, listener } = options
    this.#connection = new StreamConnection({
      transport,
      clock,
      timers,
      random,
      open: async () => {
        const { url, session } = await definition.account.open(await options.exchange())
        return { url: redirect(url, endpoint), session: host => session(options.instruments, this.#host(host)) }
      },
      onState: status => {
        options.onState(status)
        if (status.state === 'ready') listener.onPrivateReady(status.since)
      },
    })
  }

  start(): void {
    this.#connection.start()
  }

  close(): void {
    this.#connection.close()
  }

  get status(): StreamStatus {
    return this.#connection.status
  }

  /** The venue's id of an order of ours has become known: fills that came before it are told now. */
  learn(known: KnownOrder, venueOrderId: string): void {
    const { orders, instruments, listener } = this.#options
    const { instrument: id } = known.request
    if (known.venueOrderId !== null) return
    orders.learn(known, id, venueOrderId)
    const instrument = instruments.get(id)
    if (instrument === undefined || this.#orphans.length === 0) return
    const [ours, others] = [[] as VenueExecution[], [] as VenueExecution[]]
    for (const fill of this.#orphans)
      (fill.venueOrderId === venueOrderId && fill.instrument === id ? ours : others).push(fill)
    this.#orphans = others
    for (const fill of ours) listener.onReport(fillReport(instrument, known.request.id, fill))
  }

  #host(host: StreamHost): AccountHost {
    const { listener } = this.#options
    return {
      ...host,
      onOrder: order => this.#onOrder(order),
      onFill: fill => this.#onFill(fill),
      requestFills: order => void this.#askFills(order),
      onBalance: (change, at) => listener.onBalance(change, at),
      onRefused: (what, venueOrderId, reason, at) => {
        const known = this.#anyByVenue(venueOrderId)
        if (known === undefined) return
        const type = what === 'amend' ? 'update_rejected' : 'cancel_rejected'
        listener.onReport({ type, order: known.request.id, reason, at })
      },
    }
  }

  #onOrder(order: VenueOrder): void {
    const { orders, listener } = this.#options
    const known = orders.byClient(order.clientId) ?? orders.byVenue(order.instrument, order.venueOrderId)
    if (known === undefined) {
      listener.onExternal(order)
      return
    }
    for (const report of orderReports(known.request.id, order)) listener.onReport(report)
    this.learn(known, order.venueOrderId)
  }

  #onFill(fill: VenueExecution): void {
    const { orders, instruments, listener } = this.#options
    const known = orders.byClient(fill.clientId) ?? orders.byVenue(fill.instrument, fill.venueOrderId)
    if (known === undefined) {
      this.#orphans.push(fill)
      if (this.#orphans.length > ORPHANS_MAX) listener.onExternal(this.#orphans.shift()!)
      return
    }
    listener.onReport(fillReport(instruments.get(fill.instrument)!, known.request.id, fill))
  }

  /**
   * The order is told after its fills: one that is over before them sets free what they have taken already. What was not
   * answered is reconciliation's.
   */
  async #askFills(order: VenueOrder): Promise<void> {
    for (const fill of await this.#fillsOf(order)) this.#onFill(fill)
    this.#onOrder(order)
  }

  async #fillsOf({ instrument, venueOrderId }: VenueOrder): Promise<readonly VenueExecution[]> {
    const { fills, clock, timers } = this.#options
    for (let attempt = 1; attempt <= FILL_ATTEMPTS_MAX; attempt++)
      try {
        const found = await fills(instrument, clock.now() - FILLS_LOOKBACK)
        return found.filter(fill => fill.venueOrderId === venueOrderId)
      } catch {
        await new Promise<void>(resolve => timers.after(FILL_RETRY_MS, resolve))
      }
    return []
  }

  #anyByVenue(venueOrderId: string): KnownOrder | undefined {
    for (const { id } of this.#options.instruments.all as readonly { id: InstrumentId }[]) {
      const known = this.#options.orders.byVenue(id, venueOrderId)
      if (known !== undefined) return known
    }
    return undefined
  }
}
