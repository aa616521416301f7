import type { Account, VenueContext } from '../core/index.ts'
import { type BinanceError, ERRORS, isBinanceError, missing, REFUSALS, type Result } from './errors.ts'
import { symbolNamed } from './instruments.ts'
import type { BinanceLimits } from './limits.ts'
import { readOrder, readQuantity, tradeFault } from './order-entry.ts'
import { amendedInfo, canceledInfo, fillInfo, msOf, OrderNames, orderInfo, placedInfo } from './orders.ts'

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints */

const LIST_DEFAULT = 500
const LIST_MAX = 1_000
const EITHER_ID = {
  ...missing('orderId'),
  msg: "Param 'orderId' or 'origClientOrderId' must be sent, but both were empty/null!",
}

type Handler = (account: Account, params: URLSearchParams) => Result

export class BinanceTrading {
  readonly names: OrderNames
  readonly #context: VenueContext
  readonly #limits: BinanceLimits
  readonly #calls: Readonly<Record<string, Handler>> = {
    'POST /api/v3/order': (account, params) => this.#place(account, params),
    'POST /api/v3/order/test': (account, params) => this.#test(account, params),
    'GET /api/v3/order': (account, params) => this.#query(account, params),
    'DELETE /api/v3/order': (account, params) => this.#cancel(account, params),
    'POST /api/v3/order/cancelReplace': (account, params) => this.#cancelReplace(account, params),
    'PUT /api/v3/order/amend/keepPriority': (account, params) => this.#amend(account, params),
    'GET /api/v3/openOrders': (account, params) => this.#openOrders(account, params),
    'DELETE /api/v3/openOrders': (account, params) => this.#cancelAll(account, params),
    'GET /api/v3/allOrders': (account, params) => this.#allOrders(account, params),
    'GET /api/v3/myTrades': (account, params) => this.#myTrades(account, params),
  }
  #amendments = 0

  constructor(context: VenueContext, limits: BinanceLimits) {
    this.#context = context
    this.#limits = limits
    this.names = new OrderNames(context)
  }

  has(call: string): boolean {
    return call in this.#calls
  }

  call(call: string, account: Account, params: URLSearchParams): Result {
    return this.#calls[call]?.(account, params) ?? ERRORS.noSuchRequest
  }

  #place(account: Account, params: URLSearchParams): Result {
    const fault = tradeFault(account)
    if (fault !== null) return fault
    const { exchange } = this.#context
    const wish = readOrder(params, this.#context, () => this.names.create())
    if (isBinanceError(wish)) return wish
    const limited = this.#limits.order(account.apiKey, this.#context.market.now)
    if (limited !== null) return limited
    const order = exchange.place(account, wish, this.#context.now())
    if (typeof order === 'string') return REFUSALS[order]
    if (wish.quoteQuantity !== null) this.names.noteQuoteQuantity(order, wish.quoteQuantity)
    const wanted = params.get('newOrderRespType') ?? (/^(LIMIT|MARKET)$/.test(params.get('type')!) ? 'FULL' : 'ACK')
    const fills = exchange.fillsOf(account).filter(fill => fill.order === order)
    return { result: placedInfo(order, this.names, wanted, fills) }
  }

  #test(account: Account, params: URLSearchParams): Result {
    const wish = tradeFault(account) ?? readOrder(params, this.#context, () => this.names.create())
    return isBinanceError(wish) ? wish : { result: {} }
  }

  #query(account: Account, params: URLSearchParams): Result {
    const order = this.#named(account, params)
    return isBinanceError(order) ? order : { result: orderInfo(order, this.names) }
  }

  #cancel(account: Account, params: URLSearchParams): Result {
    const order = tradeFault(account) ?? this.#named(account, params, ERRORS.unknownCancel)
    if (isBinanceError(order)) return order
    if (!this.names.cancel(order, params.get('newClientOrderId'))) return ERRORS.unknownCancel
    return { result: canceledInfo(order, this.names) }
  }

  #cancelAll(account: Account, params: URLSearchParams): Result {
    const fault = tradeFault(account)
    if (fault !== null) return fault
    const listed = symbolNamed(params.get('symbol'))
    if (listed === undefined) return params.has('symbol') ? ERRORS.invalidSymbol : missing('symbol')
    const open = this.#context.exchange.openOrdersOf(account, listed)
    if (open.length === 0) return ERRORS.unknownCancel
    const id = this.names.create()
    for (const order of open) this.names.cancel(order, id)
    return { result: open.map(order => canceledInfo(order, this.names)) }
  }

  #cancelReplace(account: Account, params: URLSearchParams): Result {
    const mode = params.get('cancelReplaceMode')
    if (mode !== 'STOP_ON_FAILURE' && mode !== 'ALLOW_FAILURE') return missing('cancelReplaceMode')
    const cancel = renamed(params, {
      symbol: 'symbol',
      cancelOrderId: 'orderId',
      cancelOrigClientOrderId: 'origClientOrderId',
      cancelNewClientOrderId: 'newClientOrderId',
    })
    const canceled = this.#cancel(account, cancel)
    const isTried = !isBinanceError(canceled) || mode === 'ALLOW_FAILURE'
    const placed = isTried ? this.#place(account, params) : null
    const data = {
      cancelResult: outcomeOf(canceled),
      newOrderResult: placed === null ? 'NOT_ATTEMPTED' : outcomeOf(placed),
      cancelResponse: bodyOf(canceled),
      newOrderResponse: placed === null ? null : bodyOf(placed),
    }
    const [hasCanceled, hasPlaced] = [!isBinanceError(canceled), placed !== null && !isBinanceError(placed)]
    if (hasCanceled && hasPlaced) return { result: data }
    const isPartly = hasCanceled || hasPlaced
    return {
      status: isPartly ? 409 : 400,
      code: isPartly ? -2021 : -2022,
      msg: isPartly ? 'Order cancel-replace partially failed.' : 'Order cancel-replace failed.',
      data,
    }
  }

  /** The quantity can be made less, and nothing else; the place in the queue stays. */
  #amend(account: Account, params: URLSearchParams): Result {
    const order = tradeFault(account) ?? this.#named(account, params)
    if (isBinanceError(order)) return order
    const quantity = readQuantity(params.get('newQty'), 'newQty', order.instrument)
    if (isBinanceError(quantity)) return quantity
    if (order.state !== 'open' || quantity >= order.quantity || quantity <= order.filled) return ERRORS.amendRejected
    const idBefore = order.clientId!
    this.names.rename(order, params.get('newClientOrderId') ?? this.names.create())
    const refusal = this.#context.exchange.amend(order, { quantity }, this.#context.now())
    if (refusal !== null) {
      this.names.rename(order, idBefore)
      return REFUSALS[refusal]
    }
    this.#amendments += 1
    return { result: amendedInfo(order, this.names, this.#amendments) }
  }

  #openOrders(account: Account, params: URLSearchParams): Result {
    const listed = symbolNamed(params.get('symbol'))
    if (params.has('symbol') && listed === undefined) return ERRORS.invalidSymbol
    return {
      result: this.#context.exchange.openOrdersOf(account, listed).map(order => orderInfo(order, this.names)),
    }
  }

  #allOrders(account: Account, params: URLSearchParams): Result {
    const listed = symbolNamed(params.get('symbol'))
    if (listed === undefined) return params.has('symbol') ? ERRORS.invalidSymbol : missing('symbol')
    const orders = this.#context.exchange
      .ordersOf(account)
      .filter(({ instrument, id }) => instrument === listed && Number(id) >= Number(params.get('orderId') ?? 0))
      .filter(({ createdAt }) => isWithin(params, msOf(createdAt)))
    return { result: page(orders, params, 'orderId').map(order => orderInfo(order, this.names)) }
  }

  #myTrades(account: Account, params: URLSearchParams): Result {
    const listed = symbolNamed(params.get('symbol'))
    if (listed === undefined) return params.has('symbol') ? ERRORS.invalidSymbol : missing('symbol')
    const fills = this.#context.exchange
      .fillsOf(account)
      .filter(({ order, id }) => order.instrument === listed && Number(id) >= Number(params.get('fromId') ?? 0))
      .filter(({ order }) => !params.has('orderId') || order.id === params.get('orderId'))
      .filter(({ at }) => isWithin(params, msOf(at)))
    return { result: page(fills, params, 'fromId').map(fillInfo) }
  }

  #named(account: Account, params: URLSearchParams, otherwise: BinanceError = ERRORS.unknownOrder) {
    const listed = symbolNamed(params.get('symbol'))
    if (listed === undefined) return params.has('symbol') ? ERRORS.invalidSymbol : missing('symbol')
    const [id, clientId] = [params.get('orderId'), params.get('origClientOrderId')]
    if (id === null && clientId === null) return EITHER_ID
    const { exchange } = this.#context
    const order = id === null ? exchange.orderByClientId(account, clientId!) : exchange.order(account, id)
    return order === undefined || order.instrument !== listed ? otherwise : order
  }
}

/** Some of the parameters, under other names. */
function renamed(params: URLSearchParams, names: Readonly<Record<string, string>>): URLSearchParams {
  const result = new URLSearchParams()
  for (const [from, to] of Object.entries(names)) if (params.has(from)) result.set(to, params.get(from)!)
  return result
}

const outcomeOf = (result: Result): string => (isBinanceError(result) ? 'FAILURE' : 'SUCCESS')
const bodyOf = (result: Result): unknown =>
  isBinanceError(result) ? { code: result.code, msg: result.msg } : result.result

const isWithin = (params: URLSearchParams, ms: number): boolean =>
  ms >= Number(params.get('startTime') ?? 0) && ms <= Number(params.get('endTime') ?? Number.POSITIVE_INFINITY)

/** From where it was asked for, or the newest. */
function page<T>(all: readonly T[], params: URLSearchParams, from: string): readonly T[] {
  const limit = Math.min(Number(params.get('limit') ?? LIST_DEFAULT) || LIST_DEFAULT, LIST_MAX)
  return params.has(from) || params.has('startTime') ? all.slice(0, limit) : all.slice(-limit)
}
