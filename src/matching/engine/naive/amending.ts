import type { Lots, Ticks } from '../../../kernel/index.ts'
import { holdOf, isOutside, reaches } from '../amounts.ts'
import type { AmendOrder, CancelAll, CancelOrder } from '../command.ts'
import type { Refusal, ReportSink } from '../report.ts'
import { amountRefusal, boundsRefusal, isAmendValid } from '../rules.ts'
import { cancel } from './ending.ts'
import { canHold, hold, needOf, trimHold } from './funds.ts'
import { work } from './taking.ts'
import { shrink } from './trading.ts'
import { against, leave, type Order, type World } from './world.ts'

/** The open order that a command names, of its account. */
function namedBy(world: World, command: CancelOrder | AmendOrder): Order | undefined {
  const id = command.order === 0 ? world.accounts[command.account]?.names.get(command.clientId)?.order : command.order
  const order = world.orders.get(id ?? 0)
  return order?.account === command.account ? order : undefined
}

export function cancelNamed(world: World, command: CancelOrder, sink: ReportSink): Refusal {
  if (world.accounts[command.account] === undefined) return 'unknown_account'
  const order = namedBy(world, command)
  if (order === undefined) return 'unknown_order'
  cancel(world, order, 'requested', sink)
  return undefined
}

/** The oldest first. */
export function cancelAll(world: World, { account, instrument, session }: CancelAll, sink: ReportSink): Refusal {
  if (world.accounts[account] === undefined) return 'unknown_account'
  if (instrument !== -1 && world.markets[instrument] === undefined) return 'unknown_instrument'
  const orders = [...world.orders.values()]
    .filter(order => order.account === account)
    .filter(order => instrument === -1 || order.market.number === instrument)
    .filter(order => session === 0 || order.session === session)
  for (const order of orders) cancel(world, order, session === 0 ? 'requested' : 'disconnected', sink)
  return undefined
}

export function amend(world: World, command: AmendOrder, sink: ReportSink): Refusal {
  const account = world.accounts[command.account]
  if (account === undefined) return 'unknown_account'
  const order = namedBy(world, command)
  if (order === undefined) return 'unknown_order'
  const { market } = order
  if (!isAmendValid(command, order.type !== 'stop')) return 'invalid'
  if (market.phase === 'halted' || market.phase === 'closed') return 'phase'
  const price = command.price === 0 ? order.price : command.price
  const quantity = command.quantity === 0 ? order.quantity : command.quantity
  const open = quantity - (order.quantity - order.open)
  if (open <= 0) {
    cancel(world, order, 'requested', sink)
    return undefined
  }

  const keepsPriority = price === order.price && quantity <= order.quantity
  const feePpm = keepsPriority ? order.feePpm : account.takerPpm
  const reason =
    boundsRefusal(market.rules, price, order.trigger, quantity) ??
    amountRefusal(market.rules, price, quantity, feePpm) ??
    (keepsPriority ? undefined : changeRefusal(world, order, price, open, feePpm))
  if (reason !== undefined) return reason

  const isMoved = !keepsPriority && !order.isWaiting
  const wasPrice = order.price
  if (isMoved) leave(order)
  Object.assign(order, { price, quantity, open, feePpm })
  if (keepsPriority) trimHold(world, order)
  else hold(world, order, needOf(order))
  sink.amended(order.id, order.account, market.number, order.type === 'stop' ? 0 : price, open, keepsPriority)
  if (isMoved) {
    sink.shown(order.id, market.number, order.side, wasPrice, 0, false)
    work(world, order, sink)
  } else if (!order.isWaiting) shrink(order, sink)
  return undefined
}

/** What an amend must hold for that loses priority: it is as if the order were placed now. */
function changeRefusal(world: World, order: Order, price: Ticks, open: Lots, feePpm: number): Refusal {
  const { market, side, isWaiting, isPostOnly } = order
  if (!isWaiting && isOutside(market.reference, market.rules.bandPpm, price)) return 'price_band'
  if (!canHold(world, order, holdOf(market.rules, side, price, open, feePpm))) return 'insufficient_funds'
  if (isWaiting || !isPostOnly) return undefined
  if (market.phase === 'auction') return 'phase'
  const best = against(market, side)[0]?.price
  return best !== undefined && reaches(side, price, best) ? 'would_cross' : undefined
}
