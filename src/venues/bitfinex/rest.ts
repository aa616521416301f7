import type { Exchange, Order, Trade } from 'ccxt'
import { MICROS_PER_MS } from '../../kernel/index.ts'
import { numericClientIdOf } from '../connector/client-id.ts'
import type { RestDialect } from '../connector/definition.ts'
import { decimalOf } from '../connector/instruments.ts'
import type { HttpResponse } from '../port/index.ts'
import { amountOf, clientIdOf, type OrderRow } from './order-row.ts'

/** https://docs.bitfinex.com/reference/rest-auth-submit-order and its neighbours */
const ORDER_PATHS = new Set(['/v2/auth/w/order/submit', '/v2/auth/w/order/update'])
const CANCEL_PATHS = new Set(['/v2/auth/w/order/cancel', '/v2/auth/w/order/cancel/multi'])
/** Codes that say nothing of whether the request was carried out: an error that it does not know, and maintenance. */
const PROVES_NOTHING = new Set([10_000, 20_051, 20_060, 20_061])
const NONCE_SMALL = 10_114
const SIGNIFICANT_DIGITS = 5
const ROWS_MAX = 2_500
const PAGES_MAX = 1_000
const DAY_MS = 86_400_000

/** `["error", 10001, "Invalid order: …"]`, or a notification whose status is not success. */
function faultOf({ body }: HttpResponse): { code: number; text: string } | null {
  try {
    const answer: unknown = JSON.parse(body)
    if (!Array.isArray(answer)) return null
    if (answer[0] === 'error') return { code: Number(answer[1]), text: String(answer[2]) }
    const [, , , , , code, status, text] = answer as readonly unknown[]
    return status === 'ERROR' || status === 'FAILURE' ? { code: Number(code ?? 0), text: String(text) } : null
  } catch {
    return null
  }
}

const symbolOf = (exchange: Exchange, pair: string): string => String(exchange.market(pair).id)

const write = (exchange: Exchange, path: string, fields: object) =>
  exchange.request(`auth/w/order/${path}`, 'private', 'POST', fields)

const ordersOf = (exchange: Exchange, pair: string, isOver: boolean, fields: object): Promise<OrderRow[]> =>
  exchange.request(`auth/r/orders/{symbol}${isOver ? '/hist' : ''}`, 'private', 'POST', {
    symbol: symbolOf(exchange, pair),
    ...fields,
  }) as Promise<OrderRow[]>

/** ccxt reads the status up to its first space, and so takes "IOC CANCELED" for an open order. */
function parsed(exchange: Exchange, pair: string, row: OrderRow): Order {
  const order = exchange.parseOrder({ result: row }, exchange.market(pair)) as Order
  const status = /CANCELED/.test(String(row[13])) ? 'canceled' : order.status
  return { ...order, status }
}

/** Open orders are in one list and those that are over in another. */
async function found(
  exchange: Exchange,
  pair: string,
  fields: object,
  is: (row: OrderRow) => boolean,
): Promise<Order | null> {
  for (const isOver of [false, true]) {
    const row = (await ordersOf(exchange, pair, isOver, isOver ? { limit: ROWS_MAX, ...fields } : fields)).find(is)
    if (row !== undefined) return parsed(exchange, pair, row)
  }
  return null
}

/** Five significant digits of a price: its tick. */
const tickOf = (price: number): string => {
  const exponent = Math.floor(Math.log10(price)) - SIGNIFICANT_DIGITS + 1
  return exponent >= 0 ? String(10 ** exponent) : `0.${'0'.repeat(-exponent - 1)}1`
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

export const bitfinexRest: RestDialect = {
  ccxt: 'bitfinex',
  options: { fetchOrderBook: { precision: 'P0' } },
  skipsCurrencies: true,
  depths: [1, 25, 100, 250],
  lot: '0.00000001',
  kindOf: (_method, path) => (ORDER_PATHS.has(path) ? 'order' : CANCEL_PATHS.has(path) ? 'cancel' : 'query'),
  clientId: numericClientIdOf,
  order(request, { clientId, triggerPrice }) {
    const isLimit = request.type === 'limit' || request.type === 'stop_limit'
    const params: Record<string, unknown> = { clientOrderId: Number(clientId) }
    if (request.postOnly === true) params.postOnly = true
    else if (request.type === 'limit' && request.timeInForce !== 'gtc')
      params.timeInForce = request.timeInForce.toUpperCase()
    if (triggerPrice !== null) params.triggerPrice = triggerPrice
    return { type: isLimit ? 'limit' : 'market', params }
  },
  refusal(response) {
    const fault = faultOf(response)
    return fault === null || PROVES_NOTHING.has(fault.code) ? null : `${fault.code} ${fault.text}`
  },
  isNonceFault: response => faultOf(response)?.code === NONCE_SMALL,
  /** Prices have five significant digits, wherever they are. */
  async ticks(exchange) {
    const rows = (await exchange.request('tickers', 'public', 'GET', { symbols: 'ALL' })) as [string, ...number[]][]
    const prices = new Map(rows.map(([symbol, ...ticker]) => [symbol, Number(ticker[6])]))
    return market => {
      const price = prices.get(String(market.id)) ?? 0
      return price > 0 ? tickOf(price) : undefined
    }
  },
  async permissions(exchange) {
    const rows = (await exchange.request('auth/r/permissions', 'private', 'POST')) as [string, number, number][]
    const of = (scope: string) => rows.find(([name]) => name === scope) ?? [scope, 0, 0]
    return { read: of('orders')[1] === 1, trade: of('orders')[2] === 1, withdraw: of('withdraw')[2] === 1 }
  },
  orderByVenueId: (exchange, pair, id) => found(exchange, pair, { id: [Number(id)] }, row => String(row[0]) === id),
  orderByClientId: (exchange, pair, clientId, since) =>
    found(exchange, pair, { start: Math.floor(since / MICROS_PER_MS) }, row => clientIdOf(row) === clientId),
  /** Oldest first, each page from the time of the last one on. */
  async fills(exchange, pair, sinceMs) {
    const trades = new Map<string, Trade>()
    let start = sinceMs
    for (let page = 0; page < PAGES_MAX; page++) {
      const rows = (await exchange.request('auth/r/trades/{symbol}/hist', 'private', 'POST', {
        symbol: symbolOf(exchange, pair),
        start,
        sort: 1,
        limit: ROWS_MAX,
      })) as [id: number, symbol: string, ms: number][]
      const before = trades.size
      for (const row of rows)
        trades.set(String(row[0]), exchange.parseTrade({ result: row }, exchange.market(pair)) as Trade)
      if (rows.length < ROWS_MAX || trades.size === before) break
      start = rows.at(-1)![2]
    }
    return [...trades.values()]
  },
  /** What is added or taken away is told, so that a fill on the way changes nothing of what is meant. */
  async amend(exchange, pair, { venueOrderId, clientId, side, quantity, price }) {
    const rows = await ordersOf(exchange, pair, false, venueOrderId === null ? {} : { id: [Number(venueOrderId)] })
    const row = rows.find(one =>
      venueOrderId === null ? clientIdOf(one) === clientId : String(one[0]) === venueOrderId,
    )
    const delta = row === undefined ? '0' : difference(quantity, amountOf(row).replace('-', ''), side)
    return write(exchange, 'update', {
      id: row === undefined ? Number(venueOrderId ?? 0) : row[0],
      ...(delta === '0' ? {} : { delta }),
      ...(price === null ? {} : { price }),
    })
  },
  /** A client id is one of its day: today's, or else yesterday's. */
  async cancel(exchange, _pair, { venueOrderId, clientId }) {
    if (venueOrderId !== null) return write(exchange, 'cancel', { id: Number(venueOrderId) })
    const now = exchange.milliseconds()
    const cancel = (ms: number) => write(exchange, 'cancel', { cid: Number(clientId), cid_date: day(ms) })
    try {
      return await cancel(now)
    } catch (error) {
      if (!(error instanceof Error && error.name === 'OrderNotFound')) throw error
      return cancel(now - DAY_MS)
    }
  },
  cancelByClientId: clientId => ({ cid: Number(clientId) }),
  async cancelAll(exchange, _symbols, only) {
    if (only === null) {
      await write(exchange, 'cancel/multi', { all: 1 })
      return
    }
    const open = await ordersOf(exchange, only, false, {})
    if (open.length > 0) await write(exchange, 'cancel/multi', { id: open.map(([id]) => id) })
  },
}

const DECIMALS = 8

/** `to − from`, signed as an order of that side is. */
function difference(to: string, from: string, side: 'buy' | 'sell'): string {
  const units = (text: string) => {
    const [whole = '0', fraction = ''] = text.split('.')
    return BigInt(whole + fraction.padEnd(DECIMALS, '0').slice(0, DECIMALS))
  }
  const change = (units(to) - units(from)) * (side === 'buy' ? 1n : -1n)
  const digits = (change < 0n ? -change : change).toString().padStart(DECIMALS + 1, '0')
  const text = decimalOf(`${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`)!
  return change < 0n ? `-${text}` : text
}
