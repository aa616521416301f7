import { MICROS_PER_MS, MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import {
  type Account,
  type CallName,
  countOf,
  type Fields,
  isWaiting,
  jsonObject,
  lastPrice,
  type SimulatedAnswer,
  type SimulatedInstrument,
  type SimulatedOrder,
  type SimulatedRequest,
  textIn,
  type VenueContext,
} from '../core/index.ts'
import { accountInfo, fillInfo, fillKey, keyInfo, ms, orderInfo, rate } from './answers.ts'
import type { KucoinAuth } from './auth.ts'
import {
  DENIED,
  failed,
  type KucoinError,
  NOT_CANCELABLE,
  ok,
  parameter,
  REFUSALS,
  UNKNOWN_ORDER,
  UNKNOWN_SYMBOL,
  UNKNOWN_URL,
} from './errors.ts'
import { instrumentNamed } from './instruments.ts'
import { DEPTH, type KucoinMarket } from './market-data.ts'
import { isError, lotsIn, stopOf, ticksIn, wishOf } from './new-order.ts'
import { KucoinStops } from './stop-orders.ts'

/** Spot orders and accounts: https://www.kucoin.com/docs-new/rest/spot-trading/orders/introduction */

const PAGE = 20
const PAGE_MAX = 100
/** Of the dead-man switch, in seconds: https://www.kucoin.com/docs-new/rest/spot-trading/orders/set-dcp */
const SWITCH_MIN = 5
const SWITCH_MAX = 86_400
const ORDERS = '/v1/hf/orders'
const PUBLIC = /^\/(v1\/(market|timestamp|status|bullet-public)|v2\/symbols|v3\/currencies|v1\/contracts)/

const pathOf = ({ path }: SimulatedRequest): string => path.replace(/^\/api/, '')

export function callOf(request: SimulatedRequest): CallName {
  const path = pathOf(request)
  if (PUBLIC.test(path)) return 'public'
  const isOrders = path.startsWith(ORDERS) || path.startsWith('/v1/stop-order')
  if (!isOrders || request.method === 'GET') return 'query'
  if (request.method === 'DELETE' || path.endsWith('/dead-cancel-all')) return 'cancel'
  return path.endsWith('/alter') ? 'amend' : 'place'
}

export class KucoinRest {
  readonly #context: VenueContext
  readonly #auth: KucoinAuth
  readonly #market: KucoinMarket
  readonly #stops: KucoinStops

  constructor(context: VenueContext, auth: KucoinAuth, market: KucoinMarket) {
    this.#context = context
    this.#auth = auth
    this.#market = market
    this.#stops = new KucoinStops(context)
  }

  onTick(at: Micros): void {
    for (const account of this.#context.switches.takeDue(at)) this.#cancelAll(account, undefined)
  }

  answer(request: SimulatedRequest): SimulatedAnswer {
    const path = pathOf(request)
    if (path === '/v1/bullet-public') return this.#bullet(null)
    // Futures are another market: none is listed here.
    if (path === '/v1/contracts/active') return ok([])
    if (PUBLIC.test(path)) return this.#market.answer(request, path)
    const account = this.#auth.verify(request)
    if ('code' in account) return failed(account)
    const { method, query } = request
    const isChange = (path.startsWith(ORDERS) || path.startsWith('/v1/stop-order')) && method !== 'GET'
    if (isChange && !account.permissions.trade) return failed(DENIED)
    if (method === 'POST') return this.#post(path, account, request.body)
    if (path.startsWith('/v1/stop-order'))
      return this.#stops.answer(method, path.slice('/v1/stop-order'.length), account, query)
    if (method === 'DELETE') return this.#delete(path, account, query)
    return method === 'GET' ? this.#get(path, account, query) : failed(UNKNOWN_URL)
  }

  #get(path: string, account: Account, query: URLSearchParams): SimulatedAnswer {
    switch (path) {
      case '/ua/v1/account/mode':
        return ok({ selfAccountMode: 'CLASSIC' })
      case '/v1/hf/accounts/opened':
        return ok(true)
      case '/v3/margin/symbols':
        return ok({ timestamp: ms(this.#context.now()), items: [] })
      case '/v1/isolated/symbols':
        return ok([])
      case '/v1/user/api-key':
        return ok(keyInfo(account))
      case '/v1/accounts': {
        const type = query.get('type') ?? 'trade'
        const wanted = query.get('currency')
        const isTrading = type === 'trade' || type === 'trade_hf'
        const held = isTrading ? account.assets.filter(asset => wanted === null || asset === wanted) : []
        return ok(held.map(asset => accountInfo(account, asset, type)))
      }
      case '/v1/trade-fees': {
        const listed = (query.get('symbols') ?? '').split(',').map(instrumentNamed)
        if (listed.includes(undefined)) return failed(UNKNOWN_SYMBOL)
        return ok(
          listed.map(one => ({
            symbol: one!.symbol,
            takerFeeRate: rate(one!.takerPpm),
            makerFeeRate: rate(one!.makerPpm),
          })),
        )
      }
    }
    return this.#getOrders(path, account, query)
  }

  #getOrders(path: string, account: Account, query: URLSearchParams): SimulatedAnswer {
    const { exchange } = this.#context
    if (path === `${ORDERS}/active/symbols`) {
      const symbols = this.#openOf(account, undefined).map(({ instrument }) => instrument.symbol)
      return ok({ symbols: [...new Set(symbols)] })
    }
    if (path === `${ORDERS}/dead-cancel-all/query`) return ok(this.#switchOf(account))
    const listed = instrumentNamed(query.get('symbol'))
    if (listed === undefined) return failed(query.has('symbol') ? UNKNOWN_SYMBOL : parameter('symbol'))
    switch (path) {
      case '/v3/market/orderbook/level2':
        return this.#market.book(listed, DEPTH)
      case `${ORDERS}/active`:
        return ok(this.#openOf(account, listed).map(orderInfo))
      case `${ORDERS}/done`: {
        const done = exchange
          .ordersOf(account)
          .filter(order => order.state !== 'open' && order.instrument === listed && !isWaiting(order))
        const { items, lastId } = pageOf(
          done,
          query,
          ({ number }) => number,
          ({ createdAt }) => createdAt,
        )
        return ok({ lastId, items: items.map(orderInfo) })
      }
      case '/v1/hf/fills': {
        const orderId = query.get('orderId')
        const fills = exchange
          .fillsOf(account)
          .filter(({ order }) => order.instrument === listed && (orderId === null || order.id === orderId))
        const { items, lastId } = pageOf(fills, query, fillKey, ({ at }) => at)
        return withNumbers(ok({ lastId, items: items.map(fillInfo) }), 'tradeId')
      }
    }
    const order = this.#named(path, account, listed)
    if (order === 'nowhere') return failed(UNKNOWN_URL)
    return order === undefined || isWaiting(order) ? failed(UNKNOWN_ORDER) : ok(orderInfo(order))
  }

  #post(path: string, account: Account, body: string): SimulatedAnswer {
    if (path === '/v1/bullet-private') return this.#bullet(account)
    const fields = jsonObject(body || '{}')
    if (fields === null) return failed({ code: '400000', msg: 'Bad Request', status: 400 })
    switch (path) {
      case ORDERS:
      case `${ORDERS}/sync`: {
        const placed = this.#place(account, fields, wishOf)
        return isError(placed) ? failed(placed) : ok({ orderId: placed.id, clientOid: placed.clientId ?? '' })
      }
      case '/v1/stop-order': {
        const placed = this.#place(account, fields, (listed, one) =>
          stopOf(listed, one, lastPrice(this.#context, listed)),
        )
        return isError(placed) ? failed(placed) : ok({ orderId: placed.id, clientOid: placed.clientId ?? '' })
      }
      case `${ORDERS}/alter`:
        return this.#alter(account, fields)
      case `${ORDERS}/dead-cancel-all`:
        return this.#setSwitch(account, fields)
    }
    return failed(UNKNOWN_URL)
  }

  #delete(path: string, account: Account, query: URLSearchParams): SimulatedAnswer {
    if (path === `${ORDERS}/cancelAll`) {
      const symbols = this.#cancelAll(account, undefined).map(({ instrument }) => instrument.symbol)
      return ok({ succeedSymbols: [...new Set(symbols)], failedSymbols: [] })
    }
    const listed = instrumentNamed(query.get('symbol'))
    if (listed === undefined) return failed(query.has('symbol') ? UNKNOWN_SYMBOL : parameter('symbol'))
    if (path === ORDERS) {
      this.#cancelAll(account, listed)
      return ok('success')
    }
    const order = this.#named(path, account, listed)
    if (order === 'nowhere') return failed(UNKNOWN_URL)
    if (order === undefined || isWaiting(order) || !this.#context.exchange.cancel(order, this.#context.now()))
      return failed(NOT_CANCELABLE)
    return ok(path.includes('/client-order/') ? { clientOid: order.clientId } : { orderId: order.id })
  }

  #place(account: Account, fields: Fields, read: typeof wishOf): SimulatedOrder | KucoinError {
    const listed = instrumentNamed(textIn(fields, 'symbol'))
    if (listed === undefined) return UNKNOWN_SYMBOL
    const late = this.#isLate(fields)
    if (late !== null) return late
    const wish = read(listed, fields)
    if (isError(wish)) return wish
    const placed = this.#context.exchange.place(account, wish, this.#context.now())
    return typeof placed === 'string' ? REFUSALS[placed] : placed
  }

  /** An order may say how old it is allowed to have become when it arrives. */
  #isLate(fields: Fields): KucoinError | null {
    if (textIn(fields, 'allowMaxTimeWindow') === '') return null
    const until = Number(fields.clientTimestamp) + Number(fields.allowMaxTimeWindow)
    if (Number.isNaN(until)) return parameter('clientTimestamp')
    return this.#context.now() > until * MICROS_PER_MS ? parameter('allowMaxTimeWindow') : null
  }

  /** The order is canceled, and another takes its place, of the same client id. */
  #alter(account: Account, fields: Fields): SimulatedAnswer {
    const { exchange } = this.#context
    const listed = instrumentNamed(textIn(fields, 'symbol'))
    if (listed === undefined) return failed(UNKNOWN_SYMBOL)
    const id = textIn(fields, 'orderId')
    const clientOid = textIn(fields, 'clientOid')
    const order = id === '' ? exchange.orderByClientId(account, clientOid) : exchange.order(account, id)
    if (order?.state !== 'open' || order.instrument !== listed || isWaiting(order)) return failed(NOT_CANCELABLE)
    const size = textIn(fields, 'newSize') === '' ? order.quantity : lotsIn(listed, fields, 'newSize')
    const price = textIn(fields, 'newPrice') === '' ? order.price : ticksIn(listed, fields, 'newPrice')
    if (isError(size)) return failed(size)
    if (isError(price)) return failed(price)
    if (size === order.quantity && price === order.price) return failed(parameter('newPrice or newSize'))
    const now = this.#context.now()
    exchange.cancel(order, now)
    // What has filled already counts: nothing may be left to place.
    if (size <= order.filled) return ok({ newOrderId: '', clientOid: order.clientId ?? '' })
    const { side, timeInForce, postOnly, clientId } = order
    const wish = { clientId: null, instrument: listed, side, type: 'limit', timeInForce, postOnly, price } as const
    const placed = exchange.place(account, { ...wish, quantity: size - order.filled }, now)
    if (typeof placed === 'string') return failed(REFUSALS[placed])
    if (clientId !== null) exchange.rename(placed, clientId)
    return ok({ newOrderId: placed.id, clientOid: clientId ?? '' })
  }

  #cancelAll(account: Account, listed: SimulatedInstrument | undefined): SimulatedOrder[] {
    const open = this.#openOf(account, listed)
    for (const order of open) this.#context.exchange.cancel(order, this.#context.now())
    return open
  }

  /** Of all symbols: the venue can do it for some of them, which is not simulated. */
  #setSwitch(account: Account, fields: Fields): SimulatedAnswer {
    const timeout = Number(textIn(fields, 'timeout') || Number.NaN)
    const isOff = timeout === -1
    if (!Number.isInteger(timeout) || (!isOff && (timeout < SWITCH_MIN || timeout > SWITCH_MAX)))
      return failed(parameter('timeout'))
    if (textIn(fields, 'symbols') !== '') return failed(parameter('symbols'))
    const now = this.#context.now()
    if (isOff) this.#context.switches.delete(account)
    else this.#context.switches.set(account, now + timeout * MICROS_PER_SECOND)
    const current = Math.floor(now / MICROS_PER_SECOND)
    return ok({ currentTime: current, triggerTime: isOff ? 0 : current + timeout })
  }

  #switchOf(account: Account) {
    const due = this.#context.switches.get(account)
    const now = this.#context.now()
    if (due === undefined) return null
    const seconds = (at: Micros) => Math.floor(at / MICROS_PER_SECOND)
    return { timeout: seconds(due - now), symbols: '', currentTime: seconds(now), triggerTime: seconds(due) }
  }

  #bullet(account: Account | null): SimulatedAnswer {
    return ok({
      token: this.#auth.issueToken(account),
      instanceServers: [
        {
          endpoint: `${this.#context.addresses.ws}/@ws-api-spot.kucoin.com/`,
          encrypt: true,
          protocol: 'websocket',
          pingInterval: 18_000,
          pingTimeout: 10_000,
        },
      ],
    })
  }

  /** Newest first. */
  #openOf(account: Account, listed: SimulatedInstrument | undefined): SimulatedOrder[] {
    return this.#context.exchange
      .openOrdersOf(account, listed)
      .filter(order => !isWaiting(order))
      .reverse()
  }

  #named(path: string, account: Account, listed: SimulatedInstrument): SimulatedOrder | undefined | 'nowhere' {
    const [, client, id] = /^\/v1\/hf\/orders\/(?:sync\/)?(client-order\/)?([\w-]+)$/.exec(path) ?? []
    if (id === undefined) return 'nowhere'
    const { exchange } = this.#context
    const order = client === undefined ? exchange.order(account, id) : exchange.orderByClientId(account, id)
    return order?.instrument === listed ? order : undefined
  }
}

/** Digits of a field without their quotes. */
const withNumbers = (answer: SimulatedAnswer, field: string): SimulatedAnswer => ({
  ...answer,
  body: answer.body.replace(new RegExp(`"${field}":"(\\d+)"`, 'g'), `"${field}":$1`),
})

/** Newest first, each page after `lastId`, which is the key of the last one of the page before. */
function pageOf<T>(all: readonly T[], query: URLSearchParams, keyOf: (one: T) => number, atOf: (one: T) => Micros) {
  const limit = countOf(query.get('limit'), PAGE, PAGE_MAX)
  const lastId = Number(query.get('lastId') || Number.POSITIVE_INFINITY)
  const from = Number(query.get('startAt') ?? 0) * MICROS_PER_MS
  const until = Number(query.get('endAt') || Number.POSITIVE_INFINITY) * MICROS_PER_MS
  const items = all
    .filter(one => keyOf(one) < lastId && ms(atOf(one)) * MICROS_PER_MS >= from && atOf(one) <= until)
    .slice(-limit)
    .reverse()
  const last = items.at(-1)
  return { items, lastId: last === undefined ? 0 : keyOf(last) }
}
