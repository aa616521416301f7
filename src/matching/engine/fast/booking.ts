import { costOf, ppmUp } from '../amounts.ts'
import type { EngineCancelReason } from '../report.ts'
import { NONE } from './arrays.ts'
import { type Core, type Market, sideOf, stopsOf, touch } from './core.ts'
import { BUY, SIDES, sideIn } from './shape.ts'

/** What an order holds and how it ends; where it is in the book and what that shows. */

/** Where the balance is that an order holds of. */
const heldAt = (core: Core, slot: number): number => {
  const market = core.markets[core.orders.market[slot]!]!
  return core.funds.at(
    core.orders.account[slot]!,
    sideIn(core.orders.shape[slot]!) === BUY ? market.quote : market.base,
  )
}

/** What an order needs to be held at its price and for what is open of it. */
export function needOf(core: Core, market: Market, slot: number): number {
  const { orders } = core
  if (sideIn(orders.shape[slot]!) !== BUY) return orders.open[slot]! * market.rules.lotUnits
  const cost = costOf(market.rules, orders.price[slot]!, orders.open[slot]!)
  return cost + ppmUp(cost, orders.feePpm[slot]!)
}

export const canHold = (core: Core, slot: number, need: number): boolean =>
  core.funds.available[heldAt(core, slot)]! + core.orders.hold[slot]! >= need

/** Holds this much for the order, no more and no less. */
export function hold(core: Core, slot: number, need: number): void {
  const change = need - core.orders.hold[slot]!
  if (change === 0) return
  core.funds.move(heldAt(core, slot), change)
  core.orders.hold[slot] = need
}

/** Releases what an order no longer needs. */
export function trimHold(core: Core, market: Market, slot: number): void {
  const need = needOf(core, market, slot)
  if (need < core.orders.hold[slot]!) hold(core, slot, need)
}

/** Enters an order that was accepted: among its account's, and where it expires. */
export function enlist(core: Core, slot: number): void {
  const { orders } = core
  const account = core.accounts[orders.account[slot]!]!
  orders.older[slot] = account.newest
  orders.newer[slot] = NONE
  if (account.newest === NONE) account.oldest = slot
  else orders.newer[account.newest] = slot
  account.newest = slot
  if (orders.expireAt[slot]! > 0) core.expiry.add(slot)
}

/** An order ends: nothing is held for it any more, and its name is among those of closed orders. */
export function close(core: Core, slot: number): void {
  const { orders } = core
  hold(core, slot, 0)
  const account = core.accounts[orders.account[slot]!]!
  const [older, newer] = [orders.older[slot]!, orders.newer[slot]!]
  if (older === NONE) account.oldest = newer
  else orders.newer[older] = newer
  if (newer === NONE) account.newest = older
  else orders.older[newer] = older
  if (orders.expireAt[slot]! > 0) core.expiry.delete(slot)
  if (orders.name[slot] !== NONE) core.names.close(orders.account[slot]!, orders.name[slot]!)
  orders.delete(slot)
}

/** Takes an order from where it is; one that is at work is nowhere. Says whether it was in the book. */
export function leave(core: Core, market: Market, slot: number): boolean {
  const { orders } = core
  if (orders.level[slot] === NONE) return false
  const side = sideIn(orders.shape[slot]!)
  if (orders.isWaiting[slot] === 1) {
    stopsOf(market, side).remove(slot)
    return false
  }
  sideOf(market, side).remove(slot)
  touch(core, market)
  return true
}

/** Ends an order before it is filled; `open` is what is said to be gone of it. */
export function cancel(core: Core, slot: number, reason: EngineCancelReason, open = core.orders.open[slot]!): void {
  const { orders, sink } = core
  const market = core.markets[orders.market[slot]!]!
  const wasShown = leave(core, market, slot)
  sink.canceled(orders.id[slot]!, orders.account[slot]!, market.number, open, reason)
  if (wasShown) {
    orders.visible[slot] = 0
    show(core, market, slot, false)
  }
  close(core, slot)
}

/** Puts what is open of an order into the book. */
export function rest(core: Core, market: Market, slot: number): void {
  const { orders } = core
  const [open, display] = [orders.open[slot]!, orders.display[slot]!]
  orders.visible[slot] = display === 0 || open < display ? open : display
  sideOf(market, sideIn(orders.shape[slot]!)).push(slot, orders.price[slot]!)
  touch(core, market)
  show(core, market, slot, true)
}

/** `by` lots less of a resting order without a slice being used up: hidden ones go first, and it keeps its place. */
export function shrink(core: Core, market: Market, slot: number, by: number): void {
  const { orders } = core
  const ladder = sideOf(market, sideIn(orders.shape[slot]!))
  ladder.open[orders.level[slot]!]! -= by
  touch(core, market)
  if (orders.visible[slot]! <= orders.open[slot]!) return
  orders.visible[slot] = orders.open[slot]!
  show(core, market, slot, false)
}

export function show(core: Core, market: Market, slot: number, isNew: boolean): void {
  const { orders } = core
  core.sink.shown(
    orders.id[slot]!,
    market.number,
    SIDES[sideIn(orders.shape[slot]!)]!,
    orders.price[slot]!,
    orders.visible[slot]!,
    isNew,
  )
}
