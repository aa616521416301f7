import type { Ticks } from '../../../kernel/index.ts'
import { isOutside, protectedPrice, reaches } from '../amounts.ts'
import type { EngineCancelReason, ReportSink } from '../report.ts'
import { cancel } from './ending.ts'
import { isFillable, work } from './taking.ts'
import { against, leave, type Market, type Order, type World } from './world.ts'

/**
 * Stops begin to work by the price of the last trade: all that it triggers, buys by the lower trigger and sells by the higher, and
 * then what the price that they led to triggers, until nothing is. They wait while the market does not trade.
 */
export function triggerStops(world: World, market: Market, sink: ReportSink): void {
  const { buyStops, sellStops } = market
  for (let last = 0; last !== market.last; ) {
    last = market.last
    while (market.phase === 'trading' && buyStops.length > 0 && buyStops[0]!.trigger <= last)
      trigger(world, buyStops[0]!, sink)
    while (market.phase === 'trading' && sellStops.length > 0 && sellStops[0]!.trigger >= last)
      trigger(world, sellStops[0]!, sink)
  }
}

function trigger(world: World, order: Order, sink: ReportSink): void {
  const { market, side } = order
  leave(order)
  order.isWaiting = false
  sink.triggered(order.id, order.account, market.number)
  const best = against(market, side)[0]?.price
  if (order.type === 'stop' && best !== undefined) {
    const price = protectedPrice(market.rules, side, best)
    order.price = side === 'buy' ? Math.min(order.price, price) : price
  }
  const reason = whyNot(order, best)
  if (reason === undefined) work(world, order, sink)
  else cancel(world, order, reason, sink)
}

function whyNot(order: Order, best: Ticks | undefined): EngineCancelReason | undefined {
  const { market, side, price } = order
  if (order.type === 'stop') {
    if (best === undefined) return 'no_liquidity'
  } else if (isOutside(market.reference, market.rules.bandPpm, price)) return 'price_band'
  if (order.isPostOnly && best !== undefined && reaches(side, price, best)) return 'would_cross'
  return order.timeInForce === 'fok' && !isFillable(order) ? 'not_fillable' : undefined
}
