import {
  type BookSnapshot,
  type Candle,
  type Instrument,
  type InstrumentId,
  type MarketInput,
  MICROS_PER_DAY,
  type Micros,
  priceText,
  type Ticks,
} from '../../kernel/index.ts'
import { type CandleColumns, ColumnsBuilder, candleAt } from '../candles/columns.ts'
import { type CandleBuilder, createCandleBuilder } from '../candles/from-trades.ts'
import { createAggregator, INTERVALS, type IntervalName } from '../intervals.ts'
import { toBookView, toCandleView, toTradeView, volumeText } from '../present.ts'
import type { BookView, CandleView, TickerView, TradeView } from '../views.ts'

/** Closed candles kept of each interval: a day of minutes and some. */
const CANDLES_KEPT = 1_500
const TRADES_KEPT = 100
const LEVELS_SHOWN = 20
/** Intervals that pages can ask for. */
const SHOWN = ['5s', '15s', '1m', '5m', '15m', '1h'] as const satisfies readonly IntervalName[]
const SAVED = '1m'
/** Share of a day that must be known before a change over a day is shown. */
const DAY_KNOWN = 0.9

/** Told of everything that pages may show, as it happens. */
export type DisplayListener = (topic: string, data: TickerView | BookView | TradeView | CandleView) => void

interface Shown {
  readonly instrument: Instrument
  readonly trades: TradeView[]
  readonly candles: Map<string, { readonly builder: CandleBuilder; readonly closed: Candle[] }>
  /** Since the forming candles were last published. */
  hasNewTrade: boolean
  book: BookSnapshot | null
  last: Ticks | null
  at: Micros
  /** Candles of the saved interval since they were last taken away to be saved. */
  unsaved: ColumnsBuilder
}

/** What pages see of the market now: books, tapes, tickers and candles of each instrument. Nothing here decides anything. */
export class MarketDisplay {
  readonly #shown = new Map<InstrumentId, Shown>()
  readonly #listener: DisplayListener

  constructor(instruments: readonly Instrument[], listener: DisplayListener = () => {}) {
    this.#listener = listener
    for (const instrument of instruments) this.#shown.set(instrument.id, this.#newShown(instrument))
  }

  get instruments(): readonly Instrument[] {
    return [...this.#shown.values()].map(({ instrument }) => instrument)
  }

  static readonly intervals: readonly IntervalName[] = SHOWN

  onInput(input: MarketInput): void {
    const shown = this.#shown.get(input.instrument)
    if (shown === undefined || input.kind === 'candle') return
    shown.at = input.at
    if (input.kind === 'book') {
      shown.book = input.data
      for (const { builder } of shown.candles.values()) builder.closeAt(input.at)
      this.#listener(`book:${input.instrument}`, toBookView(shown.instrument, input.data, LEVELS_SHOWN))
    } else {
      const { at, price, quantity } = input.data
      shown.last = price
      const trade = toTradeView(shown.instrument, input.data)
      shown.trades.push(trade)
      if (shown.trades.length > TRADES_KEPT) shown.trades.shift()
      this.#listener(`trades:${input.instrument}`, trade)
      for (const { builder } of shown.candles.values()) builder.addTrade(at, price, quantity)
      shown.hasNewTrade = true
    }
    this.#listener('ticker', this.#ticker(shown))
  }

  /** Closed one-minute candles from before now; the larger intervals are put together from them. */
  preload(instrument: InstrumentId, minutes: CandleColumns): void {
    const shown = this.#shown.get(instrument)
    if (shown === undefined) return
    for (const [interval, { closed }] of shown.candles) {
      if (INTERVALS[interval as IntervalName] < INTERVALS[SAVED]) continue
      const keep = (candle: Candle) => {
        closed.push(candle)
        if (closed.length > CANDLES_KEPT) closed.shift()
      }
      const aggregator = createAggregator(INTERVALS[SAVED], INTERVALS[interval as IntervalName], keep)
      for (let i = 0; i < minutes.length; i++) aggregator.add(candleAt(minutes, i))
    }
    shown.last ??= minutes.length === 0 ? null : minutes.close[minutes.length - 1]!
  }

  /** Tells of the candles that still form; call it as often as pages should see them move. */
  publishForming(): void {
    for (const shown of this.#shown.values()) {
      if (!shown.hasNewTrade) continue
      shown.hasNewTrade = false
      for (const [interval, { builder }] of shown.candles) {
        const forming = builder.forming()
        if (forming === undefined) continue
        this.#listener(`candles:${shown.instrument.id}:${interval}`, toCandleView(shown.instrument, forming, false))
      }
    }
  }

  /** The last closed candles of any interval, oldest first, as far as they are known: to warm a strategy. */
  history(instrument: string, interval: Micros, count: number): readonly Candle[] {
    const shown = this.#shown.get(instrument as InstrumentId)
    if (shown === undefined || count <= 0) return []
    const exact = SHOWN.find(name => INTERVALS[name] === interval)
    if (exact !== undefined) return shown.candles.get(exact)!.closed.slice(-count)
    const base = [...SHOWN].reverse().find(name => interval % INTERVALS[name] === 0)
    if (base === undefined) return []
    const together: Candle[] = []
    const aggregator = createAggregator(INTERVALS[base], interval, candle => together.push(candle))
    for (const candle of shown.candles.get(base)!.closed) aggregator.add(candle)
    return together.slice(-count)
  }

  ticker(): TickerView[] {
    return [...this.#shown.values()].map(shown => this.#ticker(shown))
  }

  book(instrument: string): BookView | null {
    const shown = this.#shown.get(instrument as InstrumentId)
    return shown?.book ? toBookView(shown.instrument, shown.book, LEVELS_SHOWN) : null
  }

  /** Oldest first. */
  trades(instrument: string): TradeView[] {
    return [...(this.#shown.get(instrument as InstrumentId)?.trades ?? [])]
  }

  /** The last closed candles and the forming one, oldest first. */
  candles(instrument: string, interval: string, limit: number): CandleView[] {
    const shown = this.#shown.get(instrument as InstrumentId)
    const series = shown?.candles.get(interval)
    if (shown === undefined || series === undefined) return []
    const forming = series.builder.forming()
    const views = series.closed.slice(-limit).map(candle => toCandleView(shown.instrument, candle))
    if (forming !== undefined) views.push(toCandleView(shown.instrument, forming, false))
    return views.slice(-limit)
  }

  /** The middle of the book, or the last trade: what a position is valued at. */
  mark(instrument: string): { price: Ticks; at: Micros } | null {
    const shown = this.#shown.get(instrument as InstrumentId)
    if (shown === undefined) return null
    const price = middleOf(shown.book) ?? shown.last
    return price === null ? null : { price, at: shown.at }
  }

  /** When the market last said anything; 0 before that. */
  get lastAt(): Micros {
    return Math.max(0, ...[...this.#shown.values()].map(({ at }) => at))
  }

  /** One-minute candles closed since the last call. */
  takeUnsaved(): { instrument: Instrument; interval: Micros; candles: CandleColumns }[] {
    return [...this.#shown.values()].map(shown => {
      const candles = shown.unsaved.columns()
      shown.unsaved = new ColumnsBuilder()
      return { instrument: shown.instrument, interval: INTERVALS[SAVED], candles }
    })
  }

  #newShown(instrument: Instrument): Shown {
    const shown: Shown = {
      instrument,
      trades: [],
      candles: new Map(),
      hasNewTrade: false,
      book: null,
      last: null,
      at: 0,
      unsaved: new ColumnsBuilder(),
    }
    for (const interval of SHOWN) {
      const closed: Candle[] = []
      const onCandle = (candle: Candle) => {
        closed.push(candle)
        if (closed.length > CANDLES_KEPT) closed.shift()
        if (interval === SAVED) keepUnsaved(shown, candle)
        this.#listener(`candles:${instrument.id}:${interval}`, toCandleView(instrument, candle))
      }
      const builder = createCandleBuilder({ instrument, interval: INTERVALS[interval], onCandle })
      shown.candles.set(interval, { builder, closed })
    }
    return shown
  }

  #ticker(shown: Shown): TickerView {
    const { instrument, book, last, at } = shown
    const text = (price: Ticks | undefined | null) => (price == null ? null : priceText(instrument, price))
    const { first, volume } = lastDay(shown.candles.get(SAVED)!.closed, at)
    const isDayKnown = first !== null && at - first.openAt >= DAY_KNOWN * MICROS_PER_DAY
    return {
      instrument: instrument.id,
      at,
      last: text(last),
      bid: text(book?.bids[0]?.[0]),
      ask: text(book?.asks[0]?.[0]),
      change24h: isDayKnown && last !== null ? (last / first.open - 1).toFixed(6) : null,
      volume24h: isDayKnown ? volumeText(instrument, volume) : null,
    }
  }
}

function keepUnsaved(shown: Shown, c: Candle): void {
  // What nobody comes to save is dropped after a day: the display must not grow.
  if (shown.unsaved.length >= CANDLES_KEPT) shown.unsaved = new ColumnsBuilder()
  shown.unsaved.add(c.openAt, c.open, c.high, c.low, c.close, c.volume)
}

function middleOf(book: BookSnapshot | null): Ticks | null {
  const bid = book?.bids[0]
  const ask = book?.asks[0]
  return bid === undefined || ask === undefined ? null : Math.round((bid[0] + ask[0]) / 2)
}

/** Of the day before `at`: its first minute that is known, and its volume. Minutes that are missing are not made up for. */
function lastDay(minutes: readonly Candle[], at: Micros): { first: Candle | null; volume: number } {
  let first: Candle | null = null
  let volume = 0
  for (let i = minutes.length - 1; i >= 0 && minutes[i]!.openAt >= at - MICROS_PER_DAY; i--) {
    first = minutes[i]!
    volume += first.volume
  }
  return { first, volume }
}
