import {
  type Account,
  decimalOf,
  notionalUnits,
  type SimulatedFill,
  type SimulatedOrder,
  Subscriptions,
  type VenueConnection,
  type VenueContext,
  type VenueSocket,
} from '../core/index.ts'
import { shown } from './account.ts'
import type { BinanceAuth } from './auth.ts'
import { type BinanceError, ERRORS, isBinanceError, type Result } from './errors.ts'
import { eight, priceOf, quantityOf, ZERO } from './instruments.ts'
import {
  costOf,
  isWorking,
  limitPriceOf,
  msOf,
  type OrderNames,
  sideOf,
  statusOf,
  stopPriceOf,
  tifOf,
  typeOf,
} from './orders.ts'
import type { BinanceRest } from './rest.ts'

/**
 * The WebSocket API: questions as in REST, and the user data stream on the same socket.
 * https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/user-data-stream-requests and …/user-data-stream
 */

const SUBSCRIPTIONS_MAX = 10

interface Question {
  readonly id?: string | number | null
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
}

/** Methods that are calls of REST under another name. */
const CALLS: Readonly<Record<string, string>> = {
  'order.place': 'POST /api/v3/order',
  'order.test': 'POST /api/v3/order/test',
  'order.status': 'GET /api/v3/order',
  'order.cancel': 'DELETE /api/v3/order',
  'order.cancelReplace': 'POST /api/v3/order/cancelReplace',
  'order.amend.keepPriority': 'PUT /api/v3/order/amend/keepPriority',
  'openOrders.status': 'GET /api/v3/openOrders',
  'openOrders.cancelAll': 'DELETE /api/v3/openOrders',
  allOrders: 'GET /api/v3/allOrders',
  myTrades: 'GET /api/v3/myTrades',
  'account.status': 'GET /api/v3/account',
  'account.commission': 'GET /api/v3/account/commission',
}
const PUBLIC: Readonly<Record<string, string>> = {
  ping: 'ping',
  time: 'time',
  exchangeInfo: 'exchangeInfo',
  depth: 'depth',
  'trades.recent': 'trades',
  'trades.aggregate': 'aggTrades',
  klines: 'klines',
  avgPrice: 'avgPrice',
  'ticker.24hr': 'ticker/24hr',
  'ticker.price': 'ticker/price',
  'ticker.book': 'ticker/bookTicker',
}

export class BinanceApiSocket implements VenueConnection {
  readonly #context: VenueContext
  readonly #socket: VenueSocket
  readonly #auth: BinanceAuth
  readonly #rest: BinanceRest
  readonly #names: OrderNames
  readonly #subscriptions = new Subscriptions<number>()
  #lastSubscription = -1

  constructor(
    context: VenueContext,
    socket: VenueSocket,
    { auth, rest, names }: { auth: BinanceAuth; rest: BinanceRest; names: OrderNames },
  ) {
    this.#context = context
    this.#socket = socket
    this.#auth = auth
    this.#rest = rest
    this.#names = names
  }

  onFrame(frame: string): void {
    let question: Question
    try {
      question = JSON.parse(frame) as Question
    } catch {
      this.#answer(null, { status: 400, code: -1135, msg: 'Invalid JSON Request' })
      return
    }
    const params = new URLSearchParams(
      Object.entries(question.params ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
    )
    this.#answer(question.id ?? null, this.#ask(question.method ?? '', params))
  }

  /** The venue's own pings are of the WebSocket protocol. */
  onTick(): void {}

  onClose(): void {
    this.#subscriptions.endAll()
  }

  #ask(method: string, params: URLSearchParams): Result {
    if (method === 'userDataStream.unsubscribe') return this.#unsubscribe(params)
    const open = PUBLIC[method]
    if (open !== undefined) return this.#rest.public(open, params)
    const call = CALLS[method]
    if (call === undefined && method !== 'userDataStream.subscribe.signature')
      return { ...ERRORS.noSuchRequest, status: 400 }
    const account = this.#auth.verifyParams(params)
    if (isBinanceError(account)) return account
    return call === undefined ? this.#subscribe(account) : this.#rest.private(call, account, params)
  }

  #subscribe(account: Account): Result {
    if (this.#subscriptions.size >= SUBSCRIPTIONS_MAX)
      return { status: 400, code: -2035, msg: 'User Data Stream subscription already active.' }
    this.#lastSubscription += 1
    const subscriptionId = this.#lastSubscription
    this.#subscriptions.add(subscriptionId, { end: this.#tellOf(account, subscriptionId) })
    return { result: { subscriptionId } }
  }

  #unsubscribe(params: URLSearchParams): Result {
    const id = params.get('subscriptionId')
    if (id === null) this.#subscriptions.endAll()
    else this.#subscriptions.end(Number(id))
    return { result: {} }
  }

  #tellOf(account: Account, subscriptionId: number): () => void {
    const tell = (event: object, channel: 'orders' | 'balances') =>
      this.#socket.send(JSON.stringify({ subscriptionId, event }), channel)
    const report = (order: SimulatedOrder, type: string, changes: object = {}) => {
      if (order.account === account) tell(this.#report(order, type, changes), 'orders')
    }
    return this.#context.exchange.listen({
      onOrder: (order, cause) => {
        if (cause === 'new') report(order, 'NEW', { w: isWorking(order) })
        else if (cause === 'triggered') report(order, 'NEW', { w: true })
        else if (cause === 'canceled') report(order, 'CANCELED', { c: this.#names.cancelId(order), C: order.clientId })
        else if (cause === 'expired') report(order, 'EXPIRED', { eR: 'INSUFFICIENT_LIQUIDITY' })
        else if (cause === 'amended') report(order, 'REPLACED', { C: this.#names.idBefore(order) ?? '' })
      },
      onFill: fill => report(fill.order, 'TRADE', tradeOf(fill)),
      onBalance: (changed, assets) => {
        if (changed === account) tell(this.#position(account, assets), 'balances')
      },
    })
  }

  /** https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream , "Order Update" */
  #report(order: SimulatedOrder, type: string, changes: object) {
    const time = msOf(order.updatedAt)
    return {
      e: 'executionReport',
      E: msOf(this.#context.now()),
      s: order.instrument.symbol,
      c: order.clientId,
      S: sideOf(order),
      o: typeOf(order),
      f: tifOf(order.timeInForce),
      q: quantityOf(order.instrument.instrument, order.quantity),
      p: limitPriceOf(order),
      P: stopPriceOf(order),
      F: ZERO,
      g: -1,
      C: '',
      x: type,
      X: statusOf(order),
      r: 'NONE',
      i: Number(order.id),
      l: ZERO,
      z: quantityOf(order.instrument.instrument, order.filled),
      L: ZERO,
      n: '0',
      N: null,
      T: time,
      t: -1,
      w: order.state === 'open' && isWorking(order),
      m: false,
      M: false,
      O: msOf(order.createdAt),
      Z: costOf(order),
      Y: ZERO,
      Q: this.#names.quoteQuantity(order),
      ...(isWorking(order) ? { W: time } : {}),
      V: 'NONE',
      ...changes,
    }
  }

  #position(account: Account, assets: readonly string[]) {
    const time = msOf(this.#context.now())
    return {
      e: 'outboundAccountPosition',
      E: time,
      u: time,
      B: assets.map(asset => ({ a: asset, f: shown(account.free(asset)), l: shown(account.held(asset)) })),
    }
  }

  #answer(id: string | number | null, result: Result): void {
    this.#socket.send(
      JSON.stringify(
        isBinanceError(result)
          ? { id, status: result.status, error: bodyOf(result) }
          : { id, status: 200, result: result.result },
      ),
      'other',
    )
  }
}

const bodyOf = ({ code, msg, data }: BinanceError) => ({ code, msg, data })

const tradeOf = ({ id, order, price, quantity, liquidity, fee, feeAsset }: SimulatedFill) => {
  const { instrument } = order.instrument
  return {
    l: quantityOf(instrument, quantity),
    L: priceOf(instrument, price),
    n: eight(decimalOf(fee)),
    N: feeAsset,
    t: Number(id),
    m: liquidity === 'maker',
    Y: eight(decimalOf(notionalUnits(instrument, price, quantity))),
  }
}
