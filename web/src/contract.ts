/** The shapes the server speaks; types only, so that none of its code comes along. */
export type { FeesView } from '../../src/exchange/fees/views.ts'
export type {
  AckView,
  ComparisonView,
  HouseBalanceView,
  HouseFillView,
  HouseInstrumentView,
  HouseOrderView,
  NewOrder,
} from '../../src/exchange/views.ts'

export type {
  AccountView,
  EntryView,
  JournalView,
  JournalWithEntriesView,
  StatementView,
  TrialBalanceView,
  VerificationView,
} from '../../src/ledger/views.ts'
export type { BookView, CandleView, InstrumentView, TickerView, TradeView } from '../../src/market/views.ts'
export type { HealthPart, SystemHealthView } from '../../src/operations/views.ts'
export type { ClientMessage, ServerMessage } from '../../src/platform/sockets/protocol.ts'
export type { DiscrepancyView, ReconciliationView } from '../../src/trading/reconciliation/views.ts'
export type {
  EquityPoint,
  EventView,
  FillView,
  KillSwitchView,
  OrderEventView,
  OrderHistoryView,
  OrderView,
  PositionView,
  RunView,
  StrategyView,
} from '../../src/trading/views.ts'
export type {
  VenueBookView,
  VenueCallsView,
  VenueRateView,
  VenueStreamView,
  VenueView,
} from '../../src/venues/views.ts'

/** A book by level, or a change of it: [price, quantity], where quantity 0 takes the level away. */
export interface L2View {
  readonly at: number
  readonly sequence: number
  readonly checksum: number
  readonly bids: readonly (readonly [string, string])[]
  readonly asks: readonly (readonly [string, string])[]
}

export interface TransferView {
  readonly id: string
  readonly direction: 'in' | 'out'
  readonly asset: string
  readonly amount: string
  readonly state: 'requested' | 'completed' | 'failed'
  readonly reason: string | null
  readonly requestedAt: number
  readonly finishedAt: number | null
}

/** What `POST /v1/session/demo` answers. */
export interface SessionView {
  readonly token: string
  readonly expiresAt: number
  readonly principal: {
    readonly id: string
    readonly name: string
    readonly tenant: string
    readonly permissions: readonly string[]
  }
}

export interface Items<T> {
  readonly items: readonly T[]
  readonly next?: string | null
}
