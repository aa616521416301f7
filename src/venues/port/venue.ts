import type {
  BookSnapshot,
  Candle,
  Instrument,
  InstrumentId,
  Lots,
  MarketInput,
  Micros,
  OrderId,
  OrderRequest,
  Ticks,
  Trade,
  VenueReport,
} from '../../kernel/index.ts'
import type {
  Balance,
  BalanceChange,
  FeeSchedule,
  KeyPermissions,
  Ticker,
  VenueExecution,
  VenueOrder,
} from './account.ts'
import type { Capabilities } from './capabilities.ts'

/**
 * What is known after an order, an amend or a cancel was sent. `rejected` only where the venue has proven it: a
 * structured refusal, or that nothing was sent at all. Everything else is `unknown`, and is settled by client id.
 */
export type Outcome =
  | { readonly type: 'accepted'; readonly venueOrderId: string | null; readonly at: Micros }
  | { readonly type: 'rejected'; readonly reason: string; readonly at: Micros }
  | { readonly type: 'unknown'; readonly reason: string; readonly at: Micros }

/** Names an order at a venue: by our own id always, by the venue's once it is known. */
export interface OrderRef {
  readonly order: OrderId
  readonly instrument: InstrumentId
  readonly venueOrderId: string | null
}

/** What a venue tells by itself, while it is watched. Reports may come late, twice or out of order. */
export interface VenueListener {
  onMarket(input: MarketInput): void
  /** The book of an instrument may not be traded on, and why; null when it may again. */
  onStale(instrument: InstrumentId, reason: string | null, at: Micros): void
  onReport(report: VenueReport): void
  onBalance(change: BalanceChange, at: Micros): void
  /** The private stream is (again) complete from now on: what came before must be asked for. */
  onPrivateReady(at: Micros): void
  /** An order or fill that carries no client id of ours. */
  onExternal(what: VenueOrder | VenueExecution): void
}

/**
 * A venue: a place that takes orders. Eight connectors, the house exchange and paper implement it, and one conformance
 * suite holds all of them to it. Queries throw `venue.*` errors; orders, amends and cancels never throw but give an {@link Outcome}.
 */
export interface Venue {
  readonly name: string
  readonly capabilities: Capabilities
  /** Loaded once and kept; `refresh` asks again. */
  instruments(refresh?: boolean): Promise<readonly Instrument[]>
  fees(instruments: readonly InstrumentId[]): Promise<FeeSchedule>
  book(instrument: InstrumentId, depth: number): Promise<BookSnapshot>
  trades(instrument: InstrumentId, limit: number): Promise<readonly Trade[]>
  ticker(instrument: InstrumentId): Promise<Ticker>
  /** Closed candles from `from` on, oldest first. */
  candles(instrument: InstrumentId, interval: Micros, from: Micros, limit: number): Promise<readonly Candle[]>
  balances(): Promise<readonly Balance[]>
  permissions(): Promise<KeyPermissions>
  place(request: OrderRequest): Promise<Outcome>
  /** Where `capabilities.amend` is native; `unknown` is settled like that of an order. */
  amend(ref: OrderRef, change: { readonly quantity: Lots; readonly price?: Ticks }): Promise<Outcome>
  cancel(ref: OrderRef): Promise<Outcome>
  /** Cancels everything open, of one instrument or of the account; at Binance and Bybit, of all that is watched. */
  cancelAll(instrument?: InstrumentId): Promise<Outcome>
  /** Null when the venue says that there is no such order. */
  order(ref: OrderRef): Promise<VenueOrder | null>
  openOrders(instrument?: InstrumentId): Promise<readonly VenueOrder[]>
  /** Own fills of an instrument at or after `since`, oldest first, all of them. */
  fills(instrument: InstrumentId, since: Micros): Promise<readonly VenueExecution[]>
  /** Which order of ours this is, as far as this venue object knows; null for one that it never placed or adopted. */
  whose(what: {
    readonly instrument: InstrumentId
    readonly venueOrderId: string
    readonly clientId: string | null
  }): OrderId | null
  /** Orders placed by an earlier life of this process: their reports are ours. */
  adopt(orders: readonly OrderRequest[]): void
  /** Watches the markets of `instruments` and, with credentials, the account; ends with `close`. */
  watch(instruments: readonly InstrumentId[], listener: VenueListener): void
  close(): Promise<void>
}
