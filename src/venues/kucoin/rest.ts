import type { Exchange, Order, Trade } from 'ccxt'
import { clientIdOf } from '../connector/client-id.ts'
import type { RestDialect } from '../connector/definition.ts'
import type { HttpResponse } from '../port/index.ts'

/** Spot: https://www.kucoin.com/docs-new/rest/spot-trading/orders/introduction */
const ORDERS = '/api/v1/hf/orders'
/** Codes that say nothing of whether the request was carried out: https://www.kucoin.com/docs-new/errors-code */
const PROVES_NOTHING = new Set(['230005', '408000', '500000', '503000'])
const DONE = '200000'
const WRONG_TIME = '400002'
const FILLS_PER_PAGE = 100
const FILL_PAGES_MAX = 1_000
/** No question for fills may span more. */
const FILLS_SPAN_MS = 7 * 24 * 3_600_000

function answerOf({ body }: HttpResponse): { code: string; msg: string } | null {
  try {
    const { code, msg } = JSON.parse(body) as { code?: unknown; msg?: unknown }
    return typeof code === 'string' ? { code, msg: String(msg ?? '') } : null
  } catch {
    return null
  }
}

const idOf = (exchange: Exchange, pair: string): string => String(exchange.market(pair).id)

/** The venue may also answer with nothing instead of with an error. */
async function foundOrNull(order: Promise<Order>): Promise<unknown> {
  const found = await order
  return found.id === undefined ? null : found
}

async function fillsBetween(exchange: Exchange, pair: string, startAt: number, endAt: number): Promise<Trade[]> {
  const found: Trade[] = []
  let lastId: unknown
  for (let page = 0; page < FILL_PAGES_MAX; page++) {
    const params = { symbol: idOf(exchange, pair), startAt, endAt, limit: FILLS_PER_PAGE }
    const { data } = (await exchange.request('hf/fills', 'private', 'GET', {
      ...params,
      ...(lastId === undefined ? {} : { lastId }),
    })) as { data: { lastId: unknown; items: readonly object[] } }
    for (const row of data.items) found.push(exchange.parseTrade(row, exchange.market(pair)) as Trade)
    lastId = data.lastId
    if (data.items.length < FILLS_PER_PAGE) break
  }
  return found
}

export const kucoinRest: RestDialect = {
  ccxt: 'kucoin',
  signsTime: true,
  // A classic account, whose spot account is the one that was called high-frequency once.
  options: { uta: false, hf: true, defaultType: 'spot', fetchMarkets: { types: ['spot'], fetchTickersFees: false } },
  skipsCurrencies: true,
  /** The book gives these many levels, or all. */
  depths: [20, 100],
  prepare(exchange) {
    // Ids of fills are numbers beyond what a number of JavaScript holds: all numbers are read as text.
    exchange.quoteJsonNumbers = true
    const openOf = exchange.fetchOpenOrders.bind(exchange)
    // The venue lists open orders by symbol alone, and says which symbols have some.
    exchange.fetchOpenOrders = async (symbol, ...rest) => {
      if (symbol !== undefined) return openOf(symbol, ...rest)
      const { data } = (await exchange.request('hf/orders/active/symbols', 'private', 'GET')) as {
        data: { symbols: readonly string[] | null }
      }
      const found: Order[] = []
      for (const id of data.symbols ?? []) found.push(...(await openOf(exchange.safeSymbol(id, undefined, '-'))))
      return found
    }
  },
  kindOf(method, path) {
    if (path !== ORDERS && !path.startsWith(`${ORDERS}/`)) return 'query'
    return method === 'POST' ? 'order' : method === 'DELETE' ? 'cancel' : 'query'
  },
  clientId: clientIdOf,
  order(request, { clientId }) {
    const params: Record<string, unknown> = { clientOid: clientId }
    if (request.postOnly === true) params.postOnly = true
    else if (request.type === 'limit') params.timeInForce = request.timeInForce.toUpperCase()
    return { type: request.type === 'limit' ? 'limit' : 'market', params }
  },
  refusal(response) {
    const answer = answerOf(response)
    if (answer === null || answer.code === DONE || response.status >= 500 || PROVES_NOTHING.has(answer.code))
      return null
    return `${answer.code} ${answer.msg}`
  },
  isDown: response => PROVES_NOTHING.has(answerOf(response)?.code ?? ''),
  isNonceFault: response => answerOf(response)?.code === WRONG_TIME,
  async permissions(exchange) {
    const { data } = (await exchange.request('user/api-key', 'private', 'GET')) as { data: { permission: string } }
    const granted = data.permission.split(',').map(name => name.trim().toLowerCase())
    return {
      read: granted.includes('general'),
      trade: granted.includes('spot'),
      // What may be sent within the venue alone is named `InnerTransfer`; the others reach outside.
      withdraw: granted.some(name => ['withdrawal', 'withdraw', 'transfer'].includes(name)),
    }
  },
  async fees(exchange, pair) {
    const { data } = (await exchange.request('trade-fees', 'private', 'GET', { symbols: idOf(exchange, pair) })) as {
      data: readonly { makerFeeRate: string; takerFeeRate: string }[]
    }
    return { maker: data[0]?.makerFeeRate, taker: data[0]?.takerFeeRate }
  },
  orderByClientId: (exchange, pair, clientId) =>
    foundOrNull(exchange.fetchOrder('', pair, { clientOrderId: clientId })),
  orderByVenueId: (exchange, pair, venueOrderId) => foundOrNull(exchange.fetchOrder(venueOrderId, pair)),
  /** Newest first within a span, each page after the last id of the one before. */
  async fills(exchange, pair, sinceMs) {
    const found: Trade[] = []
    const now = exchange.milliseconds()
    for (let from = sinceMs; from <= now; from += FILLS_SPAN_MS)
      found.push(...(await fillsBetween(exchange, pair, from, from + FILLS_SPAN_MS)))
    return found
  },
  cancelByClientId: clientId => ({ clientOrderId: clientId }),
  async cancelAll(exchange, _symbols, only) {
    if (only !== null) {
      await exchange.cancelAllOrders(only)
      return
    }
    const { data } = (await exchange.request('hf/orders/cancelAll', 'private', 'DELETE')) as {
      data: { failedSymbols?: readonly unknown[] }
    }
    if ((data.failedSymbols ?? []).length > 0) throw new Error('the venue has not canceled the orders of every symbol')
  },
}
