import type { Lots } from '../../../kernel/index.ts'
import { isOutside } from '../amounts.ts'
import type { EngineCancelReason } from '../report.ts'
import { NONE } from './arrays.ts'
import { cancel, close, rest, show, shrink, trimHold } from './booking.ts'
import { against, type Core, crosses, type Market, sideOf } from './core.ts'
import { begin } from './phases.ts'
import { trade } from './settling.ts'
import { CANCEL_NEWEST, CANCEL_OLDEST, DECREMENT, hasPrice, mayRestIn, selfTradeIn, sideIn } from './shape.ts'

/** An order that is in no book trades as far as it may; what is left of it rests or goes. */
export function work(core: Core, market: Market, slot: number): void {
  if (market.phase === 'trading' && !take(core, market, slot)) return
  const shape = core.orders.shape[slot]!
  if (mayRestIn(shape)) rest(core, market, slot)
  else cancel(core, slot, whyItEnds(market, shape))
}

function whyItEnds(market: Market, shape: number): EngineCancelReason {
  if (market.phase !== 'trading') return 'price_band'
  if (hasPrice(shape)) return 'immediate_or_cancel'
  return against(market, sideIn(shape)).best === NONE ? 'no_liquidity' : 'price_band'
}

/** Says whether something is left of the order; if not, it has ended. */
function take(core: Core, market: Market, taker: number): boolean {
  const { orders } = core
  const side = sideIn(orders.shape[taker]!)
  const makers = against(market, side)
  const limit = orders.price[taker]!
  const account = orders.account[taker]!
  for (;;) {
    const { best } = makers
    if (best === NONE) return true
    const price = makers.price[best]!
    if (!crosses(side, limit, price)) return true
    const maker = makers.first[best]!
    if (orders.account[maker] === account) {
      if (!preventSelfTrade(core, market, maker, taker)) return false
    } else if (isOutside(market.reference, market.rules.haltPpm, price)) {
      begin(core, market, 'auction', core.at + market.rules.haltMicros, 'trading')
      return true
    } else {
      const [visible, open] = [orders.visible[maker]!, orders.open[taker]!]
      const quantity = visible < open ? visible : open
      trade(core, market, maker, taker, price, quantity, false)
      afterFill(core, market, maker, quantity)
      if (quantity === open) {
        close(core, taker)
        return false
      }
    }
  }
}

/** What a fill of a resting order does to the book: it goes, shows less, or shows its next slice at the end of the queue. */
function afterFill(core: Core, market: Market, maker: number, quantity: Lots): void {
  const { orders } = core
  const makers = sideOf(market, sideIn(orders.shape[maker]!))
  const open = orders.open[maker]!
  const visible = orders.visible[maker]! - quantity
  makers.open[orders.level[maker]!]! -= quantity
  if (visible === 0 && open > 0) {
    const display = orders.display[maker]!
    orders.visible[maker] = open < display ? open : display
    makers.requeue(maker)
    show(core, market, maker, true)
    return
  }
  orders.visible[maker] = visible
  show(core, market, maker, false)
  if (open > 0) return
  makers.remove(maker)
  close(core, maker)
}

/** Says whether something is left of the taker. */
function preventSelfTrade(core: Core, market: Market, maker: number, taker: number): boolean {
  const { orders } = core
  const mode = selfTradeIn(orders.shape[taker]!)
  if (mode === DECREMENT) {
    const quantity = Math.min(orders.open[maker]!, orders.open[taker]!)
    if (decrement(core, market, maker, quantity)) shrink(core, market, maker, quantity)
    return decrement(core, market, taker, quantity)
  }
  if (mode !== CANCEL_NEWEST) cancel(core, maker, 'self_trade')
  if (mode !== CANCEL_OLDEST) cancel(core, taker, 'self_trade')
  return mode === CANCEL_OLDEST
}

/** Says whether something is left of the order. */
function decrement(core: Core, market: Market, slot: number, quantity: Lots): boolean {
  const { orders } = core
  if (orders.open[slot] === quantity) {
    cancel(core, slot, 'self_trade')
    return false
  }
  orders.open[slot]! -= quantity
  orders.quantity[slot]! -= quantity
  trimHold(core, market, slot)
  const price = hasPrice(orders.shape[slot]!) ? orders.price[slot]! : 0
  core.sink.amended(orders.id[slot]!, orders.account[slot]!, market.number, price, orders.open[slot]!, true)
  return true
}

/** Whether others' orders would fill an order whole; the rule is told in the naive engine. */
export function isFillable(
  core: Core,
  market: Market,
  shape: number,
  account: number,
  limit: number,
  quantity: Lots,
): boolean {
  const { orders } = core
  const side = sideIn(shape)
  const makers = against(market, side)
  const isPassedOver = selfTradeIn(shape) === CANCEL_OLDEST
  let missing = quantity
  for (let level = makers.best; level !== NONE; level = makers.worse[level]!) {
    const price = makers.price[level]!
    if (!crosses(side, limit, price) || isOutside(market.reference, market.rules.haltPpm, price)) return false
    let [open, visible] = [0, 0]
    for (let maker = makers.first[level]!; maker !== NONE; maker = orders.after[maker]!) {
      if (orders.account[maker] !== account) {
        open += orders.open[maker]!
        visible += orders.visible[maker]!
      } else if (!isPassedOver) return visible >= missing
    }
    missing -= open
    if (missing <= 0) return true
  }
  return false
}
