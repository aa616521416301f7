import {
  assert,
  type BookSnapshot,
  type Instrument,
  type Level,
  type Lots,
  type Micros,
  type OrderId,
  type Side,
  type Ticks,
  type Trade,
  type VenueReport,
} from '../../kernel/index.ts'
import { type BookOutcome, type BookState, createBook, type OrderBook, restoreBook } from '../../matching/index.ts'
import { fillReport, type WorkingOrder } from './report.ts'
import type { PaperSettings } from './settings.ts'

const MARKET = 'market'
const OURS = 'ours'

/** JSON of a book market; the mirror is there while an order of ours works, or what we took is not shown again yet. */
export interface BookMarketState {
  readonly last: BookSnapshot | null
  readonly mirror: BookState | null
  readonly hasTaken: boolean
  readonly orders: number
}

/**
 * Fills against a book that is watched. What the market shows is mirrored as orders in the naive price-time book, ours
 * among them: a trade on the tape takes the queue from the front; quantity that leaves without a trade leaves from the
 * back, behind us; what we take is gone until the market shows it again. So a resting order fills when what stood before
 * it has traded, and a large one walks the levels that are there. Our orders move nobody else's.
 */
export class BookMarket {
  readonly #instrument: Instrument
  readonly #settings: PaperSettings
  #last: BookSnapshot | null
  #mirror: OrderBook | null
  /** An order of ours took from the mirror since the market last showed its book. */
  #hasTaken: boolean
  /** Names for mirrored orders. */
  #orders: number

  constructor(instrument: Instrument, settings: PaperSettings, state?: BookMarketState) {
    this.#instrument = instrument
    this.#settings = settings
    this.#last = state?.last ?? null
    this.#mirror = state?.mirror ? restoreBook(state.mirror) : null
    this.#hasTaken = state?.hasTaken ?? false
    this.#orders = state?.orders ?? 0
  }

  get hasBook(): boolean {
    return this.#last !== null
  }

  snapshot(): BookMarketState {
    const mirror = this.#mirror?.snapshot() ?? null
    return { last: this.#last, mirror, hasTaken: this.#hasTaken, orders: this.#orders }
  }

  /** An order has reached the venue: trades, rests in the mirror, or is refused. Gives whether it still works. */
  arrive(order: WorkingOrder, at: Micros, working: ReadonlyMap<OrderId, WorkingOrder>, out: VenueReport[]): boolean {
    const { request } = order
    const outcomes = this.#book().submit({
      id: request.id,
      owner: OURS,
      side: request.side,
      type: request.type === 'market' || request.type === 'stop' ? 'market' : 'limit',
      timeInForce: request.timeInForce,
      postOnly: request.postOnly,
      price: request.price,
      quantity: order.remaining,
    })
    // What traded comes before what became of the rest.
    this.#bookFills(outcomes, working, order, at, out)
    for (const outcome of outcomes) {
      // A fill-or-kill that cannot fill has been taken and killed, as in candles; the other refusals never took it.
      if (outcome.type === 'rejected') {
        const type = outcome.reason === 'not_fillable' ? 'canceled' : 'rejected'
        out.push({ type, order: request.id, reason: outcome.reason, at })
      } else if (outcome.type === 'canceled')
        out.push({ type: 'canceled', order: request.id, reason: outcome.reason, at })
      else if (outcome.type === 'traded') this.#hasTaken = true
    }
    return this.#mirror?.order(request.id) !== undefined
  }

  cancel(id: OrderId): void {
    this.#mirror?.cancel(id)
  }

  /** No order of ours works: the mirror is not needed until the next one comes, unless it remembers what we took. */
  rest(): void {
    if (!this.#hasTaken) this.#mirror = null
  }

  onTrade(trade: Trade, working: ReadonlyMap<OrderId, WorkingOrder>, out: VenueReport[]): void {
    if (this.#mirror === null) return
    const outcomes = this.#mirror.submit({
      id: this.#name(),
      owner: MARKET,
      side: trade.side,
      type: 'limit',
      timeInForce: 'ioc',
      price: trade.price,
      quantity: trade.quantity,
    })
    this.#bookFills(outcomes, working, null, trade.at, out)
  }

  onBook(book: BookSnapshot, working: ReadonlyMap<OrderId, WorkingOrder>, out: VenueReport[]): void {
    this.#last = book
    this.#hasTaken = false
    if (this.#mirror === null) return
    this.#reduce('buy', book.bids)
    this.#reduce('sell', book.asks)
    this.#extend('buy', book.bids, book.at, working, out)
    this.#extend('sell', book.asks, book.at, working, out)
  }

  #book(): OrderBook {
    if (this.#mirror !== null) return this.#mirror
    assert(this.#last !== null, 'an order arrived before any book')
    this.#mirror = createBook()
    const none: ReadonlyMap<OrderId, WorkingOrder> = new Map()
    this.#extend('buy', this.#last.bids, this.#last.at, none, [])
    this.#extend('sell', this.#last.asks, this.#last.at, none, [])
    return this.#mirror
  }

  #name(): string {
    this.#orders += 1
    return `${MARKET}-${this.#orders}`
  }

  #mirrored(side: Side): Map<Ticks, Lots> {
    const totals = new Map<Ticks, Lots>()
    for (const order of this.#mirror!.orders(side))
      if (order.owner === MARKET) totals.set(order.price, (totals.get(order.price) ?? 0) + order.quantity)
    return totals
  }

  /** Takes away what the market no longer shows, last come first. */
  #reduce(side: Side, levels: readonly Level[]): void {
    const shown = new Map(levels)
    for (const [price, quantity] of this.#mirrored(side)) {
      let excess = quantity - (shown.get(price) ?? 0)
      if (excess <= 0) continue
      const there = this.#mirror!.orders(side).filter(order => order.owner === MARKET && order.price === price)
      for (const order of there.reverse()) {
        if (excess <= 0) break
        const cut = Math.min(excess, order.quantity)
        excess -= cut
        if (cut === order.quantity) this.#mirror!.cancel(order.id)
        else this.#mirror!.amend(order.id, { quantity: order.quantity - cut })
      }
    }
  }

  /** Adds what the market shows beyond the mirror, behind what is there; where it crosses an order of ours, ours fills. */
  #extend(
    side: Side,
    levels: readonly Level[],
    at: Micros,
    working: ReadonlyMap<OrderId, WorkingOrder>,
    out: VenueReport[],
  ): void {
    const mirrored = this.#mirrored(side)
    for (const [price, quantity] of levels) {
      const missing = quantity - (mirrored.get(price) ?? 0)
      if (missing <= 0) continue
      const outcomes = this.#mirror!.submit({
        id: this.#name(),
        owner: MARKET,
        side,
        type: 'limit',
        timeInForce: 'gtc',
        price,
        quantity: missing,
      })
      if (outcomes.some(({ type }) => type === 'traded')) this.#hasTaken = true
      this.#bookFills(outcomes, working, null, at, out)
    }
  }

  /** Books the trades in which an order of ours took part; `taker` is ours when we came last. */
  #bookFills(
    outcomes: readonly BookOutcome[],
    working: ReadonlyMap<OrderId, WorkingOrder>,
    taker: WorkingOrder | null,
    at: Micros,
    out: VenueReport[],
  ): void {
    for (const trade of outcomes) {
      if (trade.type !== 'traded') continue
      if (taker !== null) out.push(this.#fill(taker, trade.price, trade.quantity, 'taker', at))
      const maker = trade.makerOwner === OURS ? working.get(trade.maker as OrderId) : undefined
      if (maker !== undefined) out.push(this.#fill(maker, trade.price, trade.quantity, 'maker', at))
    }
  }

  #fill(order: WorkingOrder, price: Ticks, quantity: Lots, liquidity: 'maker' | 'taker', at: Micros): VenueReport {
    return fillReport(this.#instrument, this.#settings, order, price, quantity, liquidity, at)
  }
}
