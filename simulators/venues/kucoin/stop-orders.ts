import {
  type Account,
  countOf,
  isWaiting,
  type SimulatedAnswer,
  type SimulatedOrder,
  type VenueContext,
} from '../core/index.ts'
import { stopInfo } from './answers.ts'
import { failed, NOT_CANCELABLE, ok, UNKNOWN_ORDER, UNKNOWN_URL } from './errors.ts'

/**
 * Stops that wait: https://www.kucoin.com/docs-new/rest/spot-trading/orders/get-stop-orders-list and its neighbours. Otherwise
 * than at the venue a stop holds its funds while it waits, and keeps its id when it is triggered.
 */
export class KucoinStops {
  readonly #context: VenueContext

  constructor(context: VenueContext) {
    this.#context = context
  }

  waitingOf(account: Account, symbol: string | null): SimulatedOrder[] {
    return this.#context.exchange
      .openOrdersOf(account)
      .filter(order => isWaiting(order) && (symbol === null || order.instrument.symbol === symbol))
      .reverse()
  }

  /** `rest` is what follows `stop-order`. */
  answer(method: string, rest: string, account: Account, query: URLSearchParams): SimulatedAnswer {
    if (method === 'GET') return this.#get(rest, account, query)
    if (method !== 'DELETE') return failed(UNKNOWN_URL)
    if (rest === '/cancel') {
      const ids = query.get('orderIds')?.split(',')
      const all = this.waitingOf(account, query.get('symbol')).filter(({ id }) => ids?.includes(id) ?? true)
      for (const order of all) this.#context.exchange.cancel(order, this.#context.now())
      return ok({ cancelledOrderIds: all.map(({ id }) => id) })
    }
    const order = this.#named(rest === '/cancelOrderByClientOid' ? '' : rest.slice(1), account, query)
    if (order === undefined || !isWaiting(order) || !this.#context.exchange.cancel(order, this.#context.now()))
      return failed(NOT_CANCELABLE)
    return rest === '/cancelOrderByClientOid'
      ? ok({ cancelledOrderId: order.id, clientOid: order.clientId })
      : ok({ cancelledOrderIds: [order.id] })
  }

  #get(rest: string, account: Account, query: URLSearchParams): SimulatedAnswer {
    if (rest === '') {
      const all = this.waitingOf(account, query.get('symbol'))
      const size = countOf(query.get('pageSize'), 50, 500)
      const page = Math.max(1, Number(query.get('currentPage')) || 1)
      return ok({
        currentPage: page,
        pageSize: size,
        totalNum: all.length,
        totalPage: Math.ceil(all.length / size),
        items: all.slice((page - 1) * size, page * size).map(stopInfo),
      })
    }
    const isByClient = rest === '/queryOrderByClientOid'
    const order = this.#named(isByClient ? '' : rest.slice(1), account, query)
    if (order === undefined || order.triggerPrice === null) return failed(UNKNOWN_ORDER)
    return ok(isByClient ? [stopInfo(order)] : stopInfo(order))
  }

  #named(id: string, account: Account, query: URLSearchParams): SimulatedOrder | undefined {
    const { exchange } = this.#context
    return id === '' ? exchange.orderByClientId(account, query.get('clientOid') ?? '') : exchange.order(account, id)
  }
}
