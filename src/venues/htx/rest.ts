import type { Exchange, Order } from 'ccxt'
import { clientIdOf } from '../connector/client-id.ts'
import type { RestDialect } from '../connector/definition.ts'
import type { HttpResponse } from '../port/index.ts'

/** https://huobiapi.github.io/docs/spot/v1/en/#trading */
const PLACE = '/v1/order/orders/place'
const CANCEL = /^\/v1\/order\/orders\/(\d+\/submitcancel|submitCancelClientOrder|batchCancelOpenOrders|batchcancel)$/
/** Errors that say nothing of whether the request was carried out: the systems behind the gateway did not answer it. */
const PROVES_NOTHING = new Set([
  'gateway-internal-error',
  'base-system-error',
  'timeout',
  'api-timeout',
  'order-update-error',
  'system-maintenance',
])
const DOWN = new Set(['base-system-error', 'api-timeout'])
/** What a cancel by client id answers of an order that it does not cancel; 10 is one that is being canceled. */
const NOT_CANCELED: Readonly<Record<string, string>> = {
  '-1': 'the order was over long ago',
  '0': 'there is no order of this client id',
  '5': 'the order is canceled, filled in part',
  '6': 'the order is filled',
  '7': 'the order is canceled',
}
const FILLS_WINDOW_MS = 48 * 3_600_000
const ROWS_PER_PAGE = 500
const OPEN_PAGES_MAX = 20
/** Pages of one window; windows since the oldest that the venue keeps, 120 days ago. */
const FILL_PAGES_MAX = 100
const CANCEL_ROUNDS_MAX = 20

type Row = Readonly<Record<string, unknown>>

const parsed = ({ body }: HttpResponse): Row | null => {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' ? (value as Row | null) : null
  } catch {
    return null
  }
}

const call = async (exchange: Exchange, method: 'GET' | 'POST', path: string, params: Row = {}): Promise<unknown> =>
  ((await exchange.request(path, ['spot', 'private'] as never, method, params)) as { data: unknown }).data

async function accountId(exchange: Exchange): Promise<string> {
  const accounts = (await exchange.loadAccounts()) as unknown as { id: string; type: string }[]
  return accounts.find(({ type }) => type === 'spot')!.id
}

const isNotFound = (error: unknown): boolean => error instanceof Error && error.name === 'OrderNotFound'

export const htxRest: RestDialect = {
  ccxt: 'htx',
  signsTime: true,
  options: { fetchMarkets: { types: { spot: true, linear: false, inverse: false } } },
  skipsCurrencies: true,
  kindOf: (method, path) =>
    method !== 'POST' ? 'query' : path === PLACE ? 'order' : CANCEL.test(path) ? 'cancel' : 'query',
  clientId: clientIdOf,
  // A market buy there says what to spend, not what to buy.
  marketAsLimit: true,
  order(request, { clientId, triggerPrice }) {
    const params: Record<string, unknown> = { clientOrderId: clientId }
    if (request.type === 'market') return { type: 'ioc', params }
    if (request.timeInForce !== 'gtc') params.timeInForce = request.timeInForce.toUpperCase()
    if (request.postOnly === true) params.postOnly = true
    if (triggerPrice !== null) params.triggerPrice = triggerPrice
    return { type: 'limit', params }
  },
  refusal(response) {
    if (response.status >= 500) return null
    const answer = parsed(response)
    if (answer === null) return null
    if (answer.status === 'ok') return NOT_CANCELED[String(answer.data)] ?? null
    const code = answer['err-code']
    if (answer.status !== 'error' || typeof code !== 'string' || PROVES_NOTHING.has(code)) return null
    return `${code}: ${String(answer['err-msg'] ?? '')}`
  },
  isDown: response => DOWN.has(String(parsed(response)?.['err-code'])),
  isNonceFault: response => {
    const answer = parsed(response)
    return answer?.['err-code'] === 'api-signature-not-valid' && /timestamp/i.test(String(answer['err-msg']))
  },
  depths: [5, 10, 20, 150],
  async permissions(exchange) {
    const uid = await call(exchange, 'GET', 'v2/user/uid')
    const keys = (await call(exchange, 'GET', 'v2/user/api-key', { uid, accessKey: exchange.apiKey })) as Row[]
    const names = String(keys[0]?.permission ?? '').split(',')
    const has = (name: string) => names.includes(name)
    return { read: has('readOnly'), trade: has('trade'), withdraw: has('withdraw') }
  },
  /** Newest first; a page goes on from the last order of the one before. */
  async openOrders(exchange, symbol) {
    const found = new Map<string, Order>()
    const account = await accountId(exchange)
    let from: Row = {}
    for (let page = 0; page < OPEN_PAGES_MAX; page++) {
      const rows = (await call(exchange, 'GET', 'v1/order/openOrders', {
        'account-id': account,
        ...(symbol === undefined ? {} : { symbol: exchange.market(symbol).id }),
        size: ROWS_PER_PAGE,
        ...from,
      })) as Row[]
      for (const order of exchange.parseOrders([...rows])) found.set(String(order.id), order)
      if (rows.length < ROWS_PER_PAGE) return [...found.values()]
      from = { from: rows.at(-1)!.id, direct: 'next' }
    }
    throw new Error(`more than ${OPEN_PAGES_MAX} pages of open orders`)
  },
  async orderByClientId(exchange, symbol, clientId) {
    try {
      return await exchange.fetchOrder('', symbol, { clientOrderId: clientId })
    } catch (error) {
      if (isNotFound(error)) return null
      throw error
    }
  },
  async cancel(exchange, symbol, { venueOrderId, clientId }) {
    if (venueOrderId !== null) return exchange.cancelOrder(venueOrderId, symbol)
    const path = 'v1/order/orders/submitCancelClientOrder'
    const refusal = NOT_CANCELED[String(await call(exchange, 'POST', path, { 'client-order-id': clientId }))]
    if (refusal !== undefined) throw new Error(refusal)
    return {}
  },
  /** The venue looks at 48 hours at a time, newest first; a page begins with the record that the one before ended with. */
  async fills(exchange, symbol, sinceMs) {
    const now = exchange.milliseconds()
    const rows = new Map<string, Row>()
    for (let start = sinceMs; start <= now; start += FILLS_WINDOW_MS) {
      let from: Row = {}
      for (let page = 0; page < FILL_PAGES_MAX; page++) {
        const found = (await call(exchange, 'GET', 'v1/order/matchresults', {
          symbol: exchange.market(symbol).id,
          'start-time': start,
          'end-time': Math.min(now, start + FILLS_WINDOW_MS),
          size: ROWS_PER_PAGE,
          ...from,
        })) as Row[]
        for (const row of found) rows.set(String(row.id), row)
        if (found.length < ROWS_PER_PAGE) break
        from = { from: found.at(-1)!.id, direct: 'next' }
      }
    }
    return exchange.parseTrades([...rows.values()], exchange.market(symbol))
  },
  /** A hundred orders a call. */
  async cancelAll(exchange, _symbols, only) {
    const of = only === null ? {} : { symbol: exchange.market(only).id }
    const account = await accountId(exchange)
    for (let round = 0; round < CANCEL_ROUNDS_MAX; round++) {
      const path = 'v1/order/orders/batchCancelOpenOrders'
      const done = (await call(exchange, 'POST', path, { 'account-id': account, ...of })) as Row
      if (Number(done['failed-count']) > 0) throw new Error(`${done['failed-count']} orders were not canceled`)
      if (Number(done['next-id']) === -1) return
    }
    throw new Error(`orders are still open after ${CANCEL_ROUNDS_MAX} rounds of canceling`)
  },
}
