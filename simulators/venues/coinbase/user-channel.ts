import type { Account, SimulatedOrder, VenueContext } from '../core/index.ts'
import { streamOrder } from './orders.ts'

/** Open orders come in batches of so many; a smaller one is the last. */
const BATCH = 50

/**
 * The channel `user`: what is open, then each change of an order as it stands then. Fills are in it as sums alone, balances
 * not at all: https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels#user-channel
 */
export function tellOrders(
  { exchange }: VenueContext,
  account: Account,
  products: readonly string[],
  send: (events: readonly object[]) => void,
): () => void {
  const isWanted = (order: SimulatedOrder) =>
    order.account === account && (products.length === 0 || products.includes(order.instrument.symbol))
  const row = (order: SimulatedOrder, status?: string) =>
    streamOrder(order, exchange.fills.filter(fill => fill.order === order).length, status)
  const open = exchange.openOrdersOf(account).filter(isWanted)
  for (let from = 0; from <= open.length; from += BATCH)
    send([{ type: 'snapshot', orders: open.slice(from, from + BATCH).map(order => row(order)) }])
  const update = (order: SimulatedOrder, status?: string) => send([{ type: 'update', orders: [row(order, status)] }])
  return exchange.listen({
    onFill() {},
    onBalance() {},
    onTrade() {},
    onOrder(order, cause) {
      if (!isWanted(order)) return
      if (cause === 'new') update(order, 'PENDING')
      update(order)
    },
  })
}
