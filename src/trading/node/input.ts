import type {
  Candle,
  Instrument,
  InstrumentId,
  MarketInput,
  Micros,
  OrderId,
  OrderRequest,
  RunId,
  TenantId,
  VenueReport,
} from '../../kernel/index.ts'
import type { PaperSettings } from '../../venues/index.ts'
import type { Order, OrderEvent } from '../orders/order.ts'

/** All that a run is made from; JSON. `allocation` is a decimal string in the quote asset. */
export interface RunSetup {
  readonly id: RunId
  readonly tenant: TenantId
  readonly name: string
  readonly strategy: string
  readonly instrument: Instrument
  /** Of the candles that the strategy is served. */
  readonly interval: Micros
  readonly parameters: Readonly<Record<string, unknown>>
  readonly allocation: string
  /** Orders go to the paper venue inside the loop; null sends them out as effects. */
  readonly paper: PaperSettings | null
  /** What kind of money an outside venue holds for it; left out for paper. */
  readonly mode?: 'paper' | 'testnet' | 'live'
  readonly seed: string
}

export type NodeCommand =
  /** Starts a run; `history` are closed candles before now that warm its indicators, and `resume` goes on from a snapshot. */
  | {
      readonly type: 'start_run'
      readonly setup: RunSetup
      readonly history?: readonly Candle[]
      readonly resume?: RunSnapshotText
    }
  /** Cancels the run's open orders and ends it; its position stays. */
  | { readonly type: 'stop_run'; readonly run: RunId }
  /** Gives a run that has ended other parameters, for when it is started again. */
  | { readonly type: 'configure_run'; readonly run: RunId; readonly parameters: Readonly<Record<string, unknown>> }
  | { readonly type: 'cancel_order'; readonly run: RunId; readonly order: OrderId }
  /** Brings a closed order back to mind, as it was made durable: news of it has come that is older than the node's memory. */
  | { readonly type: 'recall_order'; readonly run: RunId; readonly order: Order }
  /** No new order of any run; every open one is canceled. Runs go on watching. */
  | { readonly type: 'kill' }
  | { readonly type: 'lift' }

/** A run's snapshot as {@link encodeJson} wrote it. */
export type RunSnapshotText = string

/** One thing that happens to the node. Inputs are handled one at a time, in order; all that it does follows from them. */
export type NodeInput =
  | MarketInput
  | { readonly kind: 'report'; readonly run: RunId; readonly at: Micros; readonly data: VenueReport }
  /** A send got no readable answer: what became of the order is unknown. */
  | {
      readonly kind: 'unresolved'
      readonly run: RunId
      readonly at: Micros
      readonly order: OrderId
      readonly reason: string
    }
  /** Whether the market of an instrument may be traded on: why not, or null when it may. */
  | { readonly kind: 'feed'; readonly instrument: InstrumentId; readonly at: Micros; readonly staleness: string | null }
  | { readonly kind: 'timer'; readonly at: Micros }
  | { readonly kind: 'command'; readonly at: Micros; readonly data: NodeCommand }

/** What the shell is to do, in order. `persist` comes before the `send` that depends on it; cancels wait for nothing. */
export type Effect =
  | { readonly kind: 'persist'; readonly run: RunId; readonly order: Order; readonly event: OrderEvent }
  | { readonly kind: 'send'; readonly run: RunId; readonly request: OrderRequest }
  | { readonly kind: 'cancel'; readonly run: RunId; readonly order: OrderId }
  /** A timer input is wanted at `at`, if no other input comes by then. */
  | { readonly kind: 'timer'; readonly run: RunId; readonly at: Micros }
  | {
      readonly kind: 'run'
      /** Of the run's own events. */
      readonly sequence: number
      readonly run: RunId
      readonly at: Micros
      readonly type: 'started' | 'configured' | 'stopped' | 'failed'
      readonly reason: string | null
    }
  /** A report that contradicts what is known: for reconciliation and people, never ignored. */
  | {
      readonly kind: 'contradiction'
      readonly run: RunId
      readonly order: OrderId
      readonly at: Micros
      readonly code: string
    }
