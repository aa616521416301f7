import {
  isDecimal,
  type Lots,
  lotsOf,
  MICROS_PER_HOUR,
  MICROS_PER_MS,
  MICROS_PER_SECOND,
  type Micros,
  scaleOf,
  ticksOf,
} from '../../../src/kernel/index.ts'
import {
  type Account,
  decimalOf,
  type Fields,
  json,
  jsonObject,
  type NewSimulatedOrder,
  notionalUnits,
  type SimulatedAnswer,
  type SimulatedInstrument,
  type SimulatedOrder,
  type SimulatedRequest,
  unitsOf,
  type VenueContext,
} from '../core/index.ts'
import {
  error,
  type HtxError,
  invalid,
  NO_ORDER,
  NO_PERMISSION,
  NO_SYMBOL,
  ok,
  okV2,
  REFUSALS,
  refused,
  WRONG_STATE,
} from './errors.ts'
import { HTX_CURRENCIES, HTX_INSTRUMENTS, instrumentNamed } from './instruments.ts'
import { ACCOUNT_ID, fillView, ms, orderView, recordOf, stateCode } from './views.ts'

/** Private REST: https://huobiapi.github.io/docs/spot/v1/en/#trading and …/#account */

const PAGE_MAX = 500
const PAGE_USUAL = 100
const FILLS_WINDOW_MS = (48 * MICROS_PER_HOUR) / MICROS_PER_MS
const CANCELED_AT_ONCE = 100
const SWITCH_SECONDS_MIN = 5
const SWITCH_ORDERS_MAX = 500
const UID = 100_009_000
const LEVELS_WALKED = 1_000
/** Side, then the form; `market` of a buy counts in the quote currency. */
const TYPE = /^(buy|sell)-(market|limit|ioc|limit-maker|limit-fok|stop-limit|stop-limit-fok)$/

export class HtxTrading {
  readonly #context: VenueContext

  constructor(context: VenueContext) {
    this.#context = context
  }

  /** Cancels all of an account that has not asked for more time. */
  onTick(at: Micros): void {
    const { exchange, switches } = this.#context
    for (const account of switches.takeDue(at))
      for (const order of exchange.openOrdersOf(account).slice(0, SWITCH_ORDERS_MAX)) exchange.cancel(order, at)
  }

  answer(account: Account, { method, path, query, body }: SimulatedRequest): SimulatedAnswer {
    if (method === 'GET') return this.#get(account, path, query)
    if (!account.permissions.trade) return refused(NO_PERMISSION)
    const parsed = jsonObject(body || '{}')
    if (parsed === null) return refused(error('bad-request', 'the body is not JSON'))
    const cancel = /^\/v1\/order\/orders\/(\d+)\/submitcancel$/.exec(path)
    if (cancel !== null) return this.#cancel(account, cancel[1]!)
    switch (path) {
      case '/v1/order/orders/place':
        return this.#place(account, parsed)
      case '/v1/order/orders/submitCancelClientOrder':
        return this.#cancelByClientId(account, String(parsed['client-order-id'] ?? ''))
      case '/v1/order/orders/batchCancelOpenOrders':
        return this.#cancelOpen(account, parsed)
      case '/v2/algo-orders/cancel-all-after':
        return this.#cancelAllAfter(account, parsed)
    }
    return notFound()
  }

  #get(account: Account, path: string, query: URLSearchParams): SimulatedAnswer {
    const { exchange } = this.#context
    switch (path) {
      case '/v1/account/accounts':
        return ok([{ id: ACCOUNT_ID, type: 'spot', subtype: '', state: 'working' }])
      case `/v1/account/accounts/${ACCOUNT_ID}/balance`:
        return ok({ id: ACCOUNT_ID, type: 'spot', state: 'working', list: balanceRows(account) })
      case '/v2/user/uid':
        return okV2(UID)
      case '/v2/user/api-key':
        return okV2([keyView(account)])
      case '/v2/reference/transact-fee-rate':
        return this.#fees(query)
      case '/v1/order/orders/getClientOrder': {
        const order = exchange.orderByClientId(account, query.get('clientOrderId') ?? '')
        return order === undefined ? refused(NO_ORDER) : ok(orderView(order))
      }
      case '/v1/order/openOrders':
        return this.#openOrders(account, query)
      case '/v1/order/matchresults':
        return this.#fills(account, query)
    }
    const one = /^\/v1\/order\/orders\/(\d+)(\/matchresults)?$/.exec(path)
    if (one === null) return notFound()
    const order = exchange.order(account, one[1]!)
    if (order === undefined) return refused(NO_ORDER)
    if (one[2] === undefined) return ok(orderView(order))
    return ok(
      exchange
        .fillsOf(account)
        .filter(fill => fill.order === order)
        .map(fillView),
    )
  }

  #place(account: Account, body: Fields): SimulatedAnswer {
    if (Number(body['account-id']) !== ACCOUNT_ID)
      return refused(error('account-get-accounts-inexistent-error', 'account for id does not exist'))
    const wish = readOrder(body, (one, value) => this.#lotsFor(one, value))
    if ('code' in wish) return refused(wish)
    const order = this.#context.exchange.place(account, wish, this.#context.now())
    return typeof order === 'string' ? refused(REFUSALS[order]) : ok(order.id)
  }

  /** What so much of the quote currency buys now. */
  #lotsFor(one: SimulatedInstrument, value: bigint): Lots {
    let left = value
    let lots = 0
    for (const [price, quantity] of this.#context.market.levels(one, LEVELS_WALKED).asks) {
      const each = notionalUnits(one.instrument, price, 1)
      const taken = Math.min(quantity, Number(left / each))
      lots += taken
      left -= each * BigInt(taken)
      if (taken < quantity) break
    }
    return lots
  }

  #cancel(account: Account, id: string): SimulatedAnswer {
    const order = this.#context.exchange.order(account, id)
    if (order === undefined) return refused(NO_ORDER)
    if (this.#context.exchange.cancel(order, this.#context.now())) return ok(id)
    return refused(WRONG_STATE, 200, { 'order-state': stateCode(order) })
  }

  /** Its answer is how the order stands: 10 is being canceled, 0 is not found. */
  #cancelByClientId(account: Account, clientId: string): SimulatedAnswer {
    const order = this.#context.exchange.orderByClientId(account, clientId)
    if (order === undefined) return ok('0')
    return ok(this.#context.exchange.cancel(order, this.#context.now()) ? '10' : String(stateCode(order)))
  }

  #cancelOpen(account: Account, body: Fields): SimulatedAnswer {
    const names = body.symbol === undefined || body.symbol === '' ? null : String(body.symbol).split(',')
    if (names?.some(name => instrumentNamed(name) === undefined) === true) return refused(NO_SYMBOL)
    const open = this.#context.exchange
      .openOrdersOf(account)
      .filter(({ instrument }) => names === null || names.includes(instrument.symbol))
    const size = Math.min(CANCELED_AT_ONCE, Number(body.size ?? CANCELED_AT_ONCE))
    const now = this.#context.now()
    for (const order of open.slice(0, size)) this.#context.exchange.cancel(order, now)
    const next = open[size]
    return ok({
      'success-count': Math.min(open.length, size),
      'failed-count': 0,
      'next-id': next === undefined ? -1 : Number(next.id),
    })
  }

  /** https://huobiapi.github.io/docs/spot/v1/en/#dead-man-s-switch */
  #cancelAllAfter(account: Account, body: Fields): SimulatedAnswer {
    const seconds = Number(body.timeout)
    if (!Number.isInteger(seconds) || seconds < 0 || (seconds > 0 && seconds < SWITCH_SECONDS_MIN))
      return json({ code: 2002, message: 'invalid field value in "timeout"' })
    const now = this.#context.now()
    const due = now + seconds * MICROS_PER_SECOND
    if (seconds === 0) this.#context.switches.delete(account)
    else this.#context.switches.set(account, due)
    return okV2({ currentTime: ms(now), triggerTime: seconds === 0 ? 0 : ms(due) })
  }

  #openOrders(account: Account, query: URLSearchParams): SimulatedAnswer {
    const [symbol, side, from, direct] = ['symbol', 'side', 'from', 'direct'].map(name => query.get(name))
    const size = Number(query.get('size') ?? PAGE_USUAL)
    if (size > PAGE_MAX) return refused(invalid('size'))
    if (from !== null && direct !== 'prev' && direct !== 'next') return refused(invalid('direct'))
    const isWanted = (order: SimulatedOrder) =>
      (symbol === null || order.instrument.symbol === symbol) && (side === null || order.side === side)
    const orders = this.#context.exchange.openOrdersOf(account).filter(isWanted)
    // `prev` goes up from an order, `next` down from it.
    if (direct === 'prev')
      return ok(
        orders
          .filter(({ id }) => Number(id) > Number(from))
          .slice(0, size)
          .map(orderView),
      )
    const older = orders.filter(({ id }) => from === null || Number(id) < Number(from))
    return ok(older.reverse().slice(0, size).map(orderView))
  }

  /** Newest first, of at most 48 hours; `from` is the record that the page before ended with. */
  #fills(account: Account, query: URLSearchParams): SimulatedAnswer {
    const now = Math.floor(this.#context.now() / MICROS_PER_MS)
    const end = Number(query.get('end-time') ?? now)
    const start = Number(query.get('start-time') ?? end - FILLS_WINDOW_MS)
    if (end - start > FILLS_WINDOW_MS) return refused(error('invalid-start-date', 'the window is longer than 48 hours'))
    const size = Number(query.get('size') ?? PAGE_USUAL)
    if (size > PAGE_MAX) return refused(invalid('size'))
    const [symbol, from] = [query.get('symbol'), query.get('from')]
    if (instrumentNamed(symbol) === undefined) return refused(NO_SYMBOL)
    const fills = this.#context.exchange.fillsOf(account).filter(({ order, at, number }) => {
      const atMs = at / MICROS_PER_MS
      if (order.instrument.symbol !== symbol || atMs < start || atMs > end) return false
      return from === null || recordOf(number) <= Number(from)
    })
    return ok(fills.reverse().slice(0, size).map(fillView))
  }

  #fees(query: URLSearchParams): SimulatedAnswer {
    const names = query.get('symbols')?.split(',')
    const rows = HTX_INSTRUMENTS.filter(({ symbol }) => names === undefined || names.includes(symbol))
    return okV2(
      rows.map(({ symbol, makerPpm, takerPpm }) => {
        const [maker, taker] = [makerPpm, takerPpm].map(ppm => (ppm / 1_000_000).toFixed(6))
        return { symbol, makerFeeRate: maker, takerFeeRate: taker, actualMakerRate: maker, actualTakerRate: taker }
      }),
    )
  }
}

const notFound = (): SimulatedAnswer =>
  json({ status: 'error', 'err-code': 'not-found', 'err-msg': 'no such path' }, 404)

const isNumber = (text: unknown, scale: number): text is string =>
  typeof text === 'string' && isDecimal(text) && scaleOf(text) <= scale

function readOrder(
  body: Fields,
  lotsFor: (one: SimulatedInstrument, value: bigint) => Lots,
): NewSimulatedOrder | HtxError {
  const one = instrumentNamed(body.symbol)
  if (one === undefined) return NO_SYMBOL
  const type = TYPE.exec(String(body.type))
  if (type === null) return invalid('type')
  const { instrument } = one
  const [side, form] = [type[1] as 'buy' | 'sell', type[2]!]
  const [isMarket, isStop] = [form === 'market', form.startsWith('stop-')]
  const { amount, price } = body
  const isInQuote = isMarket && side === 'buy'
  if (!isNumber(amount, isInQuote ? 8 : instrument.quantityScale))
    return error(
      'order-orderamount-precision-error',
      `order amount precision error, scale: \`${instrument.quantityScale}\``,
    )
  if (!isMarket && !isNumber(price, instrument.priceScale))
    return error('order-orderprice-precision-error', `order price precision error, scale: \`${instrument.priceScale}\``)
  const trigger = body['stop-price']
  if (isStop && (!isNumber(trigger, instrument.priceScale) || body.operator !== (side === 'buy' ? 'gte' : 'lte')))
    return invalid('stop-price')
  const clientId = body['client-order-id']
  if (clientId !== undefined && !/^[0-9a-zA-Z_-]{1,64}$/.test(String(clientId))) return invalid('client-order-id')
  return {
    clientId: clientId === undefined ? null : String(clientId),
    instrument: one,
    side,
    type: isMarket ? 'market' : isStop ? 'stop_limit' : 'limit',
    timeInForce: form === 'ioc' ? 'ioc' : form.endsWith('-fok') ? 'fok' : 'gtc',
    postOnly: form === 'limit-maker',
    price: isMarket ? null : ticksOf(instrument, String(price)),
    triggerPrice: isStop ? ticksOf(instrument, String(trigger)) : null,
    quantity: isInQuote ? lotsFor(one, unitsOf(amount)) : lotsOf(instrument, amount),
  }
}

const balanceRows = (account: Account) =>
  HTX_CURRENCIES.filter(({ asset }) => account.assets.includes(asset)).flatMap(({ currency, asset }) => [
    { currency, type: 'trade', balance: decimalOf(account.free(asset)), 'seq-num': '0' },
    { currency, type: 'frozen', balance: decimalOf(account.held(asset)), 'seq-num': '0' },
  ])

const keyView = ({ apiKey, permissions }: Account) => ({
  accessKey: apiKey,
  note: 'simulated',
  permission: ['readOnly', ...(permissions.trade ? ['trade'] : []), ...(permissions.withdraw ? ['withdraw'] : [])].join(
    ',',
  ),
  ipAddresses: '',
  validDays: -1,
  status: 'normal',
})
