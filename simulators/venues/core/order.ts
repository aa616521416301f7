import {
  divideUp,
  type Instrument,
  type Lots,
  type Micros,
  type OrderType,
  powerOfTen,
  type Side,
  type Ticks,
  type TimeInForce,
  type Trade,
} from '../../../src/kernel/index.ts'
import { type Account, ASSET_SCALE } from './accounts.ts'
import type { SimulatedInstrument } from './market.ts'

export interface SimulatedOrder {
  /** Counts from 1; the venue makes its own id of it. */
  readonly number: number
  readonly id: string
  readonly account: Account
  clientId: string | null
  readonly instrument: SimulatedInstrument
  readonly side: Side
  readonly type: OrderType
  readonly timeInForce: TimeInForce
  readonly postOnly: boolean
  price: Ticks | null
  readonly triggerPrice: Ticks | null
  quantity: Lots
  filled: Lots
  /** Sum of price × quantity in tick·lots. */
  cost: bigint
  state: 'open' | 'filled' | 'canceled' | 'expired' | 'rejected'
  triggered: boolean
  reason: string | null
  readonly createdAt: Micros
  updatedAt: Micros
  /** Units that are held for what is open. */
  held: bigint
  /** Fees so far, by asset. */
  readonly fees: Map<string, bigint>
}

export interface SimulatedFill {
  readonly id: string
  readonly number: number
  readonly order: SimulatedOrder
  readonly price: Ticks
  readonly quantity: Lots
  readonly liquidity: 'maker' | 'taker'
  readonly fee: bigint
  readonly feeAsset: string
  readonly at: Micros
}

export interface NewSimulatedOrder {
  readonly clientId: string | null
  readonly instrument: SimulatedInstrument
  readonly side: Side
  readonly type: OrderType
  readonly timeInForce: TimeInForce
  readonly postOnly?: boolean
  readonly price: Ticks | null
  readonly triggerPrice?: Ticks | null
  readonly quantity: Lots
}

/** Why an order is not taken; every venue has its own words for it. */
export type Refusal =
  | 'insufficient_funds'
  | 'quantity_too_small'
  | 'quantity_too_large'
  | 'notional_too_small'
  | 'price_invalid'
  | 'would_cross'
  | 'not_fillable'
  | 'duplicate_client_id'
  | 'too_many_orders'
  | 'trigger_invalid'

/** What happens, for those who tell it on streams. */
export interface ExchangeListener {
  /** The order is new, filled, ended or changed; `cause` says which. */
  onOrder(order: SimulatedOrder, cause: 'new' | 'trade' | 'canceled' | 'expired' | 'amended' | 'triggered'): void
  onFill(fill: SimulatedFill): void
  onBalance(account: Account, assets: readonly string[]): void
  onTrade(instrument: SimulatedInstrument, trade: Trade & { readonly number: number }): void
}

export interface ExchangeRules {
  readonly feeCharged: 'quote' | 'received'
  /** Whether a client id may be used again: once its order is over, or `always`, where the venue does not look at it. */
  readonly clientIdReuse: 'never' | 'once_closed' | 'always'
  /** What becomes of a post-only order that would trade at once: not taken, unless it is taken and canceled. */
  readonly postOnlyCrossing?: 'canceled'
  readonly orderId: (number: number) => string
  readonly fillId: (number: number) => string
}

/** What an order holds of its account. */
export const heldAsset = ({ side, instrument }: SimulatedOrder): string =>
  side === 'buy' ? instrument.instrument.quote : instrument.instrument.base

/** Price × quantity in units of the quote asset. */
export const notionalUnits = (instrument: Instrument, price: Ticks, quantity: Lots): bigint =>
  BigInt(price) *
  BigInt(quantity) *
  BigInt(instrument.tickSize * instrument.lotSize) *
  powerOfTen(ASSET_SCALE - instrument.priceScale - instrument.quantityScale)

export const baseUnits = (instrument: Instrument, quantity: Lots): bigint =>
  BigInt(quantity) * BigInt(instrument.lotSize) * powerOfTen(ASSET_SCALE - instrument.quantityScale)

/** Venues keep fees to eight decimals or so, rounded up. */
const FEE_UNIT = powerOfTen(ASSET_SCALE - 8)
export const feeUnits = (units: bigint, ppm: number): bigint =>
  divideUp(units * BigInt(ppm), 1_000_000n * FEE_UNIT) * FEE_UNIT

/** Its id in the book: the crowd's are above zero. */
export const bookId = ({ number }: SimulatedOrder): number => -number

export const clientKey = (account: Account, clientId: string): string => `${account.apiKey} ${clientId}`
