import { type Candle, MICROS_PER_MINUTE, type Micros, type Trade } from '../../../src/kernel/index.ts'
import { createAggregator, createCandleBuilder } from '../../../src/market/index.ts'
import type { SimulatedInstrument } from './market.ts'

export interface NumberedTrade extends Trade {
  /** Counts the trades of the venue. */
  readonly number: number
}

const TRADES_KEPT = 2_000
const MINUTES_KEPT = 1_500

/** What has traded: the last trades and minutes of each instrument, for questions. */
export class Tape {
  readonly #trades = new Map<SimulatedInstrument, NumberedTrade[]>()
  readonly #minutes = new Map<SimulatedInstrument, Candle[]>()
  readonly #builders = new Map<SimulatedInstrument, ReturnType<typeof createCandleBuilder>>()

  add(instrument: SimulatedInstrument, trade: NumberedTrade): void {
    const trades = this.trades(instrument)
    trades.push(trade)
    if (trades.length > TRADES_KEPT) trades.shift()
    this.#builder(instrument).add(trade)
  }

  /** Oldest first. */
  trades(instrument: SimulatedInstrument): NumberedTrade[] {
    let trades = this.#trades.get(instrument)
    if (trades === undefined) {
      trades = []
      this.#trades.set(instrument, trades)
    }
    return trades
  }

  /** Candles of an interval of whole minutes, oldest first, the one that still forms at the end. */
  candles(instrument: SimulatedInstrument, interval: Micros, now: Micros): Candle[] {
    const builder = this.#builder(instrument)
    builder.closeAt(now)
    const forming = builder.forming()
    const minutes = [...(this.#minutes.get(instrument) ?? []), ...(forming === undefined ? [] : [forming])]
    if (interval === MICROS_PER_MINUTE) return minutes
    const candles: Candle[] = []
    const aggregator = createAggregator(MICROS_PER_MINUTE, interval, candle => candles.push(candle))
    for (const minute of minutes) aggregator.add(minute)
    const last = aggregator.forming()
    return last === undefined ? candles : [...candles, last]
  }

  /** Of the last 24 hours, as far back as minutes are kept. */
  day(instrument: SimulatedInstrument, now: Micros) {
    const minutes = this.candles(instrument, MICROS_PER_MINUTE, now)
    const last = this.trades(instrument).at(-1)?.price ?? 0
    return {
      open: minutes[0]?.open ?? last,
      high: minutes.reduce((high, { high: one }) => Math.max(high, one), last),
      low: minutes.reduce((low, { low: one }) => Math.min(low, one), last === 0 ? Number.MAX_SAFE_INTEGER : last),
      last,
      volume: minutes.reduce((sum, { volume }) => sum + volume, 0),
      trades: this.trades(instrument).length,
    }
  }

  #builder(instrument: SimulatedInstrument) {
    let builder = this.#builders.get(instrument)
    if (builder === undefined) {
      const minutes: Candle[] = []
      this.#minutes.set(instrument, minutes)
      builder = createCandleBuilder({
        instrument: instrument.instrument,
        interval: MICROS_PER_MINUTE,
        onCandle(candle) {
          minutes.push(candle)
          if (minutes.length > MINUTES_KEPT) minutes.shift()
        },
      })
      this.#builders.set(instrument, builder)
    }
    return builder
  }
}
