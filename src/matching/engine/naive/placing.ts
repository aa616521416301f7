import type { Ticks } from '../../../kernel/index.ts'
import { isOutside, protectedPrice, reaches } from '../amounts.ts'
import type { PlaceOrder } from '../command.ts'
import type { Refusal, ReportSink } from '../report.ts'
import { amountRefusal, boundsRefusal, isOrderValid, mayRest, takesOrder } from '../rules.ts'
import { isSameOrder, nameOf } from '../state.ts'
import { canHold, hold, needOf } from './funds.ts'
import { isFillable, work } from './taking.ts'
import { against, join, type Market, type Order, type World } from './world.ts'

export function place(world: World, command: PlaceOrder, sink: ReportSink): Refusal {
  const account = world.accounts[command.account]
  if (account === undefined) return 'unknown_account'
  const name = account.names.get(command.clientId)
  if (name !== undefined) {
    if (!isSameOrder(name, command)) return 'client_id_reused'
    sink.repeated(name.order, account.number)
    return undefined
  }
  const market = world.markets[command.instrument]
  if (market === undefined) return 'unknown_instrument'
  const order = orderOf(market, command, account.takerPpm)
  const reason = commandRefusal(world, market, command) ?? orderRefusal(world, order)
  if (reason !== undefined) return reason

  world.orders.set(order.id, order)
  if (order.clientId !== '') account.names.set(order.clientId, nameOf(order, market.number))
  hold(world, order, needOf(order))
  sink.accepted(order.id, order.account, market.number, order.side, command.price, order.open)
  if (order.isWaiting) join(order)
  else work(world, order, sink)
  return undefined
}

/** How far an order may go: its price, or its protection from the best price of the other side, or from its trigger. */
function limitOf(market: Market, { type, side, price, trigger }: PlaceOrder): Ticks {
  if (type === 'limit' || type === 'stop_limit') return price
  const from = type === 'stop' ? trigger : against(market, side)[0]?.price
  return from === undefined ? 0 : protectedPrice(market.rules, side, from)
}

const orderOf = (market: Market, command: PlaceOrder, feePpm: number): Order => ({
  id: command.sequence,
  account: command.account,
  clientId: command.clientId,
  side: command.side,
  type: command.type,
  timeInForce: command.timeInForce,
  price: limitOf(market, command),
  trigger: command.trigger,
  quantity: command.quantity,
  open: command.quantity,
  visible: 0,
  display: command.display,
  isPostOnly: command.isPostOnly,
  selfTrade: command.selfTrade,
  expireAt: command.expireAt,
  session: command.session,
  feePpm,
  hold: 0,
  placedPrice: command.price,
  placedQuantity: command.quantity,
  market,
  isWaiting: command.type === 'stop' || command.type === 'stop_limit',
})

/** What is wrong with a command whatever is in the book. */
function commandRefusal(world: World, market: Market, command: PlaceOrder): Refusal {
  const { rules, reference, phase } = market
  if (!isOrderValid(command)) return 'invalid'
  if (!takesOrder(phase, command)) return 'phase'
  if (command.timeInForce === 'gtd' && command.expireAt <= world.at) return 'expired'
  const bounds = boundsRefusal(rules, command.price, command.trigger, command.quantity)
  if (bounds !== undefined) return bounds
  return command.type === 'limit' && isOutside(reference, rules.bandPpm, command.price) ? 'price_band' : undefined
}

function orderRefusal(world: World, order: Order): Refusal {
  const { market, side, price, isWaiting } = order
  const best = against(market, side)[0]?.price
  if (order.type === 'market' && best === undefined) return 'no_liquidity'
  const amount = amountRefusal(market.rules, price, order.quantity, order.feePpm)
  if (amount !== undefined) return amount
  if ((isWaiting || mayRest(order.timeInForce)) && world.orders.size >= world.limits.ordersMax) return 'orders_max'
  if (!canHold(world, order, needOf(order))) return 'insufficient_funds'
  if (isWaiting) return undefined
  if (order.isPostOnly && best !== undefined && reaches(side, price, best)) return 'would_cross'
  return order.timeInForce === 'fok' && !isFillable(order) ? 'not_fillable' : undefined
}
