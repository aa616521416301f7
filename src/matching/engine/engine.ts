import type { Ticks } from '../../kernel/index.ts'
import type { EngineCommand } from './command.ts'
import type { ReportSink } from './report.ts'

/** Bounds of one engine; past them a command is refused with the reason named after the bound. */
export interface EngineLimits {
  /** Orders that rest or wait, over all instruments. */
  readonly ordersMax: number
  readonly accountsMax: number
  readonly instrumentsMax: number
  readonly assetsMax: number
  /** Client ids of closed orders that are remembered, per account; the oldest is forgotten first. */
  readonly clientIdsMax: number
  readonly makerPpm: number
  readonly takerPpm: number
}

export interface AccountBalance {
  readonly asset: number
  /** Units. */
  readonly available: number
  readonly held: number
}

/**
 * A spot exchange as a state machine: price-time books, stops, icebergs, auctions, halts, funds and fees. Pure: commands in,
 * reports out. Two implementations, the naive one being the oracle of the fast one.
 *
 * Funds, per account and asset: available + held. A sell holds its lots; a buy holds price × quantity and the taker's fee on
 * it, both at its limit (a market order's limit is its protection). A fee is charged in the quote asset and rounds up once
 * per fill, never above what the order still holds for it. What a better price leaves over is released with the fill, what is
 * left of the hold when the order ends. A stop without a price holds as far as its protection from the trigger, and a buy pays no
 * more than that when it is triggered.
 * Per asset: available + held over all accounts + fees = deposits − withdrawals, after every command.
 */
export interface Engine {
  /**
   * In this order: orders expire (by time, then id) and phases end whose time has come, by instrument; the command; stops that the
   * last prices trigger; `indicated`. The command's object is not kept: a caller may use it again.
   * @throws InvariantError for a command out of sequence or before the time of the last one
   */
  apply(command: EngineCommand, sink: ReportSink): void
  readonly sequence: number
  balances(account: number): readonly AccountBalance[]
  /** Fees taken so far, in units of the asset. */
  fees(asset: number): number
  /** Visible levels, best first: ticks and lots. */
  levels(instrument: number, depth: number): { bids: [Ticks, number][]; asks: [Ticks, number][] }
  /** The whole state as JSON, the same for both implementations, in one canonical order: equal states give equal text. */
  state(): EngineState
}

/** See {@link Engine.state}; `restore…` of it goes on as if nothing had been. */
export interface EngineState {
  readonly kind: 'exchange-engine'
  readonly version: 1
  readonly sequence: number
  readonly [part: string]: unknown
}
