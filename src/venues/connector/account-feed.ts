import type { Exchange } from 'ccxt'
import {
  AppError,
  type Clock,
  type InstrumentId,
  type Lots,
  MICROS_PER_MINUTE,
  type Micros,
  type Random,
  type Timers,
} from '../../kernel/index.ts'
import type { AccountHost, StreamHost, Transport, VenueExecution, VenueListener, VenueOrder } from '../port/index.ts'
import type { VenueDefinition } from './definition.ts'
import type { InstrumentBook } from './instruments.ts'
import type { KnownOrder, OrdersKnown } from './orders-known.ts'
import { fillReport, orderReports } from './reports.ts'
import { StreamConnection, type StreamStatus } from './stream-connection.ts'

/** Orders whose fills are counted, or asked for; the oldest is forgotten first. */
const ORDERS_COUNTED_MAX = 5_000
const ORDERS_ASKED_MAX = 1_000
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
  /** Where a stream is found, by the venue's own address of it. */
  readonly address: (url: string) => string
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
  /** Orders whose fills are being asked for, each with the last that was heard of it in the meantime. */
  readonly #asked = new Map<string, VenueOrder | null>()
  /** Fills of an order by their ids: how much of what the venue says is accounted for. */
  readonly #counted = new Map<string, Map<string, Lots>>()

  constructor(options: AccountFeedOptions) {
    this.#options = options
    const { transport, clock, timers, random, definition, address, listener } = options
    this.#connection = new StreamConnection({
      transport,
      clock,
      timers,
      random,
      open: async () => {
        const { url, session } = await definition.account.open(await options.exchange())
        return { url: address(url), session: host => session(options.instruments, this.#host(host)) }
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

  /** An order that is over before its fills are told sets free what they have taken: its end waits for them. */
  #onOrder(order: VenueOrder): void {
    if (order.state !== 'open' && this.#asked.has(keyOf(order))) this.#asked.set(keyOf(order), order)
    else this.#tell(order)
  }

  #tell(order: VenueOrder): void {
    const { listener } = this.#options
    const known = this.#knownOf(order)
    if (known === undefined) {
      listener.onExternal(order)
      return
    }
    for (const report of orderReports(known.request.id, order)) {
      listener.onReport(report)
      // Before an end that may follow: fills have waited for it.
      this.learn(known, order.venueOrderId)
    }
  }

  #onFill(fill: VenueExecution): void {
    const { instruments, listener } = this.#options
    this.#count(fill)
    const known = this.#knownOf(fill)
    if (known === undefined) {
      this.#orphans.push(fill)
      if (this.#orphans.length > ORPHANS_MAX) listener.onExternal(this.#orphans.shift()!)
      return
    }
    listener.onReport(fillReport(instruments.get(fill.instrument)!, known.request.id, fill))
  }

  /**
   * The order is told after its fills. However many times it is heard of while they are asked for, one further question
   * settles it; what was not answered in time is reconciliation's.
   */
  async #askFills(order: VenueOrder): Promise<void> {
    const key = keyOf(order)
    const heard = this.#asked.get(key)
    if (heard !== undefined) {
      if (heard === null || heard.state === 'open') this.#asked.set(key, order)
      return
    }
    if (this.#asked.size >= ORDERS_ASKED_MAX) {
      this.#tell(order)
      return
    }
    const known = this.#knownOf(order)
    if (known !== undefined) this.learn(known, order.venueOrderId)
    for (let next: VenueOrder | null = order; next !== null; next = this.#asked.get(key) ?? null) {
      this.#asked.set(key, null)
      await this.#tellFills(next)
      this.#tell(next)
    }
    this.#asked.delete(key)
  }

  /** A venue may know of a fill before its history of them does: it is asked again, a few times. */
  async #tellFills(order: VenueOrder): Promise<void> {
    const { fills, clock, timers } = this.#options
    const { instrument, venueOrderId } = order
    for (let attempt = 1; ; attempt++) {
      try {
        for (const fill of await fills(instrument, clock.now() - FILLS_LOOKBACK))
          if (fill.venueOrderId === venueOrderId) this.#onFill(fill)
        const counted = [...(this.#counted.get(keyOf(order))?.values() ?? [])]
        if (counted.reduce((sum, lots) => sum + lots, 0) >= order.filled) return
      } catch (error) {
        if (!(error instanceof AppError)) throw error
      }
      if (attempt >= FILL_ATTEMPTS_MAX) return
      await new Promise<void>(resolve => timers.after(FILL_RETRY_MS, resolve))
    }
  }

  #count(fill: VenueExecution): void {
    const key = keyOf(fill)
    const counted = this.#counted.get(key) ?? new Map<string, Lots>()
    counted.set(fill.id, fill.quantity)
    this.#counted.delete(key)
    this.#counted.set(key, counted)
    if (this.#counted.size <= ORDERS_COUNTED_MAX) return
    const [oldest] = this.#counted.keys()
    this.#counted.delete(oldest!)
  }

  #knownOf({ clientId, instrument, venueOrderId }: VenueOrder | VenueExecution): KnownOrder | undefined {
    const { orders } = this.#options
    return orders.byClient(clientId) ?? orders.byVenue(instrument, venueOrderId)
  }

  #anyByVenue(venueOrderId: string): KnownOrder | undefined {
    for (const { id } of this.#options.instruments.all as readonly { id: InstrumentId }[]) {
      const known = this.#options.orders.byVenue(id, venueOrderId)
      if (known !== undefined) return known
    }
    return undefined
  }
}

const keyOf = ({ instrument, venueOrderId }: { instrument: InstrumentId; venueOrderId: string }): string =>
  `${instrument} ${venueOrderId}`
