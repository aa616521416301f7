import type { Ticks } from '../../../kernel/index.ts'
import { holdOf, isOutside, protectedPrice } from '../amounts.ts'
import type { PlaceOrder } from '../command.ts'
import type { Refusal } from '../report.ts'
import { amountRefusal, boundsRefusal, isOrderValid, mayRest, takesOrder } from '../rules.ts'
import { NONE } from './arrays.ts'
import { enlist, hold } from './booking.ts'
import { type Account, against, type Core, crosses, type Market, mark, stopsOf } from './core.ts'
import { BUY, SELL, shapeOf } from './shape.ts'
import { isFillable, work } from './taking.ts'

export function place(core: Core, command: PlaceOrder): Refusal {
  const { orders, sink, names } = core
  const account = core.accounts[command.account]
  if (account === undefined) return 'unknown_account'
  if (command.clientId !== '') {
    const name = names.find(command.account, command.clientId)
    if (name !== NONE) {
      if (!names.isSame(name, command)) return 'client_id_reused'
      sink.repeated(names.orderOf(name), command.account)
      return undefined
    }
  }
  const market = core.markets[command.instrument]
  if (market === undefined) return 'unknown_instrument'
  const refusal = commandRefusal(core, market, command)
  if (refusal !== undefined) return refusal
  const limit = limitOf(market, command)
  const shape = shapeOf(command)
  const need = holdOf(market.rules, command.side, limit, command.quantity, account.takerPpm)
  const reason = orderRefusal(core, market, command, account, limit, shape, need)
  if (reason !== undefined) return reason

  const isWaiting = command.trigger > 0
  const slot = orders.add(command.sequence)
  orders.shape[slot] = shape
  orders.isWaiting[slot] = isWaiting ? 1 : 0
  orders.account[slot] = command.account
  orders.market[slot] = command.instrument
  orders.price[slot] = limit
  orders.trigger[slot] = command.trigger
  orders.quantity[slot] = command.quantity
  orders.open[slot] = command.quantity
  orders.visible[slot] = 0
  orders.display[slot] = command.display
  orders.expireAt[slot] = command.expireAt
  orders.session[slot] = command.session
  orders.feePpm[slot] = account.takerPpm
  orders.hold[slot] = 0
  orders.placedPrice[slot] = command.price
  orders.placedQuantity[slot] = command.quantity
  orders.name[slot] = command.clientId === '' ? NONE : names.add(command.account, command.sequence, command)
  enlist(core, slot)
  hold(core, slot, need)
  sink.accepted(command.sequence, command.account, command.instrument, command.side, command.price, command.quantity)
  if (!isWaiting) work(core, market, slot)
  else {
    stopsOf(market, command.side === 'buy' ? BUY : SELL).push(slot, command.trigger)
    market.areStopsDue = true
    mark(core, market)
  }
  return undefined
}

/** How far an order may go: its price, or its protection from the best price of the other side, or from its trigger; or 0. */
function limitOf(market: Market, { type, side, price, trigger }: PlaceOrder): Ticks {
  if (type === 'limit' || type === 'stop_limit') return price
  const from = type === 'stop' ? trigger : against(market, side === 'buy' ? BUY : SELL).bestPrice
  return from === 0 ? 0 : protectedPrice(market.rules, side, from)
}

/** What is wrong with a command whatever is in the book. */
function commandRefusal(core: Core, market: Market, command: PlaceOrder): Refusal {
  const { rules, reference, phase } = market
  if (!isOrderValid(command)) return 'invalid'
  if (!takesOrder(phase, command)) return 'phase'
  if (command.timeInForce === 'gtd' && command.expireAt <= core.at) return 'expired'
  const bounds = boundsRefusal(rules, command.price, command.trigger, command.quantity)
  if (bounds !== undefined) return bounds
  return command.type === 'limit' && isOutside(reference, rules.bandPpm, command.price) ? 'price_band' : undefined
}

function orderRefusal(
  core: Core,
  market: Market,
  command: PlaceOrder,
  account: Account,
  limit: Ticks,
  shape: number,
  need: number,
): Refusal {
  if (limit === 0) return 'no_liquidity'
  const amount = amountRefusal(market.rules, limit, command.quantity, account.takerPpm)
  if (amount !== undefined) return amount
  const isWaiting = command.trigger > 0
  if ((isWaiting || mayRest(command.timeInForce)) && core.orders.count >= core.limits.ordersMax) return 'orders_max'
  const asset = command.side === 'buy' ? market.quote : market.base
  if (core.funds.available[core.funds.at(command.account, asset)]! < need) return 'insufficient_funds'
  if (isWaiting) return undefined
  if (command.isPostOnly) {
    const side = command.side === 'buy' ? BUY : SELL
    const best = against(market, side).bestPrice
    if (best > 0 && crosses(side, limit, best)) return 'would_cross'
  }
  if (command.timeInForce !== 'fok') return undefined
  return isFillable(core, market, shape, command.account, limit, command.quantity) ? undefined : 'not_fillable'
}
