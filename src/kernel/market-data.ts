import type { Micros } from './clock.ts'
import type { InstrumentId } from './ids.ts'
import type { Lots, Ticks } from './instrument.ts'
import type { Side } from './order.ts'

/** A trade on a market's tape; `side` is the aggressor's. */
export interface Trade {
  readonly at: Micros
  readonly price: Ticks
  readonly quantity: Lots
  readonly side: Side
}

/**
 * Open, high, low and close in ticks over `[openAt, openAt + interval)`. It is served only once closed.
 * `volume` is in the base asset, floating: for analytics and fill limits, never for money.
 */
export interface Candle {
  readonly openAt: Micros
  readonly open: Ticks
  readonly high: Ticks
  readonly low: Ticks
  readonly close: Ticks
  readonly volume: number
}

/** A price level: price in ticks, quantity in lots; zero quantity removes it. */
export type Level = readonly [price: Ticks, quantity: Lots]

/** The best levels of both sides, best first: what a strategy and a page see of a book. */
export interface BookSnapshot {
  readonly at: Micros
  readonly sequence: number
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
}

/** What a market says, as inputs of the node. A candle comes when it closes; a book as its best levels. */
export type MarketInput =
  | { readonly kind: 'trade'; readonly instrument: InstrumentId; readonly at: Micros; readonly data: Trade }
  | { readonly kind: 'book'; readonly instrument: InstrumentId; readonly at: Micros; readonly data: BookSnapshot }
  | {
      readonly kind: 'candle'
      readonly instrument: InstrumentId
      readonly at: Micros
      readonly interval: Micros
      readonly data: Candle
    }
