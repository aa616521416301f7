import type { Micros } from './clock.ts'
import type { InstrumentId, OrderId } from './ids.ts'
import type { Lots, Ticks } from './instrument.ts'
import type { Side } from './order.ts'

/** An execution of one of our orders, booked once. */
export interface Fill {
  /** The venue's id, unique within the order. */
  readonly id: string
  readonly order: OrderId
  readonly instrument: InstrumentId
  readonly side: Side
  readonly price: Ticks
  readonly quantity: Lots
  readonly liquidity: 'maker' | 'taker'
  /** In units of 10^-notionalScale of the quote asset. */
  readonly fee: bigint
  readonly feeIn?: { readonly asset: string; readonly amount: string }
  readonly at: Micros
}
