import type { Micros, Side, Ticks } from '../../../kernel/index.ts'
import { reaches } from '../amounts.ts'
import type { InstrumentRules, Phase } from '../command.ts'
import type { EngineLimits } from '../engine.ts'
import type { SavedName, SavedOrder } from '../state.ts'

/** The naive engine's state: plain objects, and arrays that are kept sorted. */
export interface World {
  readonly limits: EngineLimits
  sequence: number
  at: Micros
  readonly assets: Asset[]
  readonly accounts: Account[]
  readonly markets: Market[]
  /** Open orders, those that wait and the one that is at work included. */
  readonly orders: Map<number, Order>
}

export interface Asset {
  readonly code: string
  total: number
  fees: number
}

export interface Balance {
  available: number
  held: number
}

export interface Account {
  readonly number: number
  makerPpm: number
  takerPpm: number
  /** By asset. */
  readonly balances: Map<number, Balance>
  /** Of open orders and of the last closed ones. */
  readonly names: Map<string, SavedName>
  readonly closed: SavedName[]
}

export type Order = { -readonly [Key in keyof SavedOrder]: SavedOrder[Key] } & {
  readonly market: Market
  /** A stop that has not been triggered. */
  isWaiting: boolean
}

export interface Market {
  readonly number: number
  readonly base: number
  readonly quote: number
  rules: InstrumentRules
  phase: Phase
  until: Micros
  next: 'trading' | 'closed'
  reference: Ticks
  last: Ticks
  trades: number
  /** The best price first, then the earliest arrival. */
  readonly bids: Order[]
  readonly asks: Order[]
  /** The one that is triggered first comes first. */
  readonly buyStops: Order[]
  readonly sellStops: Order[]
  /** Something of its auction was changed by this command. */
  isTouched: boolean
}

export const newMarket = (number: number, base: number, quote: number, rules: InstrumentRules): Market => ({
  number,
  base,
  quote,
  rules,
  phase: 'closed',
  until: 0,
  next: 'trading',
  reference: 0,
  last: 0,
  trades: 0,
  bids: [],
  asks: [],
  buyStops: [],
  sellStops: [],
  isTouched: false,
})

const sideOf = (market: Market, side: Side): Order[] => (side === 'buy' ? market.bids : market.asks)
export const against = (market: Market, side: Side): Order[] => (side === 'buy' ? market.asks : market.bids)

/** Where an order is or would be: among those that rest or those that wait. */
const listOf = ({ market, side, isWaiting }: Order): Order[] => {
  if (!isWaiting) return sideOf(market, side)
  return side === 'buy' ? market.buyStops : market.sellStops
}

/** Whether `other` comes before `order`, which is the later one: a bid by its higher price, a buy stop by its lower trigger. */
const isAhead = (order: Order, other: Order): boolean => {
  if (order.isWaiting) return reaches(order.side, order.trigger, other.trigger)
  return reaches(order.side, other.price, order.price)
}

/** Puts an order behind all that come before it. */
export function join(order: Order): void {
  const list = listOf(order)
  let i = list.length
  while (i > 0 && !isAhead(order, list[i - 1]!)) i -= 1
  list.splice(i, 0, order)
  if (!order.isWaiting) order.market.isTouched = true
}

/** Takes an order from where it is; one that is at work is nowhere. Says whether it was in the book. */
export function leave(order: Order): boolean {
  const list = listOf(order)
  const i = list.indexOf(order)
  if (i === -1) return false
  list.splice(i, 1)
  if (!order.isWaiting) order.market.isTouched = true
  return !order.isWaiting
}

/** Whether orders cross, as they may in an auction and a halt of it. */
export const isCrossed = ({ bids, asks }: Market): boolean =>
  bids.length > 0 && asks.length > 0 && bids[0]!.price >= asks[0]!.price
