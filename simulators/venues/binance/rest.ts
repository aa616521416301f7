import { MICROS_PER_MS } from '../../../src/kernel/index.ts'
import {
  type Account,
  type CallName,
  json,
  type SimulatedAnswer,
  type SimulatedFill,
  type SimulatedInstrument,
  type SimulatedOrder,
  type SimulatedRequest,
  type VenueContext,
} from '../core/index.ts'
import {
  accountInfo,
  amendedInfo,
  canceledInfo,
  commissionInfo,
  fillInfo,
  orderInfo,
  placedInfo,
  restrictionsInfo,
} from './answers.ts'
import type { BinanceAuth } from './auth.ts'
import {
  type BinanceError,
  failed,
  INVALID_KEY,
  mandatory,
  REFUSALS,
  UNKNOWN_ORDER,
  UNKNOWN_ORDER_SENT,
  UNKNOWN_SYMBOL,
} from './errors.ts'
import { BINANCE_SYMBOLS, symbolNamed } from './instruments.ts'
import type { BinanceMarket } from './market-data.ts'
import { CLIENT_ID, lotsIn, wishOf } from './new-order.ts'

/** Spot trading and account: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints and …/account-endpoints */

const PAGE = 500
const PAGE_MAX = 1_000
const ID_LENGTH = 22

const CALLS: Readonly<Record<string, CallName>> = {
  'POST /api/v3/order': 'place',
  'POST /api/v3/order/cancelReplace': 'amend',
  'PUT /api/v3/order/amend/keepPriority': 'amend',
  'DELETE /api/v3/order': 'cancel',
  'DELETE /api/v3/openOrders': 'cancel',
}
const SIGNED =
  /^\/(api\/v3\/(order|openOrders|allOrders|myTrades|account)(\/|$)|sapi\/v1\/(account|asset|capital|margin)\/)/

export const callOf = ({ method, path }: SimulatedRequest): CallName =>
  CALLS[`${method} ${path}`] ?? (SIGNED.test(path) ? 'query' : 'public')

/** The original letters and digits of ids that Binance makes itself. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

export class BinanceRest {
  readonly #context: VenueContext
  readonly #auth: BinanceAuth
  readonly #market: BinanceMarket
  #executions = 0

  constructor(context: VenueContext, auth: BinanceAuth, market: BinanceMarket) {
    this.#context = context
    this.#auth = auth
    this.#market = market
  }

  answer(request: SimulatedRequest): SimulatedAnswer {
    const { method, path, rawQuery, body } = request
    // Futures are other venues here; ccxt asks whether they list anything.
    if (/^\/[fd]api\/v1\/exchangeInfo$/.test(path)) return json({ symbols: [] })
    if (!SIGNED.test(path)) return this.#market.answer(request)
    const account = this.#auth.verify(request)
    if ('code' in account) return failed(account)
    const params = new URLSearchParams([rawQuery, body].filter(part => part !== '').join('&'))
    if (path.startsWith('/sapi/')) return this.#wallet(path, account)
    if (method !== 'GET' && !account.permissions.trade) return failed(INVALID_KEY)
    return this.#private(`${method} ${path.slice('/api/v3/'.length)}`, account, params)
  }

  #private(name: string, account: Account, params: URLSearchParams): SimulatedAnswer {
    const { exchange } = this.#context
    if (name === 'GET account') return json(accountInfo(account, BINANCE_SYMBOLS[0]!, this.#context.now()))
    const listed = symbolNamed(params.get('symbol'))
    if (name === 'GET openOrders' && !params.has('symbol')) return json(exchange.openOrdersOf(account).map(orderInfo))
    if (!params.has('symbol')) return failed(mandatory('symbol'))
    if (listed === undefined) return failed(UNKNOWN_SYMBOL)
    switch (name) {
      case 'GET account/commission':
        return json(commissionInfo(listed))
      case 'POST order':
        return this.#place(account, listed, params)
      case 'GET order': {
        const order = this.#named(account, params)
        return order === undefined ? failed(UNKNOWN_ORDER) : json(orderInfo(order))
      }
      case 'DELETE order':
        return this.#cancel(account, params)
      case 'POST order/cancelReplace':
        return this.#cancelReplace(account, listed, params)
      case 'PUT order/amend/keepPriority':
        return this.#amend(account, params)
      case 'GET openOrders':
        return json(exchange.openOrdersOf(account, listed).map(orderInfo))
      case 'DELETE openOrders': {
        const open = exchange.openOrdersOf(account, listed)
        if (open.length === 0) return failed(UNKNOWN_ORDER_SENT)
        for (const order of open) exchange.cancel(order, this.#context.now())
        return json(open.map(order => canceledInfo(order, this.#newId())))
      }
      case 'GET allOrders': {
        const orders = exchange.ordersOf(account).filter(({ instrument }) => instrument === listed)
        const page = pageOf(orders, params, 'orderId', order => [Number(order.id), order.createdAt])
        return json(page.map(orderInfo))
      }
      case 'GET myTrades':
        return this.#myTrades(account, listed, params)
    }
    return json({ code: -1, msg: 'Not found.' }, 404)
  }

  #wallet(path: string, account: Account): SimulatedAnswer {
    switch (path) {
      case '/sapi/v1/account/apiRestrictions':
        return json(restrictionsInfo(account))
      case '/sapi/v1/asset/tradeFee':
        return json(
          BINANCE_SYMBOLS.map(({ symbol, makerPpm, takerPpm }) => ({
            symbol,
            makerCommission: String(makerPpm / 1_000_000),
            takerCommission: String(takerPpm / 1_000_000),
          })),
        )
      case '/sapi/v1/capital/config/getall':
        return json(
          account.assets.map(coin => ({
            coin,
            depositAllEnable: true,
            withdrawAllEnable: true,
            name: coin,
            free: '0',
            isLegalMoney: false,
            trading: true,
            networkList: [],
          })),
        )
    }
    // Margin is not traded here.
    return path.startsWith('/sapi/v1/margin/') ? json([]) : json({ code: -1, msg: 'Not found.' }, 404)
  }

  #place(account: Account, listed: SimulatedInstrument, params: URLSearchParams): SimulatedAnswer {
    const placed = this.#tryPlace(account, listed, params)
    if ('msg' in placed) return failed(placed)
    const isDetailed = placed.type === 'limit' || placed.type === 'market'
    const detail = params.get('newOrderRespType') ?? (isDetailed ? 'FULL' : 'ACK')
    return json(placedInfo(placed, this.#fillsOf(account, placed), detail))
  }

  #tryPlace(account: Account, listed: SimulatedInstrument, params: URLSearchParams): SimulatedOrder | BinanceError {
    const last = this.#context.tape.trades(listed).at(-1)?.price ?? this.#context.market.reference(listed)
    const wish = wishOf(listed, params, last)
    if ('msg' in wish) return wish
    const placed = this.#context.exchange.place(
      account,
      { ...wish, clientId: wish.clientId ?? this.#newId() },
      this.#context.now(),
    )
    return typeof placed === 'string' ? REFUSALS[placed] : placed
  }

  #cancel(account: Account, params: URLSearchParams): SimulatedAnswer {
    const order = this.#named(account, params)
    if (order === undefined || !this.#context.exchange.cancel(order, this.#context.now()))
      return failed(UNKNOWN_ORDER_SENT)
    return json(canceledInfo(order, params.get('newClientOrderId') ?? this.#newId()))
  }

  /** Cancels one order and places another in its stead: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints */
  #cancelReplace(account: Account, listed: SimulatedInstrument, params: URLSearchParams): SimulatedAnswer {
    const mode = params.get('cancelReplaceMode')
    if (mode !== 'STOP_ON_FAILURE' && mode !== 'ALLOW_FAILURE') return failed(mandatory('cancelReplaceMode'))
    const order = this.#named(account, params, 'cancelOrderId', 'cancelOrigClientOrderId')
    const isCanceled = order !== undefined && this.#context.exchange.cancel(order, this.#context.now())
    const cancelResponse = isCanceled ? canceledInfo(order, this.#newId()) : UNKNOWN_ORDER_SENT
    const failure = (code: number, msg: string, newOrderResult: string, newOrderResponse: unknown) =>
      json(
        {
          code,
          msg,
          data: { cancelResult: isCanceled ? 'SUCCESS' : 'FAILURE', newOrderResult, cancelResponse, newOrderResponse },
        },
        code === -2021 ? 409 : 400,
      )
    if (!isCanceled && mode === 'STOP_ON_FAILURE')
      return failure(-2022, 'Order cancel-replace failed.', 'NOT_ATTEMPTED', null)
    const placed = this.#tryPlace(account, listed, params)
    if ('msg' in placed) {
      const { code, msg } = placed
      return isCanceled
        ? failure(-2021, 'Order cancel-replace partially failed.', 'FAILURE', { code, msg })
        : failure(-2022, 'Order cancel-replace failed.', 'FAILURE', { code, msg })
    }
    const newOrderResponse = placedInfo(placed, this.#fillsOf(account, placed), 'FULL')
    if (!isCanceled) return failure(-2021, 'Order cancel-replace partially failed.', 'SUCCESS', newOrderResponse)
    return json({ cancelResult: 'SUCCESS', newOrderResult: 'SUCCESS', cancelResponse, newOrderResponse })
  }

  /** Less of an order, which keeps its place: https://developers.binance.com/docs/binance-spot-api-docs/faqs/order_amend_keep_priority */
  #amend(account: Account, params: URLSearchParams): SimulatedAnswer {
    const order = this.#named(account, params)
    if (order === undefined || order.state !== 'open') return failed(UNKNOWN_ORDER)
    const lots = lotsIn(order.instrument, params, 'newQty')
    if (typeof lots !== 'number') return failed(lots)
    if (lots > order.quantity) return failed({ code: -2038, msg: 'Order amend (quantity increase) is not supported.' })
    if (lots === order.quantity)
      return failed({ code: -2038, msg: 'The requested action would change no state; rejecting.' })
    const before = order.clientId
    const clientId = params.get('newClientOrderId') ?? this.#newId()
    if (!CLIENT_ID.test(clientId)) return failed(mandatory('newClientOrderId'))
    const { exchange } = this.#context
    const taken = clientId === before ? undefined : exchange.orderByClientId(account, clientId)
    if (taken?.state === 'open') return failed(REFUSALS.duplicate_client_id)
    exchange.rename(order, clientId)
    const refusal = exchange.amend(order, { quantity: lots }, this.#context.now())
    if (refusal !== null) {
      exchange.rename(order, before)
      return failed(REFUSALS[refusal])
    }
    this.#executions += 1
    return json(amendedInfo(order, before, this.#executions))
  }

  #myTrades(account: Account, listed: SimulatedInstrument, params: URLSearchParams): SimulatedAnswer {
    const orderId = params.get('orderId')
    const fills = this.#context.exchange
      .fillsOf(account)
      .filter(({ order }) => order.instrument === listed && (orderId === null || order.id === orderId))
    return json(pageOf(fills, params, 'fromId', ({ number, at }) => [number, at]).map(fillInfo))
  }

  #named(account: Account, params: URLSearchParams, id = 'orderId', clientId = 'origClientOrderId') {
    const { exchange } = this.#context
    const named = params.get(id)
    const order =
      named === null ? exchange.orderByClientId(account, params.get(clientId) ?? '') : exchange.order(account, named)
    return order?.instrument.symbol === params.get('symbol') ? order : undefined
  }

  #fillsOf(account: Account, order: SimulatedOrder): SimulatedFill[] {
    return order.filled === 0 ? [] : this.#context.exchange.fillsOf(account).filter(fill => fill.order === order)
  }

  #newId(): string {
    const { random } = this.#context
    return Array.from({ length: ID_LENGTH }, () => LETTERS[random.below(LETTERS.length)]).join('')
  }
}

/** Oldest first; the newest page unless a first id or time is named. */
function pageOf<T>(
  all: readonly T[],
  params: URLSearchParams,
  first: string,
  keyOf: (one: T) => readonly [id: number, at: number],
): T[] {
  const limit = Math.min(Number(params.get('limit') ?? PAGE) || PAGE, PAGE_MAX)
  const from = Number(params.get(first) ?? 0)
  const start = Number(params.get('startTime') ?? 0) * MICROS_PER_MS
  const end = Number(params.get('endTime') ?? Number.POSITIVE_INFINITY) * MICROS_PER_MS + MICROS_PER_MS - 1
  const found = all.filter(one => {
    const [id, at] = keyOf(one)
    return id >= from && at >= start && at <= end
  })
  return params.has(first) || params.has('startTime') ? found.slice(0, limit) : found.slice(-limit)
}
