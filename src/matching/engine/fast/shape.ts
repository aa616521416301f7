import type { Side } from '../../../kernel/index.ts'
import type { EngineOrderType, EngineTimeInForce, PlaceOrder, SelfTradePrevention } from '../command.ts'

/** What never changes of an order and is one of a few, in one byte: side, type, time in force, post-only, self-trade prevention. */
export type Shape = number

/** Places in the lists below. */
export const BUY = 0
export const SELL = 1

const LIMIT = 0
export const STOP = 2
const STOP_LIMIT = 3

const IMMEDIATE = 1
export const FILL_OR_KILL = 2

export const CANCEL_NEWEST = 0
export const CANCEL_OLDEST = 1
export const DECREMENT = 3

export const SIDES: readonly Side[] = ['buy', 'sell']
const TYPES: readonly EngineOrderType[] = ['limit', 'market', 'stop', 'stop_limit']
const TIMES_IN_FORCE: readonly EngineTimeInForce[] = ['gtc', 'ioc', 'fok', 'gtd']
const SELF_TRADES: readonly SelfTradePrevention[] = ['cancel_newest', 'cancel_oldest', 'cancel_both', 'decrement']

export const sideIn = (shape: Shape): number => shape & 1
export const typeIn = (shape: Shape): number => (shape >> 1) & 3
export const timeIn = (shape: Shape): number => (shape >> 3) & 3
export const isPostOnlyIn = (shape: Shape): boolean => (shape & 32) !== 0
export const selfTradeIn = (shape: Shape): number => shape >> 6

/** Whether it has a limit of its own. */
export const hasPrice = (shape: Shape): boolean => typeIn(shape) === LIMIT || typeIn(shape) === STOP_LIMIT
/** Whether what is open of it stays in the book. */
export const mayRestIn = (shape: Shape): boolean => timeIn(shape) !== IMMEDIATE && timeIn(shape) !== FILL_OR_KILL

type Parts = Pick<PlaceOrder, 'side' | 'type' | 'timeInForce' | 'isPostOnly' | 'selfTrade'>

/** The place of a word in its list: in the hot path, where the first words are the usual ones. */
function placeOf<T>(words: readonly T[], word: T): number {
  let i = 0
  while (i < words.length && words[i] !== word) i += 1
  return i
}

export const shapeOf = (parts: Parts): Shape =>
  (parts.side === 'buy' ? BUY : SELL) |
  (placeOf(TYPES, parts.type) << 1) |
  (placeOf(TIMES_IN_FORCE, parts.timeInForce) << 3) |
  (parts.isPostOnly ? 32 : 0) |
  (placeOf(SELF_TRADES, parts.selfTrade) << 6)

export const partsOf = (shape: Shape): Parts => ({
  side: SIDES[sideIn(shape)]!,
  type: TYPES[typeIn(shape)]!,
  timeInForce: TIMES_IN_FORCE[timeIn(shape)]!,
  isPostOnly: isPostOnlyIn(shape),
  selfTrade: SELF_TRADES[selfTradeIn(shape)]!,
})
