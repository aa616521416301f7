import type { InstrumentId, Lots, Micros, OrderType, Side, Ticks, TimeInForce } from '../../kernel/index.ts'

/** What a venue knows of an order, the same from REST and from a stream. */
export interface VenueOrder {
  readonly venueOrderId: string
  /** As it was sent; null for an order that was placed without one. */
  readonly clientId: string | null
  readonly instrument: InstrumentId
  readonly side: Side
  readonly type: OrderType
  readonly timeInForce: TimeInForce
  readonly price: Ticks | null
  readonly quantity: Lots
  readonly filled: Lots
  readonly state: 'open' | 'filled' | 'canceled' | 'expired' | 'rejected'
  /** Why it ended, in the venue's words. */
  readonly reason: string | null
  readonly at: Micros
}

/** One fill of the account as the venue reports it. `(instrument, id)` is unique at the venue. */
export interface VenueExecution {
  readonly id: string
  readonly venueOrderId: string
  /** Null where the venue's report of fills leaves it out: the order is found by its venue id then. */
  readonly clientId: string | null
  readonly instrument: InstrumentId
  readonly side: Side
  readonly price: Ticks
  readonly quantity: Lots
  readonly liquidity: 'maker' | 'taker'
  /** Decimal; negative is a rebate. */
  readonly feeAmount: string
  readonly feeAsset: string
  readonly at: Micros
}

export interface Balance {
  readonly asset: string
  /** Decimals. */
  readonly free: string
  readonly held: string
}

/** A balance as a stream tells it; `free` is null where the stream gives the whole alone. Decimals. */
export interface BalanceChange {
  readonly asset: string
  readonly total: string
  readonly free: string | null
}

/** What the account pays, as the venue says at `at`; millionths of the notional, negative is a rebate. */
export interface FeeSchedule {
  readonly at: Micros
  readonly fees: readonly { readonly instrument: InstrumentId; readonly makerPpm: number; readonly takerPpm: number }[]
}

/** What a key may do; null where the venue does not say. */
export interface KeyPermissions {
  readonly read: boolean | null
  readonly trade: boolean | null
  readonly withdraw: boolean | null
}

export interface Ticker {
  readonly instrument: InstrumentId
  readonly bid: Ticks | null
  readonly ask: Ticks | null
  readonly last: Ticks | null
  readonly at: Micros
}
