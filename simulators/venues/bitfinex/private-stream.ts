import type { Account, ChannelName, VenueContext } from '../core/index.ts'
import { orderRow, tradeRow, walletRow } from './answers.ts'

/** The account's channel, number 0: https://docs.bitfinex.com/docs/ws-auth and …/reference/ws-auth-orders */
export function openAccount(
  { exchange }: VenueContext,
  account: Account,
  send: (what: readonly unknown[], as: ChannelName) => void,
): () => void {
  send(['ps', []], 'other')
  send(['ws', account.assets.map(asset => walletRow(account, asset))], 'balances')
  send(['os', exchange.openOrdersOf(account).map(orderRow)], 'orders')
  return exchange.listen({
    onOrder(order, cause) {
      if (order.account !== account) return
      const type = cause === 'new' ? 'on' : order.state === 'open' ? 'ou' : 'oc'
      send([type, orderRow(order)], 'orders')
    },
    onFill(fill) {
      if (fill.order.account !== account) return
      send(['te', tradeRow(fill, false)], 'orders')
      send(['tu', tradeRow(fill)], 'orders')
    },
    onBalance(changed, assets) {
      if (changed === account) for (const asset of assets) send(['wu', walletRow(account, asset)], 'balances')
    },
  })
}
