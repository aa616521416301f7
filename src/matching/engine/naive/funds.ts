import { assert } from '../../../kernel/index.ts'
import { costOf, holdOf, ppmUp } from '../amounts.ts'
import type { Account, Balance, Order, World } from './world.ts'

/** An account's balance of an asset; nothing until something comes in. */
export function balanceOf(account: Account, asset: number): Balance {
  const balance = account.balances.get(asset) ?? { available: 0, held: 0 }
  account.balances.set(asset, balance)
  return balance
}

const heldIn = (world: World, { account, market, side }: Order): Balance =>
  balanceOf(world.accounts[account]!, side === 'buy' ? market.quote : market.base)

/** What an order needs to be held at its price and for what is open of it. */
export const needOf = (order: Order): number =>
  holdOf(order.market.rules, order.side, order.price, order.open, order.feePpm)

/** Whether the account can hold this much for an order, with what is held for it already. */
export const canHold = (world: World, order: Order, need: number): boolean =>
  heldIn(world, order).available + order.hold >= need

/** Holds this much for the order, no more and no less. */
export function hold(world: World, order: Order, need: number): void {
  const balance = heldIn(world, order)
  balance.available += order.hold - need
  balance.held += need - order.hold
  order.hold = need
  assert(balance.available >= 0 && balance.held >= 0, 'an account never has less than nothing')
}

/** Releases what an order no longer needs. */
export const trimHold = (world: World, order: Order): void => hold(world, order, Math.min(order.hold, needOf(order)))

/** Moves the money of a fill and takes it off the order. Returns the fee, in units of the quote asset. */
export function settle(world: World, order: Order, price: number, quantity: number, feePpm: number): number {
  const { market, side } = order
  const account = world.accounts[order.account]!
  const [base, quote] = [balanceOf(account, market.base), balanceOf(account, market.quote)]
  const cost = costOf(market.rules, price, quantity)
  order.open -= quantity
  let fee = ppmUp(cost, feePpm)
  if (side === 'buy') {
    const rest = costOf(market.rules, order.price, order.open)
    fee = Math.min(fee, order.hold - cost - rest)
    order.hold -= cost + fee
    quote.held -= cost + fee
    base.available += quantity * market.rules.lotUnits
  } else {
    const lots = quantity * market.rules.lotUnits
    order.hold -= lots
    base.held -= lots
    quote.available += cost - fee
  }
  trimHold(world, order)
  world.assets[market.quote]!.fees += fee
  return fee
}
