import type { Exchange, Order, Trade } from 'ccxt'
import { clientIdOf } from '../connector/client-id.ts'
import type { RestDialect } from '../connector/definition.ts'
import type { HttpResponse } from '../port/index.ts'

/** https://bybit-exchange.github.io/docs/v5/order/create-order with its neighbours */
const ORDER_PATHS = new Set(['/v5/order/create', '/v5/order/amend'])
const CANCEL_PATHS = new Set(['/v5/order/cancel', '/v5/order/cancel-all'])
/** Codes that say nothing of whether the request was carried out: https://bybit-exchange.github.io/docs/v5/error */
const PROVES_NOTHING = new Set([10000, 10016, 10019, 170001, 170007, 170032, 170033, 170146])
/** Those of them that are about the venue itself: time-outs and errors inside it. */
const DOWN = new Set([10000, 10016, 10019, 170001, 170007, 170032, 170146])
const WRONG_TIME = 10002
/** Orders that wait for their trigger are in a list of their own. */
const ORDER_LISTS = ['Order', 'tpslOrder']
const FILL_PAGES_MAX = 200
const FILLS_PER_PAGE = 100
/** An account has 500 open orders of a market at most. */
const ORDER_PAGES_MAX = 100
const ORDERS_PER_PAGE = 50

const idOf = (exchange: Exchange, symbol: string): string => String(exchange.market(symbol)?.id)

interface Answer {
  readonly retCode: number
  readonly retMsg: string
}

function answerOf({ body }: HttpResponse): Answer | null {
  try {
    const answer = JSON.parse(body) as Partial<Answer>
    return typeof answer.retCode === 'number' ? (answer as Answer) : null
  } catch {
    return null
  }
}

/** An order is found among the open ones and the last five hundred, or in the history. */
async function orderBy(exchange: Exchange, symbol: string, name: Record<string, string>): Promise<unknown> {
  const [open] = await exchange.fetchOpenOrders(symbol, undefined, 1, { ...name, openOnly: 1 })
  if (open !== undefined) return open
  const [recent] = await exchange.fetchOpenOrders(symbol, undefined, 1, name)
  if (recent !== undefined) return recent
  const [closed] = await exchange.fetchCanceledAndClosedOrders(symbol, undefined, 1, name)
  return closed ?? null
}

export const bybitRest: RestDialect = {
  ccxt: 'bybit',
  signsTime: true,
  options: {
    defaultType: 'spot',
    fetchMarkets: { types: ['spot'] },
    fetchOrder: { acknowledged: true },
    enableUnifiedAccount: true,
    enableUnifiedMargin: false,
    recvWindow: 5_000,
  },
  skipsCurrencies: true,
  kindOf: (_method, path) => (ORDER_PATHS.has(path) ? 'order' : CANCEL_PATHS.has(path) ? 'cancel' : 'query'),
  clientId: clientIdOf,
  order(request, { clientId, triggerPrice }) {
    const params: Record<string, unknown> = { clientOrderId: clientId }
    const isLimit = request.type === 'limit' || request.type === 'stop_limit'
    if (request.postOnly === true) params.postOnly = true
    else if (isLimit) params.timeInForce = request.timeInForce.toUpperCase()
    // Such orders hold their funds while they wait (`tpslOrder`); those of the other kind do not.
    if (triggerPrice !== null) params.stopLossPrice = triggerPrice
    return { type: isLimit ? 'limit' : 'market', params }
  },
  refusal(response) {
    const answer = answerOf(response)
    if (answer === null || answer.retCode === 0 || response.status >= 500 || PROVES_NOTHING.has(answer.retCode))
      return null
    return `${answer.retCode} ${answer.retMsg}`
  },
  isDown: response => DOWN.has(answerOf(response)?.retCode ?? 0),
  isNonceFault: response => answerOf(response)?.retCode === WRONG_TIME,
  async fees(exchange, symbol) {
    const { result } = (await exchange.request('v5/account/fee-rate', 'private', 'GET', {
      category: 'spot',
      symbol: idOf(exchange, symbol),
    })) as { result: { list: { makerFeeRate: string; takerFeeRate: string }[] } }
    const [row] = result.list
    return { maker: row?.makerFeeRate, taker: row?.takerFeeRate }
  },
  /** A hundred a page, newest first, by cursor. */
  async fills(exchange, symbol, sinceMs) {
    const market = exchange.market(symbol)
    const found: Trade[] = []
    let cursor = ''
    for (let page = 0; page < FILL_PAGES_MAX; page++) {
      const { result } = (await exchange.request('v5/execution/list', 'private', 'GET', {
        category: 'spot',
        symbol: idOf(exchange, symbol),
        startTime: sinceMs,
        limit: FILLS_PER_PAGE,
        ...(cursor === '' ? {} : { cursor }),
      })) as { result: { list: object[]; nextPageCursor: string } }
      found.push(...exchange.parseTrades(result.list, market))
      cursor = result.nextPageCursor
      if (cursor === '' || result.list.length === 0) break
    }
    return found
  },
  /** Fifty a page, by cursor. */
  async openOrders(exchange, symbol) {
    const found = new Map<string, Order>()
    let cursor = ''
    for (let page = 0; page < ORDER_PAGES_MAX; page++) {
      const { result } = (await exchange.request('v5/order/realtime', 'private', 'GET', {
        category: 'spot',
        ...(symbol === undefined ? {} : { symbol: idOf(exchange, symbol) }),
        limit: ORDERS_PER_PAGE,
        ...(cursor === '' ? {} : { cursor }),
      })) as { result: { list: object[]; nextPageCursor: string } }
      for (const order of exchange.parseOrders(result.list)) found.set(String(order.id), order)
      cursor = result.nextPageCursor
      if (cursor === '' || result.list.length === 0) return [...found.values()]
    }
    throw new Error(`more than ${ORDER_PAGES_MAX} pages of open orders`)
  },
  async permissions(exchange) {
    const { result } = (await exchange.request('v5/user/query-api', 'private', 'GET')) as {
      result: { readOnly: number; permissions: { Spot?: string[]; Wallet?: string[] } }
    }
    const { Spot = [], Wallet = [] } = result.permissions
    return {
      read: true,
      trade: result.readOnly === 0 && Spot.includes('SpotTrade'),
      withdraw: result.readOnly === 0 && Wallet.includes('Withdraw'),
    }
  },
  orderByClientId: (exchange, symbol, clientId) => orderBy(exchange, symbol, { orderLinkId: clientId }),
  orderByVenueId: (exchange, symbol, orderId) => orderBy(exchange, symbol, { orderId }),
  amend: (exchange, symbol, { venueOrderId, clientId, quantity, price }) =>
    exchange.request('v5/order/amend', 'private', 'POST', {
      category: 'spot',
      symbol: idOf(exchange, symbol),
      ...(venueOrderId === null ? { orderLinkId: clientId } : { orderId: venueOrderId }),
      qty: quantity,
      ...(price === null ? {} : { price }),
    }),
  cancelByClientId: clientId => ({ orderLinkId: clientId }),
  /** Orders that wait for their trigger are in a list of their own. */
  cancelParams: ({ triggerPrice }) => (triggerPrice === undefined ? {} : { orderFilter: 'tpslOrder' }),
  async cancelAll(exchange, symbols, only) {
    for (const symbol of only === null ? symbols : [only])
      for (const orderFilter of ORDER_LISTS) await exchange.cancelAllOrders(symbol, { orderFilter })
  },
}
