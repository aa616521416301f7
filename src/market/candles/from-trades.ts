import { type Candle, type Instrument, type Micros, quantityFloat, type Trade } from '../../kernel/index.ts'
import { openOf } from '../intervals.ts'

export interface CandleHandlers {
  /** Once for every interval that had a trade, when it is over. */
  readonly onCandle: (candle: Candle) => void
  /** `bars` intervals from `from` to `to` had no trade. No candle is invented for them; leave it out to hear nothing. */
  readonly onGap?: (from: Micros, to: Micros, bars: number) => void
  /** A trade of an interval that is over. It changes no candle; it is counted and told. */
  readonly onLate?: (at: Micros, price: number, quantity: number) => void
}

/** What a builder needs to go on after a restart; JSON. */
export interface CandleBuilderState {
  readonly frontier: Micros
  readonly nextExpected: Micros
  readonly lateTrades: number
  readonly forming: Candle | null
}

/** Makes candles of one interval from one instrument's trades. Exact at boundaries: a trade at 12:01:00.000000 opens 12:01. */
export interface CandleBuilder {
  readonly interval: Micros
  add(trade: Trade): void
  /** {@link add} without an object: time in microseconds, price in ticks, quantity in lots. */
  addTrade(at: Micros, price: number, quantity: number): void
  /** Time has come to `now`: an interval that ended by then closes, and later trades of it are late. */
  closeAt(now: Micros): void
  /** The candle that is still open, for pages; strategies never see it. */
  forming(): Candle | undefined
  readonly lateTrades: number
  snapshot(): CandleBuilderState
}

export interface CandleBuilderOptions extends CandleHandlers {
  readonly instrument: Instrument
  readonly interval: Micros
  readonly state?: CandleBuilderState
}

export function createCandleBuilder(options: CandleBuilderOptions): CandleBuilder {
  return new Builder(options)
}

/** Plain numeric fields and no allocation but the closed candle: it stands in a pipeline of 200,000 events a second. */
class Builder implements CandleBuilder {
  readonly interval: Micros
  readonly #handlers: CandleHandlers
  readonly #lot: number
  #late = 0
  #isOpen = false
  /** Trades before this are late. */
  #frontier: Micros = Number.NEGATIVE_INFINITY
  /** Where the next candle opens if there is no gap; NaN before the first. */
  #expected: Micros = Number.NaN
  #openAt = 0
  #closeAt = 0
  #open = 0
  #high = 0
  #low = 0
  #close = 0
  #lots = 0

  constructor(options: CandleBuilderOptions) {
    this.interval = options.interval
    this.#handlers = options
    this.#lot = quantityFloat(options.instrument, 1)
    if (options.state !== undefined) this.#restore(options.state)
  }

  get lateTrades(): number {
    return this.#late
  }

  add(trade: Trade): void {
    this.addTrade(trade.at, trade.price, trade.quantity)
  }

  addTrade(at: Micros, price: number, quantity: number): void {
    if (this.#isOpen && at >= this.#closeAt) this.#finish()
    if (at < this.#frontier) {
      this.#late += 1
      this.#handlers.onLate?.(at, price, quantity)
      return
    }
    if (!this.#isOpen) {
      this.#start(at, price, quantity)
      return
    }
    if (price > this.#high) this.#high = price
    else if (price < this.#low) this.#low = price
    this.#close = price
    this.#lots += quantity
  }

  closeAt(now: Micros): void {
    if (this.#isOpen && now >= this.#closeAt) this.#finish()
    if (!this.#isOpen && now > this.#frontier) this.#frontier = Math.max(this.#frontier, openOf(now, this.interval))
  }

  forming(): Candle | undefined {
    return this.#isOpen ? this.#candle() : undefined
  }

  snapshot(): CandleBuilderState {
    return {
      frontier: Number.isFinite(this.#frontier) ? this.#frontier : 0,
      nextExpected: Number.isNaN(this.#expected) ? 0 : this.#expected,
      lateTrades: this.#late,
      forming: this.forming() ?? null,
    }
  }

  #start(at: Micros, price: number, quantity: number): void {
    this.#openAt = openOf(at, this.interval)
    this.#closeAt = this.#openAt + this.interval
    this.#frontier = this.#openAt
    if (this.#openAt > this.#expected)
      this.#handlers.onGap?.(this.#expected, this.#openAt, (this.#openAt - this.#expected) / this.interval)
    this.#open = price
    this.#high = price
    this.#low = price
    this.#close = price
    this.#lots = quantity
    this.#isOpen = true
  }

  #finish(): void {
    const candle = this.#candle()
    this.#isOpen = false
    this.#frontier = this.#closeAt
    this.#expected = this.#closeAt
    this.#handlers.onCandle(candle)
  }

  #candle(): Candle {
    return {
      openAt: this.#openAt,
      open: this.#open,
      high: this.#high,
      low: this.#low,
      close: this.#close,
      volume: this.#lots * this.#lot,
    }
  }

  #restore(state: CandleBuilderState): void {
    this.#late = state.lateTrades
    if (state.frontier > 0) this.#frontier = state.frontier
    if (state.nextExpected > 0) this.#expected = state.nextExpected
    if (state.forming === null) return
    const { openAt, open, high, low, close, volume } = state.forming
    this.#openAt = openAt
    this.#closeAt = openAt + this.interval
    this.#open = open
    this.#high = high
    this.#low = low
    this.#close = close
    this.#lots = Math.round(volume / this.#lot)
    this.#isOpen = true
  }
}
