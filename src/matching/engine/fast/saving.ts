import type { EngineLimits } from '../engine.ts'
import { nameOf, type SavedEngine, type SavedMarket, type SavedOrder } from '../state.ts'
import { NONE } from './arrays.ts'
import { enlist } from './booking.ts'
import { Core, Market } from './core.ts'
import type { Ladder } from './ladder.ts'
import { findNextEnd } from './phases.ts'
import { enrol } from './registering.ts'
import { partsOf, shapeOf } from './shape.ts'

export const save = (core: Core): SavedEngine => ({
  kind: 'exchange-engine',
  version: 1,
  sequence: core.sequence,
  at: core.at,
  assets: core.assets.map(asset => ({ ...asset })),
  accounts: core.accounts.map(({ makerPpm, takerPpm }, number) => ({
    makerPpm,
    takerPpm,
    balances: core.funds.balances(number),
    closed: core.names.closed(number),
  })),
  markets: core.markets.map(market => saveMarket(core, market)),
})

const saveMarket = (core: Core, market: Market): SavedMarket => ({
  base: market.base,
  quote: market.quote,
  rules: market.rules,
  phase: market.phase,
  until: market.until,
  next: market.next,
  reference: market.reference,
  last: market.last,
  trades: market.trades,
  bids: saveLadder(core, market.bids),
  asks: saveLadder(core, market.asks),
  buyStops: saveLadder(core, market.buyStops),
  sellStops: saveLadder(core, market.sellStops),
})

function saveLadder(core: Core, ladder: Ladder): SavedOrder[] {
  const saved: SavedOrder[] = []
  for (let level = ladder.best; level !== NONE; level = ladder.worse[level]!)
    for (let slot = ladder.first[level]!; slot !== NONE; slot = core.orders.after[slot]!)
      saved.push(saveOrder(core, slot))
  return saved
}

function saveOrder({ orders, names }: Core, slot: number): SavedOrder {
  const { side, type, timeInForce, isPostOnly, selfTrade } = partsOf(orders.shape[slot]!)
  return {
    id: orders.id[slot]!,
    account: orders.account[slot]!,
    clientId: names.textOf(orders.name[slot]!),
    side,
    type,
    timeInForce,
    price: orders.price[slot]!,
    trigger: orders.trigger[slot]!,
    quantity: orders.quantity[slot]!,
    open: orders.open[slot]!,
    visible: orders.visible[slot]!,
    display: orders.display[slot]!,
    isPostOnly,
    selfTrade,
    expireAt: orders.expireAt[slot]!,
    session: orders.session[slot]!,
    feePpm: orders.feePpm[slot]!,
    hold: orders.hold[slot]!,
    placedPrice: orders.placedPrice[slot]!,
    placedQuantity: orders.placedQuantity[slot]!,
  }
}

/** The core that a state was saved from. */
export function restore(limits: EngineLimits, saved: SavedEngine): Core {
  const core = new Core(limits)
  core.sequence = saved.sequence
  core.at = saved.at
  core.assets.push(...saved.assets.map(asset => ({ ...asset })))
  for (const [number, { makerPpm, takerPpm, balances, closed }] of saved.accounts.entries()) {
    enrol(core, makerPpm, takerPpm)
    for (const { asset, available, held } of balances) {
      core.funds.available[core.funds.at(number, asset)] = available
      core.funds.held[core.funds.at(number, asset)] = held
    }
    for (const name of closed) core.names.close(number, core.names.add(number, name.order, name))
  }
  const slots: number[] = []
  for (const [number, market] of saved.markets.entries()) slots.push(...restoreMarket(core, number, market))
  for (const slot of slots.sort((a, b) => core.orders.id[a]! - core.orders.id[b]!)) enlist(core, slot)
  findNextEnd(core)
  return core
}

/** Returns the slots of its orders. */
function restoreMarket(core: Core, number: number, saved: SavedMarket): number[] {
  const market = new Market(core.orders, number, saved.base, saved.quote, { ...saved.rules })
  core.markets.push(market)
  const { phase, until, next, reference, last, trades } = saved
  Object.assign(market, { phase, until, next, reference, last, trades })
  const put = (ladder: Ladder, orders: readonly SavedOrder[], isWaiting: boolean) =>
    orders.map(order => {
      const slot = restoreOrder(core, number, order, isWaiting)
      ladder.push(slot, isWaiting ? order.trigger : order.price)
      return slot
    })
  return [
    ...put(market.bids, saved.bids, false),
    ...put(market.asks, saved.asks, false),
    ...put(market.buyStops, saved.buyStops, true),
    ...put(market.sellStops, saved.sellStops, true),
  ]
}

function restoreOrder({ orders, names }: Core, market: number, saved: SavedOrder, isWaiting: boolean): number {
  const slot = orders.add(saved.id)
  orders.shape[slot] = shapeOf(saved)
  orders.isWaiting[slot] = isWaiting ? 1 : 0
  orders.account[slot] = saved.account
  orders.market[slot] = market
  orders.price[slot] = saved.price
  orders.trigger[slot] = saved.trigger
  orders.quantity[slot] = saved.quantity
  orders.open[slot] = saved.open
  orders.visible[slot] = saved.visible
  orders.display[slot] = saved.display
  orders.expireAt[slot] = saved.expireAt
  orders.session[slot] = saved.session
  orders.feePpm[slot] = saved.feePpm
  orders.hold[slot] = saved.hold
  orders.placedPrice[slot] = saved.placedPrice
  orders.placedQuantity[slot] = saved.placedQuantity
  const name = nameOf(saved, market)
  orders.name[slot] = name.clientId === '' ? NONE : names.add(saved.account, saved.id, name)
  return slot
}
