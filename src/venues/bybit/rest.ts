import type { Exchange, Order, Trade } from 'ccxt'
import { clientIdOf } from '../connector/client-id.ts'
import type { RestDialect } from '../connector/definition.ts'
import type { HttpResponse } from '../port/index.ts'

/** Version 5, spot of a unified account: https://bybit-exchange.github.io/docs/v5/order/create-order and its neighbours. */
const ORDER_PATHS = new Set(['/v5/order/create', '/v5/order/amend'])
const CANCEL_PATHS = new Set(['/v5/order/cancel', '/v5/order/cancel-all'])
/** Codes that say nothing of whether the request was carried out: https://bybit-exchange.github.io/docs/v5/error */
const PROVES_NOTHING = new Set([
  10000, 10016, 10429, 170001, 170007, 170032, 170035, 170146, 170147, 170149, 170150, 170191, 170234,
])
const CATEGORY = { category: 'spot' } as const
/** Kinds of orders that are canceled apart: plain ones, and stops. */
const FILTERS = ['Order', 'tpslOrder'] as const
const FILLS_PER_PAGE = 100
const FILL_PAGES_MAX = 1_000
/** One question about executions spans at most seven days. */
const SPAN_MS = 7 * 86_400_000

interface Page {
  readonly result: { readonly list: readonly object[]; readonly nextPageCursor?: string }
}

function codeOf({ body }: HttpResponse): { code: number; message: string } | null {
  try {
    const { retCode, retMsg } = JSON.parse(body) as { retCode?: unknown; retMsg?: unknown }
    return typeof retCode === 'number' ? { code: retCode, message: String(retMsg) } : null
  } catch {
    return null
  }
}

const symbolOf = (exchange: Exchange, pair: string): string => String(exchange.market(pair).id)

export const bybitRest: RestDialect = {
  ccxt: 'bybit',
  options: {
    defaultType: 'spot',
    fetchMarkets: { types: ['spot'] },
    recvWindow: 5_000,
    fetchOrder: { acknowledged: true },
  },
  skipsCurrencies: true,
  kindOf: (_method, path) => (ORDER_PATHS.has(path) ? 'order' : CANCEL_PATHS.has(path) ? 'cancel' : 'query'),
  clientId: clientIdOf,
  order(request, { clientId, triggerPrice }) {
    const isLimit = request.type === 'limit' || request.type === 'stop_limit'
    const params: Record<string, unknown> = { clientOrderId: clientId }
    if (request.postOnly === true) params.postOnly = true
    else if (isLimit) params.timeInForce = request.timeInForce.toUpperCase()
    if (triggerPrice !== null) params.stopLossPrice = triggerPrice
    return { type: isLimit ? 'limit' : 'market', params }
  },
  /** A code of Bybit's own that is not among the doubtful; its 403 says that an address asks too often, and did nothing. */
  refusal(response) {
    if (response.status === 403) return 'access too frequent'
    const answer = codeOf(response)
    if (answer === null || answer.code === 0 || response.status >= 500 || PROVES_NOTHING.has(answer.code)) return null
    return `${answer.code} ${answer.message}`
  },
  isNonceFault: response => codeOf(response)?.code === 10002,
  async permissions(exchange) {
    const { result } = (await exchange.request('v5/user/query-api', 'private', 'GET')) as {
      result: { readOnly: number; permissions: Readonly<Record<string, readonly string[]>> }
    }
    const has = (group: string, name: string) => result.permissions[group]?.includes(name) === true
    return { read: true, trade: result.readOnly === 0 && has('Spot', 'SpotTrade'), withdraw: has('Wallet', 'Withdraw') }
  },
  async fees(exchange, pair) {
    const symbol = symbolOf(exchange, pair)
    const { result } = (await exchange.request('v5/account/fee-rate', 'private', 'GET', { ...CATEGORY, symbol })) as {
      result: { list: readonly { makerFeeRate: string; takerFeeRate: string }[] }
    }
    const [{ makerFeeRate: maker, takerFeeRate: taker }] = result.list as [(typeof result.list)[number]]
    return { maker, taker }
  },
  /** The last 500 orders are known at once, also when they have ended; older ones are in the history. */
  async orderByClientId(exchange, pair, orderLinkId) {
    const symbol = symbolOf(exchange, pair)
    for (const path of ['v5/order/realtime', 'v5/order/history']) {
      const { result } = (await exchange.request(path, 'private', 'GET', { ...CATEGORY, symbol, orderLinkId })) as Page
      const [found] = result.list
      if (found !== undefined) return exchange.parseOrder(found, exchange.market(pair)) as Order
    }
    return null
  },
  async fills(exchange, pair, sinceMs) {
    const symbol = symbolOf(exchange, pair)
    const found: Trade[] = []
    const now = exchange.milliseconds()
    for (let startTime = sinceMs, pages = 0; startTime <= now; startTime += SPAN_MS + 1) {
      const span = { ...CATEGORY, symbol, execType: 'Trade', startTime, endTime: startTime + SPAN_MS }
      let cursor: string | undefined
      do {
        const params = { ...span, limit: FILLS_PER_PAGE, ...(cursor === undefined ? {} : { cursor }) }
        const { result } = (await exchange.request('v5/execution/list', 'private', 'GET', params)) as Page
        for (const row of result.list) found.push(exchange.parseTrade(row, exchange.market(pair)) as Trade)
        cursor = result.nextPageCursor === '' ? undefined : result.nextPageCursor
        pages += 1
      } while (cursor !== undefined && pages < FILL_PAGES_MAX)
    }
    return found
  },
  amend: (exchange, pair, { venueOrderId, clientId, side, type, quantity, price }) =>
    exchange.editOrder(
      venueOrderId ?? '',
      pair,
      type,
      side,
      quantity as unknown as number,
      (price ?? undefined) as unknown as number,
      venueOrderId === null ? { clientOrderId: clientId } : {},
    ),
  /** Plain orders and stops are canceled apart, and the order's kind is not known here: what is not the one is the other. */
  async cancel(exchange, pair, { venueOrderId, clientId }) {
    const name = venueOrderId === null ? { orderLinkId: clientId } : { orderId: venueOrderId }
    const request = { ...CATEGORY, symbol: symbolOf(exchange, pair), ...name }
    const [plain, stop] = FILTERS
    const cancel = (orderFilter: string) =>
      exchange.request('v5/order/cancel', 'private', 'POST', { ...request, orderFilter })
    try {
      await cancel(plain)
    } catch (error) {
      if (!(error instanceof Error && error.name === 'OrderNotFound')) throw error
      await cancel(stop)
    }
  },
  cancelByClientId: clientId => ({ orderLinkId: clientId }),
  async cancelAll(exchange, _symbols, only) {
    const symbol = only === null ? {} : { symbol: symbolOf(exchange, only) }
    for (const orderFilter of FILTERS)
      await exchange.request('v5/order/cancel-all', 'private', 'POST', { ...CATEGORY, ...symbol, orderFilter })
  },
}
