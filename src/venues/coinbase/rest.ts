import type { Exchange, Order, Trade } from 'ccxt'
import { clientIdOf } from '../connector/client-id.ts'
import type { RestDialect } from '../connector/definition.ts'
import type { HttpResponse } from '../port/index.ts'
import { coinbaseTokens } from './token.ts'

/** https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/orders/create-order with its neighbours */
const ORDERS = '/api/v3/brokerage/orders'
const ORDER_PATHS = new Set([ORDERS, `${ORDERS}/edit`])
const CANCEL_PATH = `${ORDERS}/batch_cancel`
const PAGES_MAX = 40
const ORDERS_PER_PAGE = 250
const FILL_PAGES_MAX = 200
const FILLS_PER_PAGE = 100
const UNKNOWN = 'UNKNOWN_FAILURE_REASON'

interface Answer {
  readonly success?: boolean
  readonly error?: string
  readonly message?: string
  readonly error_response?: { error?: string; message?: string; preview_failure_reason?: string }
  readonly results?: readonly { success: boolean; failure_reason?: string }[]
  readonly errors?: readonly { edit_failure_reason?: string; preview_failure_reason?: string; id?: string }[]
}

function answerOf({ body }: HttpResponse): Answer | null {
  try {
    return JSON.parse(body) as Answer
  } catch {
    return null
  }
}

/** Why an order, an edit or a cancel was refused, whichever of Coinbase's ways it says so in. */
function reasonOf(answer: Answer): string | null {
  const { error_response: refused, results, errors } = answer
  if (refused !== undefined) {
    const { error = UNKNOWN, preview_failure_reason: preview, message = '' } = refused
    if (error === UNKNOWN && (preview === undefined || preview.startsWith('UNKNOWN'))) return null
    return `${error === UNKNOWN ? preview : error} ${message}`.trim()
  }
  const failed = results?.find(({ success }) => !success)
  if (failed !== undefined) return failed.failure_reason ?? null
  if (answer.success === false && errors !== undefined)
    return errors.map(one => one.edit_failure_reason ?? one.preview_failure_reason).join(', ')
  if (errors?.[0]?.id !== undefined) return errors[0].id
  return answer.error === undefined ? null : `${answer.error} ${answer.message ?? ''}`.trim()
}

export const coinbaseRest: RestDialect = {
  ccxt: 'coinbase',
  options: { fetchMarkets: { types: ['spot'] }, fetchBalance: { v3: true } },
  skipsCurrencies: true,
  tradesNameMaker: true,
  // A market buy is counted in money there; an order in lots is sent as a limit that the market has long passed.
  marketAsLimit: true,
  prepare(exchange) {
    if (!(exchange.secret ?? '').includes('EC PRIVATE KEY')) return
    const tokenOf = coinbaseTokens(exchange.apiKey ?? '', exchange.secret ?? '')
    const own = exchange as unknown as {
      createAuthToken: (seconds: number, method?: string, url?: string, useEddsa?: boolean) => string
    }
    own.createAuthToken = (seconds, method, url) =>
      tokenOf(seconds, url === undefined ? null : `${method} ${url.replace('https://', '').replace(/\?.*$/, '')}`)
  },
  kindOf: (method, path) =>
    method === 'POST' && ORDER_PATHS.has(path) ? 'order' : path === CANCEL_PATH ? 'cancel' : 'query',
  clientId: clientIdOf,
  order(request, { clientId, triggerPrice }) {
    const isMarket = request.type === 'market'
    const params: Record<string, unknown> = { client_order_id: clientId }
    if (isMarket) params.timeInForce = 'IOC'
    else if (request.timeInForce !== 'gtc') params.timeInForce = request.timeInForce.toUpperCase()
    if (request.postOnly === true) params.postOnly = true
    if (triggerPrice !== null) params.stopLossPrice = triggerPrice
    return { type: 'limit', params }
  },
  refusal(response) {
    const answer = answerOf(response)
    if (answer === null || response.status >= 500) return null
    return reasonOf(answer)
  },
  /** Newest first, by cursor. */
  async fills(exchange, symbol, sinceMs) {
    const market = exchange.market(symbol)
    const found: Trade[] = []
    let cursor = ''
    for (let page = 0; page < FILL_PAGES_MAX; page++) {
      const answer = (await exchange.request('brokerage/orders/historical/fills', ['v3', 'private'], 'GET', {
        product_ids: String(market?.id),
        start_sequence_timestamp: new Date(sinceMs).toISOString(),
        limit: FILLS_PER_PAGE,
        ...(cursor === '' ? {} : { cursor }),
      })) as { fills: object[]; cursor?: string }
      found.push(...exchange.parseTrades(answer.fills, market))
      cursor = answer.cursor ?? ''
      if (cursor === '' || answer.fills.length === 0) break
    }
    return found
  },
  async permissions(exchange) {
    const answer = (await exchange.request('brokerage/key_permissions', ['v3', 'private'], 'GET')) as Record<
      string,
      boolean
    >
    return { read: answer.can_view === true, trade: answer.can_trade === true, withdraw: answer.can_transfer === true }
  },
  /** There is no question by client id: the account's orders of the time are looked through. */
  async orderByClientId(exchange: Exchange, symbol, clientId, since) {
    const market = exchange.market(symbol)
    let cursor = ''
    for (let page = 0; page < PAGES_MAX; page++) {
      const answer = (await exchange.request('brokerage/orders/historical/batch', ['v3', 'private'], 'GET', {
        product_id: String(market?.id),
        start_date: new Date(since / 1_000).toISOString(),
        limit: ORDERS_PER_PAGE,
        ...(cursor === '' ? {} : { cursor }),
      })) as { orders: { client_order_id: string }[]; cursor?: string; has_next?: boolean }
      const found = answer.orders.find(({ client_order_id: id }) => id === clientId)
      if (found !== undefined) return exchange.parseOrder(found, market) as Order
      cursor = answer.cursor ?? ''
      if (answer.has_next !== true || cursor === '') return null
    }
    throw new Error(`not among the last ${PAGES_MAX * ORDERS_PER_PAGE} orders`)
  },
  amend: (exchange, _symbol, { venueOrderId, quantity, price }) =>
    exchange.request('brokerage/orders/edit', ['v3', 'private'], 'POST', {
      order_id: venueOrderId,
      size: quantity,
      ...(price === null ? {} : { price }),
    }),
  async cancelAll(exchange, symbols, only) {
    for (const symbol of only === null ? symbols : [only]) {
      const open = await exchange.fetchOpenOrders(symbol)
      if (open.length > 0)
        await exchange.cancelOrders(
          open.map(({ id }) => String(id)),
          symbol,
        )
    }
  },
}
