/** The shapes the server speaks; types only, so that none of its code comes along. */
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
