import {
  type Account,
  decimalOf,
  isWaiting,
  type SimulatedFill,
  type SimulatedOrder,
  type Subscription,
  shortQuantity,
} from '../core/index.ts'
import { accountId, ms, nanos, price, typeOf, USER } from './answers.ts'
import type { TopicTeller } from './stream.ts'

/** https://www.kucoin.com/docs-new/3470074w0 (orders, V2), …/3470075w0 (balances) and the other private channels of spot */

const ORDERS_1 = '/spotMarket/tradeOrders'
const ORDERS_2 = '/spotMarket/tradeOrdersV2'
const STOPS = '/spotMarket/advancedOrders'
const BALANCES = '/account/balance'
export const PRIVATE_TOPICS: ReadonlySet<string> = new Set([ORDERS_1, ORDERS_2, STOPS, BALANCES])

const PRIVATE = { userId: USER, channelType: 'private' }

export function openPrivate(teller: TopicTeller, topic: string, account: Account): Subscription {
  if (topic === BALANCES) return balances(teller, account)
  return topic === STOPS ? stops(teller, account) : orders(teller, topic, account)
}

/** Each step of an order. The second version also says that the engine has it, before it has met the book. */
function orders({ context, tell }: TopicTeller, topic: string, account: Account): Subscription {
  /** Those of which it is not told yet that they rest: that shows once they have met the book. */
  const fresh = new Set<SimulatedOrder>()
  const send = (order: SimulatedOrder, type: string, status: string, more: object = {}) =>
    tell(topic, 'orderChange', { ...changeOf(order, type, status), ...more }, 'orders', PRIVATE)
  const open = (order: SimulatedOrder) => {
    if (fresh.delete(order)) send(order, 'open', 'open')
  }
  const end = context.exchange.listen({
    onOrder(order, cause) {
      if (order.account !== account || isWaiting(order)) return
      if (cause === 'new' || cause === 'triggered') {
        if (topic === ORDERS_2) send(order, 'received', 'new')
        fresh.add(order)
      } else if (cause === 'trade') {
        if (order.state !== 'filled') return
        fresh.delete(order)
        send(order, 'filled', 'done')
      } else if (cause === 'canceled' || cause === 'expired') {
        if (cause === 'canceled') open(order)
        fresh.delete(order)
        send(order, 'canceled', 'done')
      }
    },
    onFill(fill) {
      const { order, liquidity } = fill
      if (order.account !== account) return
      if (liquidity === 'maker') open(order)
      send(order, 'match', liquidity === 'maker' ? 'open' : 'match', matchOf(fill))
    },
  })
  return {
    end,
    onTick() {
      for (const order of [...fresh]) if (order.state === 'open') open(order)
    },
  }
}

function changeOf(order: SimulatedOrder, type: string, status: string) {
  const { instrument: listed } = order
  const left = order.quantity - order.filled
  const isOver = order.state === 'canceled' || order.state === 'expired'
  return {
    canceledFunds: '0',
    canceledSize: shortQuantity(listed, isOver ? left : 0),
    clientOid: order.clientId ?? '',
    filledSize: shortQuantity(listed, order.filled),
    orderId: order.id,
    orderTime: ms(order.createdAt),
    orderType: typeOf(order),
    originSize: shortQuantity(listed, order.quantity),
    price: price(listed, order.price),
    remainFunds: '0',
    remainSize: shortQuantity(listed, isOver ? 0 : left),
    side: order.side,
    size: shortQuantity(listed, order.quantity),
    status,
    symbol: listed.symbol,
    ts: nanos(order.updatedAt),
    type,
  }
}

/** A match names no fee: what it was is told by the fills over REST. */
const matchOf = ({ id, order, price: ticks, quantity: lots, liquidity, at }: SimulatedFill) => ({
  feeType: liquidity === 'maker' ? 'makerFee' : 'takerFee',
  liquidity,
  matchPrice: price(order.instrument, ticks),
  matchSize: shortQuantity(order.instrument, lots),
  tradeId: id,
  ts: nanos(at),
})

function stops({ context, tell }: TopicTeller, account: Account): Subscription {
  const send = (order: SimulatedOrder, type: string) => {
    const { instrument: listed } = order
    const data = {
      orderId: order.id,
      symbol: listed.symbol,
      type,
      orderType: 'stop',
      side: order.side,
      size: shortQuantity(listed, order.quantity),
      orderPrice: price(listed, order.price),
      stop: order.side === 'sell' ? 'loss' : 'entry',
      stopPrice: price(listed, order.triggerPrice),
      tradeType: 'TRADE',
      triggerSuccess: type === 'triggered',
      createdAt: ms(order.createdAt),
      ts: nanos(order.updatedAt),
    }
    tell(STOPS, 'stopOrder', data, 'orders', PRIVATE)
  }
  const end = context.exchange.listen({
    onOrder(order, cause) {
      if (order.account !== account || order.triggerPrice === null) return
      if (cause === 'triggered') send(order, 'triggered')
      else if (isWaiting(order)) send(order, cause === 'new' ? 'open' : 'cancel')
    },
  })
  return { end }
}

function balances({ context, tell }: TopicTeller, account: Account): Subscription {
  const before = new Map(account.assets.map(asset => [asset, [account.free(asset), account.held(asset)] as const]))
  const end = context.exchange.listen({
    onBalance(changed, assets) {
      if (changed !== account) return
      for (const currency of assets) {
        const [free, held] = [account.free(currency), account.held(currency)]
        const [freeBefore, heldBefore] = before.get(currency) ?? [0n, 0n]
        before.set(currency, [free, held])
        const now = context.now()
        const data = {
          accountId: accountId(account, currency),
          available: decimalOf(free),
          availableChange: signed(free - freeBefore),
          currency,
          hold: decimalOf(held),
          holdChange: signed(held - heldBefore),
          relationContext: {},
          relationEvent: held === heldBefore ? 'trade.setted' : 'trade.hold',
          relationEventId: String(nanos(now)),
          time: String(ms(now)),
          total: decimalOf(free + held),
        }
        tell(BALANCES, 'account.balance', data, 'balances', PRIVATE)
      }
    },
  })
  return { end }
}

const signed = (units: bigint): string => (units < 0n ? `-${decimalOf(-units)}` : decimalOf(units))
