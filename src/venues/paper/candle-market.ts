import {
  type Candle,
  type Instrument,
  type Lots,
  lotsFromFloat,
  type Micros,
  type Side,
  type Ticks,
  type VenueReport,
} from '../../kernel/index.ts'
import { type Leg, pathOf, priceOn } from './candle-path.ts'
import { fillReport, type WorkingOrder } from './report.ts'
import type { PaperSettings } from './settings.ts'

/** Something that reaches the venue in the course of a candle: gives the time it is due, then is handled. */
export interface CandleArrivals {
  /** When the next one is due; Infinity when there is none. */
  dueAt(): Micros
  /** Takes it: an order starts to work or a cancel takes effect. */
  take(at: Micros): WorkingOrder | null
}

/**
 * Fills from candles alone. The price goes the candle's path ({@link pathOf}); each leg has a third of the volume, of
 * which our orders may take `participation`. A taker pays the path's price and slippage; a resting limit fills at its
 * own price, and only once the path has gone through it: a touch proves nothing about the queue.
 */
export class CandleMarket {
  readonly #instrument: Instrument
  readonly #settings: PaperSettings
  /** Lots left to take in this leg. */
  #budget: Lots = 0

  constructor(instrument: Instrument, settings: PaperSettings) {
    this.#instrument = instrument
    this.#settings = settings
  }

  /** Moves through a closed candle; removes finished orders from `working`. */
  run(candle: Candle, interval: Micros, arrivals: CandleArrivals, working: WorkingOrder[], out: VenueReport[]): void {
    for (const leg of pathOf(candle, interval)) {
      if (working.length === 0 && arrivals.dueAt() >= leg.to) continue
      this.#budget = lotsFromFloat(this.#instrument, (candle.volume / 3) * this.#settings.participation)
      let at = leg.from
      for (;;) {
        const next = Math.max(at, arrivals.dueAt())
        if (next >= leg.to) break
        this.#segment(leg, at, next, working, out)
        at = next
        const order = arrivals.take(at)
        if (order !== null) this.#arrive(order, priceOn(leg, at), at, working, out)
      }
      this.#segment(leg, at, leg.to, working, out)
    }
  }

  #arrive(order: WorkingOrder, price: number, at: Micros, working: WorkingOrder[], out: VenueReport[]): void {
    const { request } = order
    if (request.type === 'stop' || request.type === 'stop_limit') {
      working.push(order)
      return
    }
    if (request.postOnly && this.#isMarketable(order, price)) {
      out.push({ type: 'rejected', order: request.id, reason: 'would_cross', at })
      return
    }
    const takes = request.type === 'market' || this.#isMarketable(order, price)
    if (request.timeInForce === 'fok' && (!takes || this.#budget < order.remaining)) {
      out.push({ type: 'canceled', order: request.id, reason: 'not_fillable', at })
      return
    }
    if (takes) this.#take(order, price, at, out)
    if (order.remaining === 0) return
    if (request.timeInForce === 'gtc') working.push(order)
    else out.push({ type: 'canceled', order: request.id, reason: 'immediate_or_cancel', at })
  }

  /** The path from one time to another within a leg, for the orders that are there. */
  #segment(leg: Leg, from: Micros, to: Micros, working: WorkingOrder[], out: VenueReport[]): void {
    if (working.length === 0 || to <= from) return
    const start = priceOn(leg, from)
    const end = priceOn(leg, to)
    for (const order of working) this.#work(order, start, end, from, to, out)
    for (let i = working.length - 1; i >= 0; i--) if (working[i]!.remaining === 0) working.splice(i, 1)
  }

  #work(order: WorkingOrder, start: number, end: number, from: Micros, to: Micros, out: VenueReport[]): void {
    const { request } = order
    const isStop = request.type === 'stop' || request.type === 'stop_limit'
    if (isStop && !order.triggered) {
      const trigger = request.triggerPrice!
      const reached = request.side === 'buy' ? Math.max(start, end) >= trigger : Math.min(start, end) <= trigger
      if (!reached) return
      order.triggered = true
      out.push({ type: 'triggered', order: request.id, at: from })
      const gapped = request.side === 'buy' ? start > trigger : start < trigger
      const price = gapped ? start : trigger
      if (request.type === 'stop' || this.#isMarketable(order, price)) this.#take(order, price, from, out)
      return
    }
    if (request.price === undefined) {
      this.#take(order, start, from, out)
      return
    }
    const through = request.side === 'buy' ? Math.min(start, end) < request.price : Math.max(start, end) > request.price
    if (through) this.#fill(order, request.price, 'maker', to, out)
  }

  #isMarketable(order: WorkingOrder, price: number): boolean {
    const limit = order.request.price
    if (limit === undefined) return true
    return order.request.side === 'buy' ? price <= limit : price >= limit
  }

  #take(order: WorkingOrder, pathPrice: number, at: Micros, out: VenueReport[]): void {
    const price = this.#worsened(order.request.side, pathPrice)
    const limit = order.request.price
    const bounded =
      limit === undefined ? price : order.request.side === 'buy' ? Math.min(price, limit) : Math.max(price, limit)
    this.#fill(order, bounded, 'taker', at, out)
  }

  #worsened(side: Side, price: number): Ticks {
    const slip = (price * this.#settings.slippagePpm) / 1_000_000
    return side === 'buy' ? Math.ceil(price + slip) : Math.max(1, Math.floor(price - slip))
  }

  #fill(order: WorkingOrder, price: Ticks, liquidity: 'maker' | 'taker', at: Micros, out: VenueReport[]): void {
    const quantity = Math.min(order.remaining, this.#budget)
    if (quantity <= 0) return
    this.#budget -= quantity
    out.push(fillReport(this.#instrument, this.#settings, order, price, quantity, liquidity, at))
  }
}
