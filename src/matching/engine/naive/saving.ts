import type { AccountBalance, EngineLimits } from '../engine.ts'
import { nameOf, type SavedEngine, type SavedMarket, type SavedOrder } from '../state.ts'
import { type Account, type Market, newMarket, type Order, type World } from './world.ts'

export const balancesOf = (account: Account | undefined): AccountBalance[] =>
  [...(account?.balances ?? [])]
    .filter(([, { available, held }]) => available > 0 || held > 0)
    .sort(([a], [b]) => a - b)
    .map(([asset, { available, held }]) => ({ asset, available, held }))

export const save = (world: World): SavedEngine => ({
  kind: 'exchange-engine',
  version: 1,
  sequence: world.sequence,
  at: world.at,
  assets: world.assets.map(asset => ({ ...asset })),
  accounts: world.accounts.map(account => ({
    makerPpm: account.makerPpm,
    takerPpm: account.takerPpm,
    balances: balancesOf(account),
    closed: [...account.closed],
  })),
  markets: world.markets.map(saveMarket),
})

const saveMarket = ({ number, isTouched, bids, asks, buyStops, sellStops, ...rest }: Market): SavedMarket => ({
  base: rest.base,
  quote: rest.quote,
  rules: rest.rules,
  phase: rest.phase,
  until: rest.until,
  next: rest.next,
  reference: rest.reference,
  last: rest.last,
  trades: rest.trades,
  bids: bids.map(saveOrder),
  asks: asks.map(saveOrder),
  buyStops: buyStops.map(saveOrder),
  sellStops: sellStops.map(saveOrder),
})

const saveOrder = ({ market, isWaiting, ...order }: Order): SavedOrder => order

/** The world that a state was saved from. */
export function restore(limits: EngineLimits, saved: SavedEngine): World {
  const world: World = {
    limits,
    sequence: saved.sequence,
    at: saved.at,
    assets: saved.assets.map(asset => ({ ...asset })),
    accounts: saved.accounts.map(({ makerPpm, takerPpm, balances, closed }, number) => ({
      number,
      makerPpm,
      takerPpm,
      balances: new Map(balances.map(({ asset, available, held }) => [asset, { available, held }])),
      names: new Map(closed.map(name => [name.clientId, name])),
      closed: [...closed],
    })),
    markets: saved.markets.map(restoreMarket),
    orders: new Map(),
  }
  const orders = world.markets.flatMap(({ bids, asks, buyStops, sellStops }) => [
    ...bids,
    ...asks,
    ...buyStops,
    ...sellStops,
  ])
  for (const order of orders.sort((a, b) => a.id - b.id)) {
    world.orders.set(order.id, order)
    if (order.clientId !== '')
      world.accounts[order.account]!.names.set(order.clientId, nameOf(order, order.market.number))
  }
  return world
}

function restoreMarket(saved: SavedMarket, number: number): Market {
  const market = newMarket(number, saved.base, saved.quote, { ...saved.rules })
  const { phase, until, next, reference, last, trades } = saved
  Object.assign(market, { phase, until, next, reference, last, trades })
  const ordersOf = (orders: readonly SavedOrder[], isWaiting: boolean): Order[] =>
    orders.map(order => ({ ...order, market, isWaiting }))
  market.bids.push(...ordersOf(saved.bids, false))
  market.asks.push(...ordersOf(saved.asks, false))
  market.buyStops.push(...ordersOf(saved.buyStops, true))
  market.sellStops.push(...ordersOf(saved.sellStops, true))
  return market
}
