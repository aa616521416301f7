import type { Lots, Ticks } from '../../../kernel/index.ts'
import { costOf, ppmUp } from '../amounts.ts'
import { trimHold } from './booking.ts'
import { type Core, type Market, mark } from './core.ts'
import { BUY, SIDES, sideIn } from './shape.ts'

/** One execution: the money moves, and both orders are told; the books are left to the caller. */
export function trade(
  core: Core,
  market: Market,
  maker: number,
  taker: number,
  price: Ticks,
  quantity: Lots,
  isAuction: boolean,
): void {
  const { orders, trade: report } = core
  const makerAccount = orders.account[maker]!
  const takerAccount = orders.account[taker]!
  const { makerPpm, takerPpm } = core.accounts[takerAccount]!
  report.makerFee = settle(core, market, maker, price, quantity, core.accounts[makerAccount]!.makerPpm)
  report.takerFee = settle(core, market, taker, price, quantity, isAuction ? makerPpm : takerPpm)
  core.assets[market.quote]!.fees += report.makerFee + report.takerFee
  market.last = price
  market.trades += 1
  market.areStopsDue = true
  market.isTouched = true
  mark(core, market)
  report.trade = market.trades
  report.instrument = market.number
  report.side = SIDES[sideIn(orders.shape[taker]!)]!
  report.price = price
  report.quantity = quantity
  report.maker = orders.id[maker]!
  report.taker = orders.id[taker]!
  report.makerAccount = makerAccount
  report.takerAccount = takerAccount
  report.makerOpen = orders.open[maker]!
  report.takerOpen = orders.open[taker]!
  report.isAuction = isAuction
  core.sink.traded(report)
}

/** Moves the money of a fill and takes it off the order. Returns the fee, in units of the quote asset. */
function settle(core: Core, market: Market, slot: number, price: Ticks, quantity: Lots, feePpm: number): number {
  const { orders, funds } = core
  const { rules } = market
  const account = orders.account[slot]!
  const [base, quote] = [funds.at(account, market.base), funds.at(account, market.quote)]
  const open = orders.open[slot]! - quantity
  const held = orders.hold[slot]!
  const cost = costOf(rules, price, quantity)
  const due = ppmUp(cost, feePpm)
  orders.open[slot] = open
  if (sideIn(orders.shape[slot]!) !== BUY) {
    const lots = quantity * rules.lotUnits
    orders.hold[slot] = held - lots
    funds.held[base]! -= lots
    funds.available[quote]! += cost - due
    return due
  }
  const left = held - cost - costOf(rules, orders.price[slot]!, open)
  const fee = due < left ? due : left
  orders.hold[slot] = held - cost - fee
  funds.held[quote]! -= cost + fee
  funds.available[base]! += quantity * rules.lotUnits
  trimHold(core, market, slot)
  return fee
}
