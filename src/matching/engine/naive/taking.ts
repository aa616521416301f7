import { isOutside, reaches } from '../amounts.ts'
import type { ReportSink } from '../report.ts'
import { mayRest } from '../rules.ts'
import { cancel, close } from './ending.ts'
import { trimHold } from './funds.ts'
import { begin } from './phases.ts'
import { afterFill, rest, shrink, trade } from './trading.ts'
import { against, type Order, type World } from './world.ts'

/** An order that is in no book trades as far as it may; what is left of it rests or goes. */
export function work(world: World, order: Order, sink: ReportSink): void {
  if (order.market.phase === 'trading') take(world, order, sink)
  if (order.open === 0) return
  if (mayRest(order.timeInForce)) rest(order, sink)
  else cancel(world, order, whyItEnds(order), sink)
}

function whyItEnds(order: Order) {
  if (order.market.phase !== 'trading') return 'price_band'
  if (order.type === 'limit' || order.type === 'stop_limit') return 'immediate_or_cancel'
  return against(order.market, order.side).length === 0 ? 'no_liquidity' : 'price_band'
}

function take(world: World, taker: Order, sink: ReportSink): void {
  const { market } = taker
  const makers = against(market, taker.side)
  while (taker.open > 0 && makers.length > 0) {
    const maker = makers[0]!
    if (!reaches(taker.side, taker.price, maker.price)) return
    if (maker.account === taker.account) preventSelfTrade(world, maker, taker, sink)
    else if (isOutside(market.reference, market.rules.haltPpm, maker.price)) {
      begin(market, 'auction', world.at + market.rules.haltMicros, 'trading', sink)
      return
    } else {
      const quantity = Math.min(maker.visible, taker.open)
      trade(world, maker, taker, maker.price, quantity, false, sink)
      afterFill(world, maker, quantity, sink)
      if (taker.open === 0) close(world, taker)
    }
  }
}

function preventSelfTrade(world: World, maker: Order, taker: Order, sink: ReportSink): void {
  const mode = taker.selfTrade
  if (mode === 'decrement') {
    const quantity = Math.min(maker.open, taker.open)
    decrement(world, maker, quantity, sink)
    if (maker.open > 0) shrink(maker, sink)
    decrement(world, taker, quantity, sink)
    return
  }
  if (mode !== 'cancel_newest') cancel(world, maker, 'self_trade', sink)
  if (mode !== 'cancel_oldest') cancel(world, taker, 'self_trade', sink)
}

function decrement(world: World, order: Order, quantity: number, sink: ReportSink): void {
  if (order.open === quantity) {
    cancel(world, order, 'self_trade', sink)
    return
  }
  order.open -= quantity
  order.quantity -= quantity
  trimHold(world, order)
  const price = order.type === 'stop' || order.type === 'market' ? 0 : order.price
  sink.amended(order.id, order.account, order.market.number, price, order.open, true)
}

/**
 * Whether an order would be filled whole: by others' orders within its price and the bounds of a halt, hidden lots included. An
 * order of the same account is passed over if it would be canceled; otherwise nothing counts that comes behind it, and the
 * hidden lots of its level do.
 */
export function isFillable(order: Order): boolean {
  const { market, side, price, account, selfTrade } = order
  let missing = order.open
  const makers = against(market, side)
  const end = makers.findIndex(
    maker => !reaches(side, price, maker.price) || isOutside(market.reference, market.rules.haltPpm, maker.price),
  )
  const within = end === -1 ? makers : makers.slice(0, end)
  const own = selfTrade === 'cancel_oldest' ? undefined : within.find(maker => maker.account === account)
  for (const maker of within) {
    if (maker === own) break
    if (maker.account !== account) missing -= maker.price === own?.price ? maker.visible : maker.open
  }
  return missing <= 0
}
