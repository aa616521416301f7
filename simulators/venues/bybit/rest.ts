import { MICROS_PER_MS } from '../../../src/kernel/index.ts'
import {
  type Account,
  type CallName,
  countOf,
  jsonObject,
  lastPrice,
  type NewSimulatedOrder,
  readLots,
  readTicks,
  type SimulatedAnswer,
  type SimulatedInstrument,
  type SimulatedOrder,
  type SimulatedRequest,
  textIn,
  type VenueContext,
} from '../core/index.ts'
import { fillInfo, keyInfo, ms, orderInfo, rate, walletInfo } from './answers.ts'
import type { BybitAuth } from './auth.ts'
import {
  type BybitError,
  DENIED,
  failed,
  INVALID_FILTER,
  INVALID_SIDE,
  INVALID_TIME,
  INVALID_TYPE,
  invalidData,
  NOT_SUPPORTED,
  ok,
  PRICE_TOO_PRECISE,
  parameters,
  QUANTITY_TOO_PRECISE,
  REFUSALS,
  UNKNOWN_ORDER,
  UNKNOWN_SYMBOL,
} from './errors.ts'
import { BYBIT_SYMBOLS, symbolNamed } from './instruments.ts'
import { isPublic } from './limits.ts'
import type { BybitMarket } from './market-data.ts'

/** Spot of a unified account: https://bybit-exchange.github.io/docs/v5/order/create-order and its neighbours. */

const CLOSED_KEPT = 500
const CLIENT_ID = /^[A-Za-z0-9_-]{1,36}$/

const CALLS: Readonly<Record<string, CallName>> = {
  '/v5/order/create': 'place',
  '/v5/order/amend': 'amend',
  '/v5/order/cancel': 'cancel',
  '/v5/order/cancel-all': 'cancel',
}

export const callOf = (request: SimulatedRequest): CallName =>
  isPublic(request) ? 'public' : (CALLS[request.path] ?? 'query')

/** The fields of a request, of the query or of the JSON in its body: texts, or nothing. */
type Fields = (name: string) => string | undefined

export class BybitRest {
  readonly #context: VenueContext
  readonly #auth: BybitAuth
  readonly #market: BybitMarket

  constructor(context: VenueContext, auth: BybitAuth, market: BybitMarket) {
    this.#context = context
    this.#auth = auth
    this.#market = market
  }

  answer(request: SimulatedRequest): SimulatedAnswer {
    if (isPublic(request)) return this.#market.answer(request)
    const now = ms(this.#context.now())
    const account = this.#auth.verify(request)
    if ('retCode' in account) return failed(account, now)
    const fields = fieldsOf(request)
    if (fields === null) return failed(parameters('the body is no JSON object'), now)
    const result = this.#private(`${request.method} ${request.path}`, account, fields)
    if (result === null) return { status: 404, body: '404 page not found' }
    return isError(result) ? failed(result, now) : ok(result, now)
  }

  /** The result or an error; null where there is nothing of that name. */
  #private(name: string, account: Account, fields: Fields): object | null {
    switch (name) {
      case 'GET /v5/user/query-api':
        return keyInfo(account)
      case 'GET /v5/account/info':
        return { unifiedMarginStatus: 6, marginMode: 'REGULAR_MARGIN', dcpStatus: 'OFF', timeWindow: 0, smpGroup: 0 }
      case 'GET /v5/account/wallet-balance': {
        if (fields('accountType') !== 'UNIFIED') return parameters('accountType')
        const coins = fields('coin')?.split(',')
        return { list: [walletInfo(account, coins ?? account.assets)] }
      }
      case 'GET /v5/asset/coin/query-info':
        return { rows: account.assets.map(coin => ({ name: coin, coin, remainAmount: '0', chains: [] })) }
    }
    const category = fields('category')
    if (category === undefined) return parameters('category')
    // Derivatives are other markets: nobody has orders there.
    if (category !== 'spot') return name.startsWith('GET ') ? { category, list: [], nextPageCursor: '' } : NOT_SUPPORTED
    const listed = symbolNamed(fields('symbol'))
    if (fields('symbol') !== undefined && listed === undefined) return UNKNOWN_SYMBOL
    if (name.startsWith('POST ') && !account.permissions.trade) return DENIED
    switch (name) {
      case 'GET /v5/account/fee-rate':
        return {
          category,
          list: (listed === undefined ? BYBIT_SYMBOLS : [listed]).map(({ symbol, makerPpm, takerPpm }) => ({
            symbol,
            baseCoin: '',
            makerFeeRate: rate(makerPpm),
            takerFeeRate: rate(takerPpm),
          })),
        }
      case 'GET /v5/order/realtime':
        return this.#realtime(account, listed, fields)
      case 'GET /v5/order/history':
        return this.#history(account, listed, fields)
      case 'GET /v5/execution/list':
        return this.#executions(account, listed, fields)
      case 'POST /v5/order/create':
        return listed === undefined ? parameters('symbol') : this.#create(account, listed, fields)
      case 'POST /v5/order/amend':
        return this.#amend(account, fields)
      case 'POST /v5/order/cancel':
        return this.#cancel(account, fields)
      case 'POST /v5/order/cancel-all': {
        const open = this.#context.exchange.openOrdersOf(account, listed).filter(order => isOfFilter(order, fields))
        for (const order of open) this.#context.exchange.cancel(order, this.#context.now())
        return { list: open.map(idsOf), success: '1' }
      }
    }
    return null
  }

  #create(account: Account, listed: SimulatedInstrument, fields: Fields): object {
    const wish = wishOf(listed, fields)
    if (isError(wish)) return wish
    if (wish.triggerPrice !== null && wish.triggerPrice !== undefined) {
      const last = lastPrice(this.#context, listed)
      // On the other side of the price it would take a profit.
      if (wish.side === 'buy' ? wish.triggerPrice <= last : wish.triggerPrice >= last) return NOT_SUPPORTED
    }
    const placed = this.#context.exchange.place(account, wish, this.#context.now())
    return typeof placed === 'string' ? REFUSALS[placed] : idsOf(placed)
  }

  #amend(account: Account, fields: Fields): object {
    const order = this.#named(account, fields)
    if (order?.state !== 'open') return UNKNOWN_ORDER
    const quantity = fields('qty') === undefined ? undefined : lotsIn(order.instrument, fields, 'qty')
    const price = fields('price') === undefined ? undefined : ticksIn(order.instrument, fields, 'price')
    if (isError(quantity)) return quantity
    if (isError(price)) return price
    if (quantity === undefined && price === undefined) return parameters('qty or price')
    const refusal = this.#context.exchange.amend(order, { quantity, price }, this.#context.now())
    return refusal === null ? idsOf(order) : REFUSALS[refusal]
  }

  #cancel(account: Account, fields: Fields): object {
    if (fields('orderId') === undefined && fields('orderLinkId') === undefined)
      return parameters('orderId or orderLinkId')
    const order = this.#named(account, fields)
    if (order === undefined || !isOfFilter(order, fields)) return UNKNOWN_ORDER
    if (!this.#context.exchange.cancel(order, this.#context.now())) return UNKNOWN_ORDER
    return idsOf(order)
  }

  /** Open orders; named ones and, with `openOnly=1`, all of them also when they have ended lately. */
  #realtime(account: Account, listed: SimulatedInstrument | undefined, fields: Fields): object {
    const { exchange } = this.#context
    const isNamed = fields('orderId') !== undefined || fields('orderLinkId') !== undefined
    const wanted = (order: SimulatedOrder) =>
      (listed === undefined || order.instrument === listed) && matches(order, fields)
    if (!isNamed && fields('openOnly') !== '1')
      return pageOf(exchange.openOrdersOf(account).filter(wanted), fields, 20, 50)
    const closed = exchange.ordersOf(account).filter(({ state }) => state !== 'open')
    const open = isNamed ? exchange.openOrdersOf(account) : []
    return pageOf([...open, ...closed.slice(-CLOSED_KEPT)].filter(wanted), fields, 20, 50)
  }

  #history(account: Account, listed: SimulatedInstrument | undefined, fields: Fields): object {
    const orders = this.#context.exchange
      .ordersOf(account)
      .filter(order => order.state !== 'open' && (listed === undefined || order.instrument === listed))
      .filter(order => matches(order, fields) && isWithin(order.createdAt, fields))
    return pageOf(orders, fields, 20, 50)
  }

  #executions(account: Account, listed: SimulatedInstrument | undefined, fields: Fields): object {
    const fills = this.#context.exchange
      .fillsOf(account)
      .filter(({ order, at }) => (listed === undefined || order.instrument === listed) && isWithin(at, fields))
      .filter(({ order }) => matches(order, fields))
    const { page, nextPageCursor } = cut(fills, fields, 50, 100)
    return { category: 'spot', list: page.map(fillInfo), nextPageCursor }
  }

  #named(account: Account, fields: Fields): SimulatedOrder | undefined {
    const { exchange } = this.#context
    const [id, clientId] = [fields('orderId'), fields('orderLinkId')]
    const order = id === undefined ? exchange.orderByClientId(account, clientId ?? '') : exchange.order(account, id)
    return order?.instrument.symbol === fields('symbol') ? order : undefined
  }
}

const isError = (value: unknown): value is BybitError =>
  typeof value === 'object' && value !== null && 'retCode' in value

const idsOf = ({ id, clientId }: SimulatedOrder) => ({ orderId: id, orderLinkId: clientId ?? '' })

function fieldsOf({ method, query, body }: SimulatedRequest): Fields | null {
  if (method === 'GET') return name => query.get(name) || undefined
  const values = jsonObject(body)
  return values === null ? null : name => textIn(values, name) || undefined
}

/** Stops are canceled apart; without a filter plain orders are meant. */
const isOfFilter = ({ triggerPrice }: SimulatedOrder, fields: Fields): boolean =>
  (fields('orderFilter') ?? 'Order') === (triggerPrice === null ? 'Order' : 'tpslOrder')

const matches = ({ id, clientId }: SimulatedOrder, fields: Fields): boolean =>
  (fields('orderId') ?? id) === id && (fields('orderLinkId') ?? clientId) === clientId

function isWithin(at: number, fields: Fields): boolean {
  const start = Number(fields('startTime') ?? 0) * MICROS_PER_MS
  const end = Number(fields('endTime') ?? Number.POSITIVE_INFINITY) * MICROS_PER_MS
  return at >= start && Math.floor(at / MICROS_PER_MS) * MICROS_PER_MS <= end
}

/** Newest first; a cursor names the last one that was shown. */
function cut<T extends { readonly number: number }>(all: readonly T[], fields: Fields, usual: number, most: number) {
  const limit = countOf(fields('limit'), usual, most)
  const before = Number(fields('cursor') ?? Number.POSITIVE_INFINITY)
  const rest = all.filter(({ number }) => number < before).sort((a, b) => b.number - a.number)
  const page = rest.slice(0, limit)
  return { page, nextPageCursor: rest.length > limit ? String(page.at(-1)!.number) : '' }
}

function pageOf(orders: readonly SimulatedOrder[], fields: Fields, usual: number, most: number): object {
  const { page, nextPageCursor } = cut(orders, fields, usual, most)
  return { category: 'spot', list: page.map(orderInfo), nextPageCursor }
}

const lotsIn = (listed: SimulatedInstrument, fields: Fields, name: string): number | BybitError =>
  readLots(listed, fields(name) ?? '', invalidData(name), QUANTITY_TOO_PRECISE)

const ticksIn = (listed: SimulatedInstrument, fields: Fields, name: string): number | BybitError =>
  readTicks(listed, fields(name) ?? '', invalidData(name), PRICE_TOO_PRECISE)

const TIMES: Readonly<Record<string, NewSimulatedOrder['timeInForce']>> = {
  GTC: 'gtc',
  IOC: 'ioc',
  FOK: 'fok',
  PostOnly: 'gtc',
}

/** The order that is meant. Stops are the account's `tpslOrder`s, which hold their funds while they wait. */
function wishOf(listed: SimulatedInstrument, fields: Fields): NewSimulatedOrder | BybitError {
  const side = fields('side')
  if (side !== 'Buy' && side !== 'Sell') return INVALID_SIDE
  const type = fields('orderType')
  if (type !== 'Limit' && type !== 'Market') return INVALID_TYPE
  const isLimit = type === 'Limit'
  const filter = fields('orderFilter') ?? 'Order'
  if (filter === 'StopOrder') return NOT_SUPPORTED
  if (filter !== 'Order' && filter !== 'tpslOrder') return INVALID_FILTER
  const isStop = filter === 'tpslOrder'
  const timeInForce = isLimit ? TIMES[fields('timeInForce') ?? 'GTC'] : 'ioc'
  if (timeInForce === undefined) return INVALID_TIME
  // Without a unit the quantity of a market buy is in the quote coin.
  if (!isLimit && (fields('marketUnit') ?? (side === 'Buy' ? 'quoteCoin' : 'baseCoin')) !== 'baseCoin')
    return NOT_SUPPORTED
  const clientId = fields('orderLinkId') ?? null
  if (clientId !== null && !CLIENT_ID.test(clientId)) return invalidData('orderLinkId')
  const quantity = lotsIn(listed, fields, 'qty')
  if (isError(quantity)) return quantity
  const price = isLimit ? ticksIn(listed, fields, 'price') : null
  if (isError(price)) return price
  const triggerPrice = isStop ? ticksIn(listed, fields, 'triggerPrice') : null
  if (isError(triggerPrice)) return triggerPrice
  return {
    clientId,
    instrument: listed,
    side: side === 'Buy' ? 'buy' : 'sell',
    type: isStop ? (isLimit ? 'stop_limit' : 'stop') : isLimit ? 'limit' : 'market',
    timeInForce: isLimit ? timeInForce : 'gtc',
    postOnly: fields('timeInForce') === 'PostOnly',
    price,
    triggerPrice,
    quantity,
  }
}
