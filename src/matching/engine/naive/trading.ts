import type { Lots, Ticks } from '../../../kernel/index.ts'
import type { ReportSink } from '../report.ts'
import { close } from './ending.ts'
import { settle } from './funds.ts'
import { join, leave, type Order, type World } from './world.ts'

/** One execution: the money moves, and both orders are told; the books are left to the caller. */
export function trade(
  world: World,
  maker: Order,
  taker: Order,
  price: Ticks,
  quantity: Lots,
  isAuction: boolean,
  sink: ReportSink,
): void {
  const { market } = maker
  const [makerAccount, takerAccount] = [world.accounts[maker.account]!, world.accounts[taker.account]!]
  const makerFee = settle(world, maker, price, quantity, makerAccount.makerPpm)
  const takerFee = settle(world, taker, price, quantity, isAuction ? takerAccount.makerPpm : takerAccount.takerPpm)
  market.last = price
  market.trades += 1
  market.isTouched = true
  sink.traded({
    trade: market.trades,
    instrument: market.number,
    side: taker.side,
    price,
    quantity,
    maker: maker.id,
    taker: taker.id,
    makerAccount: maker.account,
    takerAccount: taker.account,
    makerFee,
    takerFee,
    makerOpen: maker.open,
    takerOpen: taker.open,
    isAuction,
  })
}

/** What a fill of a resting order does to the book: it goes, shows less, or shows its next slice at the end of the queue. */
export function afterFill(world: World, maker: Order, quantity: Lots, sink: ReportSink): void {
  maker.visible -= quantity
  const isNew = maker.visible === 0 && maker.open > 0
  if (isNew) {
    leave(maker)
    maker.visible = Math.min(maker.display, maker.open)
    join(maker)
  }
  show(maker, isNew, sink)
  if (maker.open > 0) return
  leave(maker)
  close(world, maker)
}

/** Less of a resting order without a slice being used up: hidden lots go first, and it keeps its place. */
export function shrink(order: Order, sink: ReportSink): void {
  order.market.isTouched = true
  if (order.visible <= order.open) return
  order.visible = order.open
  show(order, false, sink)
}

/** Puts what is open of an order into the book. */
export function rest(order: Order, sink: ReportSink): void {
  order.visible = order.display === 0 ? order.open : Math.min(order.display, order.open)
  join(order)
  show(order, true, sink)
}

const show = (order: Order, isNew: boolean, sink: ReportSink): void =>
  sink.shown(order.id, order.market.number, order.side, order.price, order.visible, isNew)
