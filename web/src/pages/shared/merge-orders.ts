import type { OrderView } from '../../contract.ts'

/** What was read, with what has streamed since on top. */
export function mergeOrders(
  read: readonly OrderView[],
  streamed: Iterable<OrderView>,
  keep: (order: OrderView) => boolean,
): OrderView[] {
  const byId = new Map(read.map(order => [order.id, order]))
  for (const order of streamed) if ((byId.get(order.id)?.updatedAt ?? 0) <= order.updatedAt) byId.set(order.id, order)
  return [...byId.values()].filter(keep).sort((a, b) => b.updatedAt - a.updatedAt)
}
