import {
  assert,
  encodeJson,
  type Lots,
  type Micros,
  type OrderType,
  type RandomState,
  type Side,
  type Ticks,
  type TimeInForce,
} from '../../../src/kernel/index.ts'
import type { Account } from './accounts.ts'
import type { SimulatedExchange } from './exchange.ts'
import type { FeedState } from './feeds.ts'
import type { MarketState } from './market.ts'
import { bookId, clientKey, type SimulatedFill, type SimulatedOrder } from './order.ts'
import type { TapeState } from './tape.ts'

/** Closed orders and fills that outlive the process. */
const CLOSED_KEPT = 5_000
const FILLS_KEPT = 10_000

interface OrderState {
  readonly number: number
  readonly account: string
  readonly clientId: string | null
  readonly instrument: string
  readonly side: Side
  readonly type: OrderType
  readonly timeInForce: TimeInForce
  readonly postOnly: boolean
  readonly price: Ticks | null
  readonly triggerPrice: Ticks | null
  readonly quantity: Lots
  readonly filled: Lots
  readonly cost: bigint
  readonly state: SimulatedOrder['state']
  readonly triggered: boolean
  readonly reason: string | null
  readonly createdAt: Micros
  readonly updatedAt: Micros
  readonly held: bigint
  readonly fees: readonly (readonly [asset: string, units: bigint])[]
}

interface FillState {
  readonly number: number
  readonly order: number
  readonly price: Ticks
  readonly quantity: Lots
  readonly liquidity: SimulatedFill['liquidity']
  readonly fee: bigint
  readonly feeAsset: string
  readonly at: Micros
}

export interface ExchangeState {
  /** In the order in which they were placed. */
  readonly orders: readonly OrderState[]
  /** Numbers of the stops that wait, in the order in which they are looked at. */
  readonly stops: readonly number[]
  readonly fills: readonly FillState[]
  readonly last: { readonly order: number; readonly fill: number; readonly trade: number }
}

/** All that a simulated venue knows, but the connections of its clients and the faults that are set. JSON with bigints. */
export interface SimulatorState {
  readonly kind: 'simulated-venue'
  readonly version: 1
  readonly name: string
  readonly at: Micros
  /** Null for a market that opens anew; nothing is open then. */
  readonly market: MarketState | null
  readonly accounts: readonly (readonly [apiKey: string, holdings: ReturnType<Account['snapshot']>])[]
  readonly exchange: ExchangeState
  readonly tape: TapeState
  readonly feeds: readonly (readonly [depth: number, state: FeedState])[]
  readonly random: { readonly ids: RandomState; readonly faults: RandomState }
  readonly switches: readonly (readonly [apiKey: string, due: Micros])[]
  readonly publishedAt: Micros
  readonly bannedUntil: Micros
  readonly maintenanceUntil: Micros
  readonly houseOrders: number
}

/** {@link ExchangeState} as JSON. What is over does not change, so its text is made once: this is written at every order. */
export function exchangeText({ memory }: SimulatedExchange): string {
  const fills = memory.fills.slice(-FILLS_KEPT)
  const all = [...memory.orders.values()]
  const isOpen = ({ state }: SimulatedOrder) => state === 'open'
  const closed = all.filter(order => !isOpen(order)).slice(-CLOSED_KEPT)
  // What a fill tells of its order is kept with it.
  const kept = new Set([...all.filter(isOpen), ...closed, ...fills.map(({ order }) => order)])
  const orders = [...kept].sort((a, b) => a.number - b.number)
  const orderTexts = orders.map(order => (isOpen(order) ? encodeJson(orderState(order)) : once(order, orderState)))
  const stops = [...memory.stops].map(({ number }) => number)
  return `{"orders":[${orderTexts}],"stops":[${stops}],"fills":[${fills.map(fill => once(fill, fillState))}],"last":${encodeJson(memory.last)}}`
}

const texts = new WeakMap<object, string>()

function once<Thing extends object>(thing: Thing, state: (thing: Thing) => unknown): string {
  let text = texts.get(thing)
  if (text === undefined) {
    text = encodeJson(state(thing))
    texts.set(thing, text)
  }
  return text
}

/** @throws InvariantError when the state is of other instruments or accounts, or its open orders are not in the books */
export function restoreExchange(
  exchange: SimulatedExchange,
  state: ExchangeState,
  accounts: readonly Account[],
  names: { readonly orderId: (number: number) => string; readonly fillId: (number: number) => string },
): void {
  const { market, memory } = exchange
  const byNumber = new Map<number, SimulatedOrder>()
  const stops = new Set(state.stops)
  for (const one of state.orders) {
    const account = accounts.find(({ apiKey }) => apiKey === one.account)
    const instrument = market.instruments.find(({ instrument }) => instrument.id === one.instrument)
    assert(account !== undefined && instrument !== undefined, `order ${one.number} is of what is not given`)
    const order: SimulatedOrder = {
      ...one,
      id: names.orderId(one.number),
      account,
      instrument,
      fees: new Map(one.fees),
    }
    byNumber.set(one.number, order)
    memory.orders.set(order.id, order)
    if (order.clientId !== null) memory.byClientId.set(clientKey(account, order.clientId), order)
    if (order.state !== 'open' || stops.has(order.number)) continue
    assert(market.rests(instrument, bookId(order)), `order ${one.number} is open and in no book`)
    memory.working.set(bookId(order), order)
  }
  for (const number of state.stops) memory.stops.add(byNumber.get(number)!)
  for (const one of state.fills)
    memory.fills.push({ ...one, id: names.fillId(one.number), order: byNumber.get(one.order)! })
  Object.assign(memory.last, state.last)
}

const orderState = (order: SimulatedOrder): OrderState => {
  const { id: _, account, instrument, fees, ...rest } = order
  return { ...rest, account: account.apiKey, instrument: instrument.instrument.id, fees: [...fees] }
}

const fillState = (fill: SimulatedFill): FillState => {
  const { id: _, order, ...rest } = fill
  return { ...rest, order: order.number }
}
