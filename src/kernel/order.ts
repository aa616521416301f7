import type { Micros } from './clock.ts'
import type { InstrumentId, OrderId } from './ids.ts'
import type { Lots, Ticks } from './instrument.ts'

export type Side = 'buy' | 'sell'
export type OrderType = 'limit' | 'market' | 'stop' | 'stop_limit'
export type TimeInForce = 'gtc' | 'ioc' | 'fok'

/** The states of an order; the transitions are `trading/orders/order.ts`. */
export const ORDER_STATES = [
  'initialized',
  'denied',
  'submitted',
  'unknown',
  'accepted',
  'rejected',
  'triggered',
  'pending_update',
  'pending_cancel',
  'partially_filled',
  'filled',
  'canceled',
  'expired',
] as const
export type OrderState = (typeof ORDER_STATES)[number]

/** What is wished for, in ticks and lots. `id` is the client order id: the same id is the same order, always. */
export interface OrderRequest {
  readonly id: OrderId
  readonly instrument: InstrumentId
  readonly side: Side
  readonly type: OrderType
  readonly timeInForce: TimeInForce
  readonly quantity: Lots
  /** For limit and stop_limit. */
  readonly price?: Ticks
  /** For stop and stop_limit. */
  readonly triggerPrice?: Ticks
  readonly postOnly?: boolean
}

/** +1 for a buy, −1 for a sell. */
export const signOf = (side: Side): 1 | -1 => (side === 'buy' ? 1 : -1)

/** What a venue says about an order of ours. Every one may come late, twice or out of order. */
export type VenueReport =
  | { readonly type: 'accepted'; readonly order: OrderId; readonly venueOrderId: string; readonly at: Micros }
  | { readonly type: 'rejected'; readonly order: OrderId; readonly reason: string; readonly at: Micros }
  | { readonly type: 'triggered'; readonly order: OrderId; readonly at: Micros }
  | { readonly type: 'filled'; readonly order: OrderId; readonly fill: VenueFill; readonly at: Micros }
  | { readonly type: 'canceled'; readonly order: OrderId; readonly reason: string; readonly at: Micros }
  | { readonly type: 'expired'; readonly order: OrderId; readonly at: Micros }
  | { readonly type: 'cancel_rejected'; readonly order: OrderId; readonly reason: string; readonly at: Micros }
  | {
      readonly type: 'updated'
      readonly order: OrderId
      readonly quantity: Lots
      readonly price?: Ticks
      readonly at: Micros
    }
  | { readonly type: 'update_rejected'; readonly order: OrderId; readonly reason: string; readonly at: Micros }

/** One execution as the venue reports it; `id` is the venue's and tells duplicates apart. */
export interface VenueFill {
  readonly id: string
  readonly price: Ticks
  readonly quantity: Lots
  readonly liquidity: 'maker' | 'taker'
  /** In units of 10^-notionalScale of the quote asset; never negative for a charge, negative for a rebate. */
  readonly fee: bigint
  /** What was charged, where `fee` is not exactly that: in another asset, or in finer units. `amount` is a decimal. */
  readonly feeIn?: { readonly asset: string; readonly amount: string }
}
