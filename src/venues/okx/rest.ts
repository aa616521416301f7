import type { Exchange, Order, Trade } from 'ccxt'
import { clientIdOf } from '../connector/client-id.ts'
import type { RestDialect } from '../connector/definition.ts'
import type { HttpResponse } from '../port/index.ts'

/** Spot in cash: https://www.okx.com/docs-v5/en/#order-book-trading-trade */
const ORDER_PATHS = /^\/api\/v5\/trade\/(order|batch-orders|amend-order)$/
const CANCEL_PATHS = /^\/api\/v5\/trade\/cancel-(order|batch-orders)$/
/** Codes that say nothing of whether the request was carried out: https://www.okx.com/docs-v5/en/#error-code */
const PROVES_NOTHING = new Set(['50001', '50004', '50005', '50013', '50026', '51054', '51149', '59200'])
const TIMED_OUT = new Set(['51054', '51149'])
const BATCH = 20
const PAGE = 100
const PAGES_MAX = 1_000

interface Answer {
  readonly code?: unknown
  readonly msg?: unknown
  readonly data?: readonly { readonly sCode?: string; readonly sMsg?: string }[]
}

/** The code and words of an answer: an order's own where there is one. */
function faultOf({ body }: HttpResponse): { code: string; message: string } | null {
  try {
    const { code, msg, data } = JSON.parse(body) as Answer
    if (typeof code !== 'string') return null
    const row = Array.isArray(data) ? data.find(({ sCode }) => sCode !== undefined && sCode !== '0') : undefined
    return row === undefined ? { code, message: String(msg) } : { code: row.sCode!, message: String(row.sMsg) }
  } catch {
    return null
  }
}

const instIdOf = (exchange: Exchange, pair: string): string => String(exchange.market(pair).id)

export const okxRest: RestDialect = {
  ccxt: 'okx',
  signsTime: true,
  options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, createOrder: 'privatePostTradeOrder' },
  skipsCurrencies: true,
  kindOf(method, path) {
    if (method === 'GET') return 'query'
    return ORDER_PATHS.test(path) ? 'order' : CANCEL_PATHS.test(path) ? 'cancel' : 'query'
  },
  clientId: clientIdOf,
  order(request, { clientId }) {
    const params: Record<string, unknown> = { clientOrderId: clientId }
    if (request.postOnly === true) params.postOnly = true
    else if (request.type === 'limit' && request.timeInForce !== 'gtc')
      params.timeInForce = request.timeInForce.toUpperCase()
    return { type: request.type === 'limit' ? 'limit' : 'market', params }
  },
  refusal(response) {
    const fault = faultOf(response)
    if (fault === null || fault.code === '0' || response.status >= 500 || PROVES_NOTHING.has(fault.code)) return null
    return `${fault.code} ${fault.message}`
  },
  isDown: response => TIMED_OUT.has(faultOf(response)?.code ?? ''),
  isNonceFault: response => faultOf(response)?.code === '50102',
  async permissions(exchange) {
    const { data } = (await exchange.request('account/config', 'private', 'GET')) as {
      data: readonly { perm: string }[]
    }
    const granted = data[0]?.perm.split(',') ?? []
    return {
      read: granted.includes('read_only'),
      trade: granted.includes('trade'),
      withdraw: granted.includes('withdraw'),
    }
  },
  /** What is paid is below zero there. */
  async fees(exchange, pair) {
    const params = { instType: 'SPOT', instId: instIdOf(exchange, pair) }
    const { data } = (await exchange.request('account/trade-fee', 'private', 'GET', params)) as {
      data: readonly { maker: string; taker: string }[]
    }
    const [{ maker, taker }] = data as [(typeof data)[number]]
    return { maker: -Number(maker), taker: -Number(taker) }
  },
  orderByClientId: (exchange, pair, clientId) => exchange.fetchOrder('', pair, { clientOrderId: clientId }),
  /** Newest first, each page after the last bill of the one before. */
  async fills(exchange, pair, sinceMs) {
    const found: Trade[] = []
    let after: string | undefined
    for (let page = 0; page < PAGES_MAX; page++) {
      const from = after === undefined ? {} : { after }
      const params = { instType: 'SPOT', instId: instIdOf(exchange, pair), begin: sinceMs, limit: PAGE, ...from }
      const { data } = (await exchange.request('trade/fills-history', 'private', 'GET', params)) as {
        data: readonly { billId: string }[]
      }
      for (const row of data) found.push(exchange.parseTrade(row, exchange.market(pair)) as Trade)
      after = data.at(-1)?.billId
      if (data.length < PAGE) break
    }
    return found
  },
  amend: (exchange, pair, { venueOrderId, clientId, quantity, price }) =>
    exchange.request('trade/amend-order', 'private', 'POST', {
      instId: instIdOf(exchange, pair),
      ...(venueOrderId === null ? { clOrdId: clientId } : { ordId: venueOrderId }),
      newSz: quantity,
      ...(price === null ? {} : { newPx: price }),
    }),
  /** A hundred a page, newest first; the next page is of those before an id. */
  async openOrders(exchange, pair) {
    const found = new Map<string, Order>()
    let after: string | undefined
    for (let page = 0; page < PAGES_MAX; page++) {
      const { data } = (await exchange.request('trade/orders-pending', 'private', 'GET', {
        instType: 'SPOT',
        ...(pair === undefined ? {} : { instId: instIdOf(exchange, pair) }),
        limit: String(PAGE),
        ...(after === undefined ? {} : { after }),
      })) as { data: readonly { ordId: string }[] }
      for (const order of exchange.parseOrders([...data])) found.set(String(order.id), order)
      after = data.at(-1)?.ordId
      if (data.length < PAGE) return [...found.values()]
    }
    throw new Error(`more than ${PAGES_MAX} pages of open orders`)
  },
  cancelByClientId: clientId => ({ clientOrderId: clientId }),
  /** There is no one call for spot: what is open is asked for, and canceled twenty at a time. */
  async cancelAll(exchange, _symbols, only) {
    for (let page = 0; page < PAGES_MAX; page++) {
      const open = await exchange.fetchOpenOrders(only ?? undefined, undefined, PAGE)
      for (let i = 0; i < open.length; i += BATCH) {
        const orders = open
          .slice(i, i + BATCH)
          .map(({ id, symbol }) => ({ instId: instIdOf(exchange, symbol!), ordId: id }))
        // ccxt sends a list as it is, whatever its types say.
        await exchange.request(
          'trade/cancel-batch-orders',
          'private',
          'POST',
          orders as unknown as Record<string, unknown>,
        )
      }
      if (open.length < PAGE) return
    }
  },
}
