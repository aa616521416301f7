import type { EngineCancelReason, ReportSink } from '../report.ts'
import { nameOf } from '../state.ts'
import { hold } from './funds.ts'
import { leave, type Order, type World } from './world.ts'

/** An order ends: nothing is held for it any more, and its name is among those of closed orders. */
export function close(world: World, order: Order): void {
  hold(world, order, 0)
  world.orders.delete(order.id)
  if (order.clientId === '') return
  const { names, closed } = world.accounts[order.account]!
  closed.push(nameOf(order, order.market.number))
  if (closed.length > world.limits.clientIdsMax) names.delete(closed.shift()!.clientId)
}

/** Ends an order before it is filled; `open` is what is said to be gone of it. */
export function cancel(
  world: World,
  order: Order,
  reason: EngineCancelReason,
  sink: ReportSink,
  open = order.open,
): void {
  const wasShown = leave(order)
  sink.canceled(order.id, order.account, order.market.number, open, reason)
  if (wasShown) sink.shown(order.id, order.market.number, order.side, order.price, 0, false)
  order.open = 0
  close(world, order)
}
