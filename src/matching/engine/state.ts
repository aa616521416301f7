import { assert, type Lots, type Micros, type Side, type Ticks } from '../../kernel/index.ts'
import type {
  EngineOrderType,
  EngineTimeInForce,
  InstrumentRules,
  Phase,
  PlaceOrder,
  SelfTradePrevention,
} from './command.ts'
import type { AccountBalance, EngineState } from './engine.ts'

/** What {@link EngineState} holds, in the order in which it is written. Lists by number, books by priority. */
export interface SavedEngine extends EngineState {
  readonly at: Micros
  readonly assets: readonly SavedAsset[]
  readonly accounts: readonly SavedAccount[]
  readonly markets: readonly SavedMarket[]
}

export interface SavedAsset {
  readonly code: string
  /** Deposits − withdrawals, and fees taken: units. */
  readonly total: number
  readonly fees: number
}

export interface SavedAccount {
  readonly makerPpm: number
  readonly takerPpm: number
  readonly balances: readonly AccountBalance[]
  /** Client ids of closed orders, the oldest first. */
  readonly closed: readonly SavedName[]
}

/** A client id, the order that it names, and what that was when it was placed. */
export interface SavedName {
  readonly clientId: string
  readonly order: number
  readonly instrument: number
  readonly side: Side
  readonly type: EngineOrderType
  readonly timeInForce: EngineTimeInForce
  readonly price: Ticks
  readonly trigger: Ticks
  readonly quantity: Lots
  readonly display: Lots
  readonly isPostOnly: boolean
  readonly selfTrade: SelfTradePrevention
  readonly expireAt: Micros
}

export interface SavedMarket {
  readonly base: number
  readonly quote: number
  readonly rules: InstrumentRules
  readonly phase: Phase
  readonly until: Micros
  readonly next: 'trading' | 'closed'
  readonly reference: Ticks
  /** Price of the last trade, or 0. */
  readonly last: Ticks
  /** How many there were. */
  readonly trades: number
  readonly bids: readonly SavedOrder[]
  readonly asks: readonly SavedOrder[]
  readonly buyStops: readonly SavedOrder[]
  readonly sellStops: readonly SavedOrder[]
}

export interface SavedOrder {
  readonly id: number
  readonly account: number
  readonly clientId: string
  readonly side: Side
  readonly type: EngineOrderType
  readonly timeInForce: EngineTimeInForce
  /** Its limit; of a stop without a price the furthest that it was held for. */
  readonly price: Ticks
  readonly trigger: Ticks
  /** All of it, without what self-trade prevention took off. */
  readonly quantity: Lots
  readonly open: Lots
  /** Of what is open. All of it but in an iceberg. */
  readonly visible: Lots
  readonly display: Lots
  readonly isPostOnly: boolean
  readonly selfTrade: SelfTradePrevention
  readonly expireAt: Micros
  readonly session: number
  /** The taker's rate when it was held for. */
  readonly feePpm: number
  /** Units of the base asset for a sell, of the quote asset for a buy. */
  readonly hold: number
  readonly placedPrice: Ticks
  readonly placedQuantity: Lots
}

/** @throws InvariantError for what no engine has written */
export function savedEngine(state: EngineState): SavedEngine {
  assert(state.kind === 'exchange-engine' && state.version === 1, 'this is not the state of an exchange engine')
  return state as SavedEngine
}

/** The name that an order was given, as it was placed. */
export const nameOf = (order: SavedOrder, instrument: number): SavedName => ({
  clientId: order.clientId,
  order: order.id,
  instrument,
  side: order.side,
  type: order.type,
  timeInForce: order.timeInForce,
  price: order.placedPrice,
  trigger: order.trigger,
  quantity: order.placedQuantity,
  display: order.display,
  isPostOnly: order.isPostOnly,
  selfTrade: order.selfTrade,
  expireAt: order.expireAt,
})

/** Whether an order says again what this name was given to. */
export const isSameOrder = (name: SavedName, order: PlaceOrder): boolean =>
  name.instrument === order.instrument &&
  name.side === order.side &&
  name.type === order.type &&
  name.timeInForce === order.timeInForce &&
  name.price === order.price &&
  name.trigger === order.trigger &&
  name.quantity === order.quantity &&
  name.display === order.display &&
  name.isPostOnly === order.isPostOnly &&
  name.selfTrade === order.selfTrade &&
  name.expireAt === order.expireAt
