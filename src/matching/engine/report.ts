import type { Lots, Micros, Side, Ticks } from '../../kernel/index.ts'
import type { Phase } from './command.ts'

/** Why the engine refused a command, and with that changed nothing. */
export type EngineRefusal =
  | 'unknown_account'
  | 'unknown_instrument'
  | 'unknown_asset'
  | 'unknown_order'
  | 'invalid'
  | 'price_above_max'
  | 'price_band'
  | 'quantity_below_min'
  | 'quantity_above_max'
  | 'notional_below_min'
  /** A product of price and quantity, or a balance, would leave the safe integers. */
  | 'amount_above_max'
  | 'insufficient_funds'
  | 'would_cross'
  | 'not_fillable'
  /** A market order, with nothing on the other side. */
  | 'no_liquidity'
  /** The order's type or time in force is not taken in this phase. */
  | 'phase'
  | 'expired'
  /** The client id names another order. */
  | 'client_id_reused'
  | 'orders_max'
  | 'accounts_max'
  | 'instruments_max'
  | 'assets_max'

/** What carrying out a command gives. */
export type Refusal = EngineRefusal | undefined

export type EngineCancelReason =
  | 'requested'
  | 'immediate_or_cancel'
  | 'no_liquidity'
  | 'self_trade'
  | 'expired'
  /** Of its session: the connection was lost. */
  | 'disconnected'
  /** A fill-or-kill or post-only stop that, once triggered, could not be what it was to be. */
  | 'not_fillable'
  | 'would_cross'
  /** At the end of a market order's protection, or at a volatility halt; a stop's limit, once triggered, is outside the band. */
  | 'price_band'

/**
 * What the engine tells, in the order in which it happens, all of it under the command's number. Calls with plain numbers:
 * the fast engine makes no object. A sink keeps what it wants before it returns.
 */
export interface ReportSink {
  /** `account` is -1 where a command is nobody's. */
  refused(account: number, reason: EngineRefusal): void
  /** The order of this client id is there already, with the same contents: nothing has changed. */
  repeated(order: number, account: number): void
  /** In the book, or a stop that waits, or about to trade. `open` is its whole quantity. */
  accepted(order: number, account: number, instrument: number, side: Side, price: Ticks, open: Lots): void
  traded(trade: Readonly<TradeReport>): void
  /** Its rest is gone. */
  canceled(order: number, account: number, instrument: number, open: Lots, reason: EngineCancelReason): void
  /** `price` and `open` as they are now, before any trade that the amend leads to. Self-trade `decrement` amends as well. */
  amended(order: number, account: number, instrument: number, price: Ticks, open: Lots, keptPriority: boolean): void
  /** A stop begins to work: what follows about it is as for an order placed now. */
  triggered(order: number, account: number, instrument: number): void
  /**
   * What a book shows of an order: its visible lots at its price, 0 once it is gone from there; every change of the visible
   * book is told so, and nothing else. `isNew` when it joins the end of the queue (arrival, amend, an iceberg's next slice).
   */
  shown(order: number, instrument: number, side: Side, price: Ticks, visible: Lots, isNew: boolean): void
  /** A phase began. `until` is 0 when it has no end. */
  phased(instrument: number, phase: Phase, until: Micros): void
  /** During an auction, after a command that changed it: where it would uncross now; both 0 when nothing would trade. */
  indicated(instrument: number, price: Ticks, quantity: Lots): void
  /** Deposits (positive) and withdrawals (negative) that were carried out. */
  moved(account: number, asset: number, amount: number): void
}

/** One execution. The object is the engine's own, and the next trade overwrites it. */
export interface TradeReport {
  /** Counts per instrument, from 1. */
  trade: number
  instrument: number
  /** The taker's; in an uncross, that of the later order. */
  side: Side
  price: Ticks
  quantity: Lots
  maker: number
  taker: number
  makerAccount: number
  takerAccount: number
  /** Units of the quote asset, rounded up once. */
  makerFee: number
  takerFee: number
  /** What is still open of each. */
  makerOpen: Lots
  takerOpen: Lots
  isAuction: boolean
}
