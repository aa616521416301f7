import {
  assert,
  type Instrument,
  type MarketInput,
  type Micros,
  type OrderId,
  type OrderRequest,
  type Ticks,
  type VenueReport,
} from '../../kernel/index.ts'
import { BookMarket, type BookMarketState } from './book-market.ts'
import { type CandleArrivals, CandleMarket } from './candle-market.ts'
import type { WorkingOrder } from './report.ts'
import { type InFlight, PAPER_ORDERS_MAX, type PaperSettings } from './settings.ts'

type Arrival =
  | { readonly type: 'order'; readonly request: OrderRequest }
  | { readonly type: 'cancel'; readonly order: OrderId }

/** JSON of a paper venue: a restart goes on from it. */
export interface PaperVenueState {
  readonly working: readonly WorkingOrder[]
  readonly arrivals: readonly InFlight<Arrival>[]
  readonly orders: number
  readonly book: BookMarketState
}

/**
 * A venue that trades nothing but answers as one would: latency, maker and taker fees, partial fills. It lives inside the
 * node's loop and moves only with its inputs, so that how fast the machine or the database is never moves a fill.
 * Market inputs decide how orders fill: books and trades ({@link BookMarket}) or candles ({@link CandleMarket}).
 */
export class PaperVenue {
  readonly #settings: PaperSettings
  readonly #candles: CandleMarket
  readonly #books: BookMarket
  /** In order of arrival. */
  #working: WorkingOrder[] = []
  readonly #byId = new Map<OrderId, WorkingOrder>()
  /** On their way, in order of time: latency is the same for all. */
  #arrivals: InFlight<Arrival>[] = []
  #orders = 0

  constructor(instrument: Instrument, settings: PaperSettings, state?: PaperVenueState) {
    this.#settings = settings
    this.#candles = new CandleMarket(instrument, settings)
    this.#books = new BookMarket(instrument, settings, state?.book)
    if (state === undefined) return
    this.#working = state.working.map(order => ({ ...order }))
    for (const order of this.#working) this.#byId.set(order.request.id, order)
    this.#arrivals = [...state.arrivals]
    this.#orders = state.orders
  }

  snapshot(): PaperVenueState {
    return {
      working: this.#working.map(order => ({ ...order })),
      arrivals: [...this.#arrivals],
      orders: this.#orders,
      book: this.#books.snapshot(),
    }
  }

  /** Sends an order at `at`; it arrives one latency later. */
  submit(request: OrderRequest, at: Micros): void {
    this.#arrivals.push({ dueAt: at + this.#settings.latency, what: { type: 'order', request } })
  }

  /** Asks at `at` for an order to be canceled; the wish arrives one latency later. */
  cancel(order: OrderId, at: Micros): void {
    this.#arrivals.push({ dueAt: at + this.#settings.latency, what: { type: 'cancel', order } })
  }

  /** Takes all that is on its way at once and cancels everything: what a kill switch asks for. Needs no market input. */
  cancelAll(at: Micros): VenueReport[] {
    const out: VenueReport[] = []
    for (const { what } of this.#arrivals)
      if (what.type === 'order') out.push({ type: 'canceled', order: what.request.id, reason: 'requested', at })
    for (const { request } of this.#working) {
      this.#books.cancel(request.id)
      out.push({ type: 'canceled', order: request.id, reason: 'requested', at })
    }
    this.#arrivals = []
    this.#working = []
    this.#byId.clear()
    this.#books.rest()
    return out
  }

  /** Whether nothing is working and nothing on its way: a market input changes nothing but the price. */
  get isIdle(): boolean {
    return this.#working.length === 0 && this.#arrivals.length === 0
  }

  /** Lets the market move; appends what became of our orders, in order. */
  onMarket(input: MarketInput, out: VenueReport[]): void {
    switch (input.kind) {
      case 'candle':
        if (!this.isIdle) this.#onCandle(input, out)
        return
      case 'book':
        this.#arriveUntil(input.at, out)
        this.#books.onBook(input.data, this.#byId, out)
        this.#tidy()
        return
      case 'trade':
        if (this.isIdle) return
        this.#arriveUntil(input.at, out)
        this.#books.onTrade(input.data, this.#byId, out)
        this.#trigger(input.data.price, input.at, out)
        this.#tidy()
        return
    }
  }

  #onCandle(input: Extract<MarketInput, { kind: 'candle' }>, out: VenueReport[]): void {
    const arrivals: CandleArrivals = {
      dueAt: () => this.#arrivals[0]?.dueAt ?? Number.POSITIVE_INFINITY,
      take: at => this.#take(at, out),
    }
    this.#candles.run(input.data, input.interval, arrivals, this.#working, out)
    this.#byId.clear()
    for (const order of this.#working) this.#byId.set(order.request.id, order)
  }

  /** The next arrival: an order that starts to work, or null when it was a cancel (done) or a refusal. */
  #take(at: Micros, out: VenueReport[]): WorkingOrder | null {
    const arrival = this.#arrivals.shift()
    assert(arrival !== undefined, 'nothing is on its way')
    if (arrival.what.type === 'cancel') {
      this.#cancel(arrival.what.order, at, out)
      return null
    }
    const { request } = arrival.what
    if (this.#working.length >= PAPER_ORDERS_MAX) {
      out.push({ type: 'rejected', order: request.id, reason: 'too_many_orders', at })
      return null
    }
    this.#orders += 1
    const order: WorkingOrder = {
      request,
      venueOrderId: `P${this.#orders}`,
      remaining: request.quantity,
      fills: 0,
      triggered: false,
    }
    out.push({ type: 'accepted', order: request.id, venueOrderId: `${request.id}.${order.venueOrderId}`, at })
    return order
  }

  #cancel(id: OrderId, at: Micros, out: VenueReport[]): void {
    const index = this.#working.findIndex(order => order.request.id === id)
    if (index < 0) {
      out.push({ type: 'cancel_rejected', order: id, reason: 'not_open', at })
      return
    }
    this.#working.splice(index, 1)
    this.#byId.delete(id)
    this.#books.cancel(id)
    out.push({ type: 'canceled', order: id, reason: 'requested', at })
  }

  /** What is due by `now` meets the book as it stood when it arrived, before `now`'s own news. */
  #arriveUntil(now: Micros, out: VenueReport[]): void {
    while (this.#books.hasBook && this.#arrivals.length > 0 && this.#arrivals[0]!.dueAt <= now) {
      const at = this.#arrivals[0]!.dueAt
      const order = this.#take(at, out)
      if (order === null) continue
      const isStop = order.request.type === 'stop' || order.request.type === 'stop_limit'
      if (!isStop && !this.#books.arrive(order, at, this.#byId, out)) continue
      this.#working.push(order)
      this.#byId.set(order.request.id, order)
    }
  }

  #trigger(price: Ticks, at: Micros, out: VenueReport[]): void {
    for (const order of [...this.#working]) {
      const trigger = order.request.triggerPrice
      if (trigger === undefined || order.triggered) continue
      if (order.request.side === 'buy' ? price < trigger : price > trigger) continue
      order.triggered = true
      out.push({ type: 'triggered', order: order.request.id, at })
      if (!this.#books.arrive(order, at, this.#byId, out)) this.#finish(order)
    }
  }

  #finish(order: WorkingOrder): void {
    this.#working = this.#working.filter(other => other !== order)
    this.#byId.delete(order.request.id)
  }

  /** Forgets what is done, and the mirror once nothing of ours is left. */
  #tidy(): void {
    if (this.#working.some(order => order.remaining === 0))
      for (const order of this.#working.filter(({ remaining }) => remaining === 0)) this.#finish(order)
    if (this.#working.length === 0) this.#books.rest()
  }
}
