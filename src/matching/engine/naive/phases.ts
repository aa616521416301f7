import type { Micros, Ticks } from '../../../kernel/index.ts'
import type { Phase } from '../command.ts'
import type { ReportSink } from '../report.ts'
import { close } from './ending.ts'
import { shrink, trade } from './trading.ts'
import { isCrossed, leave, type Market, type Order, type World } from './world.ts'

/** A phase begins, whatever was before; `next` matters to what ends by an auction. */
export function begin(market: Market, phase: Phase, until: Micros, next: 'trading' | 'closed', sink: ReportSink): void {
  market.phase = phase
  market.until = until
  market.next = phase === 'auction' || phase === 'halted' ? next : 'trading'
  market.isTouched = true
  sink.phased(market.number, phase, until)
}

/** The same, after what crosses has traded: a book that trades or is closed is never crossed. */
export function enter(
  world: World,
  market: Market,
  phase: Phase,
  until: Micros,
  next: 'trading' | 'closed',
  sink: ReportSink,
): void {
  if ((phase === 'trading' || phase === 'closed') && isCrossed(market)) uncross(world, market, sink)
  begin(market, phase, until, next, sink)
}

/** Ends the phases whose time has come: an auction uncrosses, a halt becomes an auction. */
export function endPhases(world: World, sink: ReportSink): void {
  for (const market of world.markets) {
    if (market.until === 0 || market.until > world.at) continue
    if (market.phase === 'halted') begin(market, 'auction', world.at + market.rules.haltMicros, market.next, sink)
    else enter(world, market, market.next, 0, 'trading', sink)
  }
}

/** Everything that can trade trades at one price, by price and then time; an iceberg with all it has, the hidden lots first. */
function uncross(world: World, market: Market, sink: ReportSink): void {
  const { bids, asks } = market
  const { price } = indicationOf(market)
  while (isCrossed(market) && bids[0]!.price >= price && asks[0]!.price <= price) {
    const [buy, sell] = [bids[0]!, asks[0]!]
    const [maker, taker] = buy.id < sell.id ? [buy, sell] : [sell, buy]
    trade(world, maker, taker, price, Math.min(buy.open, sell.open), true, sink)
    for (const order of [maker, taker]) {
      shrink(order, sink)
      if (order.open > 0) continue
      leave(order)
      close(world, order)
    }
  }
  market.reference = price
}

export function indicate(market: Market, sink: ReportSink): void {
  if (!market.isTouched) return
  market.isTouched = false
  if (market.phase !== 'auction') return
  const { price, quantity } = indicationOf(market)
  sink.indicated(market.number, price, quantity)
}

interface Candidate {
  readonly price: Ticks
  readonly quantity: number
  /** Lots to buy less lots to sell. */
  readonly surplus: number
}

const openOf = (orders: readonly Order[]): number => orders.reduce((sum, order) => sum + order.open, 0)

/**
 * Where the book uncrosses: of all prices that of most volume, then of least surplus; then, with a surplus to buy at all that
 * are left, the highest, to sell the lowest; then the nearest to the reference, then the lower. Between two limits nothing
 * changes from tick to tick, so that the limits, the ticks beside them and the reference are all that can win.
 */
function indicationOf(market: Market): { readonly price: Ticks; readonly quantity: number } {
  if (!isCrossed(market)) return { price: 0, quantity: 0 }
  const { bids, asks, reference } = market
  const limits = [...bids, ...asks].flatMap(({ price }) => [price - 1, price, price + 1])
  const prices = [...new Set([...limits, reference])].filter(one => one >= asks[0]!.price && one <= bids[0]!.price)
  const candidates = prices.map((price): Candidate => {
    const buying = openOf(bids.filter(order => order.price >= price))
    const selling = openOf(asks.filter(order => order.price <= price))
    return { price, quantity: Math.min(buying, selling), surplus: buying - selling }
  })
  const most = Math.max(...candidates.map(one => one.quantity))
  const fullest = candidates.filter(one => one.quantity === most)
  const least = Math.min(...fullest.map(one => Math.abs(one.surplus)))
  const best = fullest.filter(one => Math.abs(one.surplus) === least).map(one => one.price)
  const surpluses = fullest.filter(one => Math.abs(one.surplus) === least).map(one => one.surplus)
  const distance = (price: Ticks) => {
    if (surpluses.every(surplus => surplus > 0)) return -price
    return surpluses.every(surplus => surplus < 0) ? price : Math.abs(price - reference)
  }
  return { price: best.sort((a, b) => distance(a) - distance(b) || a - b)[0]!, quantity: most }
}
