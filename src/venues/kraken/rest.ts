import type { Exchange, Trade } from 'ccxt'
import { clientIdOf } from '../connector/client-id.ts'
import type { RestDialect } from '../connector/definition.ts'
import type { HttpResponse } from '../port/index.ts'

/** Calls that act on orders: https://docs.kraken.com/exchange/api-reference/spot-rest, "Trading". */
const ORDER_CALLS = new Set(['/0/private/AddOrder', '/0/private/AmendOrder', '/0/private/EditOrder'])
const CANCEL_CALLS = new Set(['/0/private/CancelOrder', '/0/private/CancelAll', '/0/private/CancelOrderBatch'])
/** Errors that say nothing of whether the request was carried out; every other `E…` is a refusal. */
const PROVES_NOTHING = /^EService:(Unavailable|Timeout|Busy)|^EGeneral:(Internal error|Temporary)|^EDatabase:/
const CLOSED_PAGES_MAX = 4
const FILL_PAGES_MAX = 200
const FILLS_PER_PAGE = 50

const errorsOf = ({ body }: HttpResponse): string[] | null => {
  try {
    const parsed = JSON.parse(body) as { error?: unknown }
    return Array.isArray(parsed.error) ? parsed.error.map(String).filter(text => text.startsWith('E')) : null
  } catch {
    return null
  }
}

export const krakenRest: RestDialect = {
  ccxt: 'kraken',
  clockStepMs: 1_000,
  kindOf: (_method, path) => (ORDER_CALLS.has(path) ? 'order' : CANCEL_CALLS.has(path) ? 'cancel' : 'query'),
  clientId: clientIdOf,
  order(request, { clientId, triggerPrice, validUntilMs }) {
    const params: Record<string, unknown> = {
      clientOrderId: clientId,
      // An order that has not reached the matching engine by then is refused (2 to 60 s from now).
      deadline: new Date(validUntilMs).toISOString(),
    }
    if (request.timeInForce !== 'gtc' && request.type === 'limit')
      params.timeInForce = request.timeInForce.toUpperCase()
    if (request.postOnly === true) params.postOnly = true
    if (triggerPrice !== null) params.stopLossPrice = triggerPrice
    const type = request.type === 'limit' || request.type === 'stop_limit' ? 'limit' : 'market'
    return { type, params }
  },
  refusal(response) {
    const errors = errorsOf(response)
    if (errors === null || errors.length === 0 || errors.some(text => PROVES_NOTHING.test(text))) return null
    return errors.join(', ')
  },
  isDown: response => (errorsOf(response) ?? []).some(text => text.startsWith('EService:Timeout')),
  isNonceFault: response => (errorsOf(response) ?? []).includes('EAPI:Invalid nonce'),
  async permissions(exchange) {
    const { result } = (await exchange.request('GetApiKeyInfo', 'private', 'POST')) as {
      result: { permissions: readonly string[] }
    }
    const has = (name: string) => result.permissions.includes(name)
    return { read: has('query-funds'), trade: has('modify-trades'), withdraw: has('withdraw-funds') }
  },
  async orderByClientId(exchange: Exchange, symbol, clientId, since) {
    const [open] = await exchange.fetchOpenOrders(symbol, undefined, undefined, { clientOrderId: clientId })
    if (open !== undefined) return open
    let from = Math.floor(since / 1_000)
    for (let page = 0; page < CLOSED_PAGES_MAX; page++) {
      const closed = await exchange.fetchClosedOrders(symbol, from, undefined, { clientOrderId: clientId })
      const found = closed.find(order => order.clientOrderId === clientId)
      if (found !== undefined) return found
      if (closed.length === 0) return null
      from = closed.reduce((last, order) => Math.max(last, order.timestamp ?? 0), from) + 1
    }
    return null
  },
  /** Fifty a page, newest first, of all pairs together. */
  async fills(exchange, symbol, sinceMs) {
    const found: Trade[] = []
    for (let page = 0; page < FILL_PAGES_MAX; page++) {
      const trades = await exchange.fetchMyTrades(undefined, sinceMs - 1, undefined, { ofs: found.length })
      found.push(...trades)
      if (trades.length < FILLS_PER_PAGE) break
    }
    return found.filter(trade => trade.symbol === symbol)
  },
  amend: (exchange, _symbol, { venueOrderId, clientId, quantity, price }) =>
    exchange.request('AmendOrder', 'private', 'POST', {
      ...(venueOrderId === null ? { cl_ord_id: clientId } : { txid: venueOrderId }),
      order_qty: quantity,
      ...(price === null ? {} : { limit_price: price }),
    }),
  cancelByClientId: clientId => ({ clientOrderId: clientId }),
  async cancelAll(exchange, _symbols, only) {
    if (only === null) {
      await exchange.cancelAllOrders()
      return
    }
    for (const order of await exchange.fetchOpenOrders(only)) await exchange.cancelOrder(String(order.id), only)
  },
}
