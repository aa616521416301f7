import { isOutside, protectedPrice } from '../amounts.ts'
import type { EngineCancelReason } from '../report.ts'
import { NONE } from './arrays.ts'
import { cancel, leave } from './booking.ts'
import { against, type Core, crosses, type Market } from './core.ts'
import { BUY, FILL_OR_KILL, isPostOnlyIn, STOP, sideIn, timeIn, typeIn } from './shape.ts'
import { isFillable, work } from './taking.ts'

/** Stops begin to work by the price of the last trade; the rule is told in the naive engine. */
export function triggerStops(core: Core, market: Market): void {
  const { buyStops, sellStops } = market
  market.areStopsDue = false
  for (let last = 0; last !== market.last; ) {
    last = market.last
    while (market.phase === 'trading' && buyStops.best !== NONE && buyStops.bestPrice <= last)
      trigger(core, market, buyStops.first[buyStops.best]!)
    while (market.phase === 'trading' && sellStops.best !== NONE && sellStops.bestPrice >= last)
      trigger(core, market, sellStops.first[sellStops.best]!)
  }
}

function trigger(core: Core, market: Market, slot: number): void {
  const { orders } = core
  const side = sideIn(orders.shape[slot]!)
  leave(core, market, slot)
  orders.isWaiting[slot] = 0
  core.sink.triggered(orders.id[slot]!, orders.account[slot]!, market.number)
  const best = against(market, side).bestPrice
  if (typeIn(orders.shape[slot]!) === STOP && best > 0) {
    const price = protectedPrice(market.rules, side === BUY ? 'buy' : 'sell', best)
    if (side !== BUY || price < orders.price[slot]!) orders.price[slot] = price
  }
  const reason = whyNot(core, market, slot, best)
  if (reason === undefined) work(core, market, slot)
  else cancel(core, slot, reason)
}

function whyNot(core: Core, market: Market, slot: number, best: number): EngineCancelReason | undefined {
  const { orders } = core
  const shape = orders.shape[slot]!
  const price = orders.price[slot]!
  if (typeIn(shape) === STOP) {
    if (best === 0) return 'no_liquidity'
  } else if (isOutside(market.reference, market.rules.bandPpm, price)) return 'price_band'
  if (isPostOnlyIn(shape) && best > 0 && crosses(sideIn(shape), price, best)) return 'would_cross'
  if (timeIn(shape) !== FILL_OR_KILL) return undefined
  const isFilled = isFillable(core, market, shape, orders.account[slot]!, price, orders.open[slot]!)
  return isFilled ? undefined : 'not_fillable'
}
