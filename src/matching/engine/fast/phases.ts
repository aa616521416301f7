import type { Micros } from '../../../kernel/index.ts'
import type { Phase } from '../command.ts'
import { AuctionPrice } from './auction.ts'
import { close, leave, shrink } from './booking.ts'
import { type Core, isCrossed, type Market, touch } from './core.ts'
import { trade } from './settling.ts'

/** Found anew for each use. */
const auctionPrice = new AuctionPrice()

/** A phase begins, whatever was before; `next` matters to what ends by an auction. */
export function begin(core: Core, market: Market, phase: Phase, until: Micros, next: 'trading' | 'closed'): void {
  market.phase = phase
  market.until = until
  market.next = phase === 'auction' || phase === 'halted' ? next : 'trading'
  market.areStopsDue = true
  touch(core, market)
  findNextEnd(core)
  core.sink.phased(market.number, phase, until)
}

/** The same, after what crosses has traded. */
export function enter(core: Core, market: Market, phase: Phase, until: Micros, next: 'trading' | 'closed'): void {
  if ((phase === 'trading' || phase === 'closed') && isCrossed(market)) uncross(core, market)
  begin(core, market, phase, until, next)
}

export function findNextEnd(core: Core): void {
  core.nextEnd = Number.POSITIVE_INFINITY
  for (const { until } of core.markets) if (until > 0 && until < core.nextEnd) core.nextEnd = until
}

/** Ends the phases whose time has come: an auction uncrosses, a halt becomes an auction. */
export function endPhases(core: Core): void {
  const { at } = core
  for (const market of core.markets) {
    if (market.until === 0 || market.until > at) continue
    if (market.phase === 'halted') begin(core, market, 'auction', at + market.rules.haltMicros, market.next)
    else enter(core, market, market.next, 0, 'trading')
  }
}

function uncross(core: Core, market: Market): void {
  const { orders } = core
  const { bids, asks } = market
  auctionPrice.find(market)
  const { price } = auctionPrice
  while (isCrossed(market) && bids.bestPrice >= price && asks.bestPrice <= price) {
    const [buy, sell] = [bids.first[bids.best]!, asks.first[asks.best]!]
    const isBuyFirst = orders.id[buy]! < orders.id[sell]!
    const [maker, taker] = isBuyFirst ? [buy, sell] : [sell, buy]
    const quantity = Math.min(orders.open[buy]!, orders.open[sell]!)
    trade(core, market, maker, taker, price, quantity, true)
    afterAuction(core, market, maker, quantity)
    afterAuction(core, market, taker, quantity)
  }
  market.reference = price
}

function afterAuction(core: Core, market: Market, slot: number, quantity: number): void {
  shrink(core, market, slot, quantity)
  if (core.orders.open[slot]! > 0) return
  leave(core, market, slot)
  close(core, slot)
}

export function indicate(core: Core, market: Market): void {
  if (!market.isTouched) return
  market.isTouched = false
  if (market.phase !== 'auction') return
  auctionPrice.find(market)
  core.sink.indicated(market.number, auctionPrice.price, auctionPrice.quantity)
}
