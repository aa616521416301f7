import type { Lots, Side, Ticks, TimeInForce } from '../kernel/index.ts'

/** Names of orders: strings at venues, numbers where a simulation makes thousands a second. */
export type BookOrderId = string | number

/** An order as it is given to a book. `price` is needed by a limit order and ignored in a market order. */
export interface NewBookOrder<Id extends BookOrderId = string> {
  readonly id: Id
  /** Whose it is; carried into every outcome, never interpreted: there is no self-trade prevention here. */
  readonly owner: string
  readonly side: Side
  readonly type: 'limit' | 'market'
  /** A market order never rests: its rest is canceled even under `gtc`. */
  readonly timeInForce: TimeInForce
  readonly postOnly?: boolean
  readonly price?: Ticks
  readonly quantity: Lots
}

/** An order that rests in a book. `arrival` grows with every order that gains priority: smaller goes first. */
export interface RestingOrder<Id extends BookOrderId = string> {
  readonly id: Id
  readonly owner: string
  readonly side: Side
  readonly price: Ticks
  /** What is still open. */
  readonly quantity: Lots
  readonly arrival: number
  readonly postOnly: boolean
}

export type RejectReason =
  /** Quantity or price is not a positive safe integer, or a limit order lacks its price. */
  | 'invalid'
  /** An order of this id rests already. */
  | 'duplicate_id'
  /** Post-only, and it would trade at once. */
  | 'would_cross'
  /** Fill-or-kill, and the book cannot fill it whole at its price. */
  | 'not_fillable'
  /** As many orders rest as the book takes (`openOrdersMax`). */
  | 'book_full'
  /** No order of this id rests: it never did, or it is filled or canceled. */
  | 'unknown_order'

export type CancelReason =
  /** By `cancel`. */
  | 'requested'
  /** The rest of an immediate-or-cancel order. */
  | 'immediate_or_cancel'
  /** The rest of a market order that emptied the other side. */
  | 'no_liquidity'

/** What happened, in order. Prices of trades are the maker's. */
export type BookOutcome<Id extends BookOrderId = string> =
  | { readonly type: 'accepted'; readonly id: Id; readonly owner: string }
  | {
      readonly type: 'traded'
      readonly maker: Id
      readonly makerOwner: string
      readonly taker: Id
      readonly takerOwner: string
      /** The taker's. */
      readonly side: Side
      readonly price: Ticks
      readonly quantity: Lots
      readonly makerRemaining: Lots
      readonly takerRemaining: Lots
    }
  | {
      readonly type: 'canceled'
      readonly id: Id
      readonly owner: string
      readonly quantity: Lots
      readonly reason: CancelReason
    }
  | {
      readonly type: 'amended'
      readonly id: Id
      readonly owner: string
      readonly price: Ticks
      readonly quantity: Lots
      readonly keptPriority: boolean
    }
  | { readonly type: 'rejected'; readonly id: Id; readonly owner: string | null; readonly reason: RejectReason }
