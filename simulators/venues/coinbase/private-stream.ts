import type { Account, SimulatedOrder, VenueContext } from '../core/index.ts'
import { orderEvent } from './orders.ts'

/** The channel `user`: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/websocket/user */

const SNAPSHOT_BATCH = 50

/** Tells an account's open orders, and from then on each change of an order. Its end is what is given back. */
export function tellUser(
  { exchange }: VenueContext,
  account: Account,
  products: ReadonlySet<string>,
  tell: (events: readonly object[]) => void,
): () => void {
  const isMeant = (order: SimulatedOrder) =>
    order.account === account && (products.size === 0 || products.has(order.instrument.symbol))
  const fillsOf = (order: SimulatedOrder) => exchange.fillsOf(account).filter(fill => fill.order === order).length
  const positions = { perpetual_futures_positions: [], expiring_futures_positions: [] }
  const event = (type: 'snapshot' | 'update', orders: readonly object[]) => ({ type, orders, positions })
  const open = exchange.openOrdersOf(account).filter(isMeant)
  for (let start = 0; start === 0 || start < open.length; start += SNAPSHOT_BATCH)
    tell([
      event(
        'snapshot',
        open.slice(start, start + SNAPSHOT_BATCH).map(order => orderEvent(order, fillsOf(order))),
      ),
    ])
  return exchange.listen({
    onOrder(order, cause) {
      if (!isMeant(order)) return
      // What takes at once is never open.
      const status = cause === 'new' && order.type === 'market' ? 'PENDING' : undefined
      tell([event('update', [orderEvent(order, fillsOf(order), status)])])
    },
  })
}
