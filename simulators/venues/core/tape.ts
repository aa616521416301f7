import { type Candle, MICROS_PER_MINUTE, type Micros, type Side, type Trade } from '../../../src/kernel/index.ts'
import { type CandleBuilderState, createAggregator, createCandleBuilder } from '../../../src/market/index.ts'
import type { SimulatedInstrument } from './market.ts'

export interface NumberedTrade extends Trade {
  /** Counts the trades of the venue. */
  readonly number: number
}

/** JSON. */
export type TapeState = readonly {
  readonly instrument: string
  readonly trades: (readonly [at: Micros, price: number, quantity: number, side: Side, number: number])[]
  readonly minutes: Candle[]
  readonly builder: CandleBuilderState
}[]

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

  snapshot(): TapeState {
    return [...this.#builders].map(([instrument, builder]) => ({
      instrument: instrument.instrument.id,
      trades: this.trades(instrument).map(({ at, price, quantity, side, number }) => [
        at,
        price,
        quantity,
        side,
        number,
      ]),
      minutes: this.#minutes.get(instrument)!,
      builder: builder.snapshot(),
    }))
  }

  restore(state: TapeState, instruments: readonly SimulatedInstrument[]): void {
    for (const { instrument: id, trades, minutes, builder } of state) {
      const instrument = instruments.find(({ instrument }) => instrument.id === id)
      // It has been delisted since.
      if (instrument === undefined) continue
      this.#trades.set(
        instrument,
        trades.map(([at, price, quantity, side, number]) => ({ at, price, quantity, side, number })),
      )
      this.#builder(instrument, minutes, builder)
    }
  }

  #builder(instrument: SimulatedInstrument, minutes: Candle[] = [], state?: CandleBuilderState) {
    let builder = this.#builders.get(instrument)
    if (builder === undefined) {
      this.#minutes.set(instrument, minutes)
      builder = createCandleBuilder({
        instrument: instrument.instrument,
        interval: MICROS_PER_MINUTE,
        state,
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
