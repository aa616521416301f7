import {
  isDecimal,
  lotsOf,
  MICROS_PER_MINUTE,
  MICROS_PER_MS,
  MICROS_PER_SECOND,
  type Micros,
  priceText,
  quantityText,
  scaleOf,
  ticksOf,
} from '../../../src/kernel/index.ts'
import {
  type Account,
  type CallName,
  decimalOf,
  type SimulatedAnswer,
  type SimulatedOrder,
  type SimulatedRequest,
  type VenueContext,
} from '../core/index.ts'
import { description, fillInfo, keyInfo, orderInfo, pairInfo, pairOf, seconds, TYPES, tradeVolume } from './answers.ts'
import type { KrakenAuth } from './auth.ts'
import { ok, REFUSALS, refused } from './errors.ts'
import { KRAKEN_ASSETS, KRAKEN_PAIRS, type KrakenPair, pairNamed } from './instruments.ts'
import type { KrakenLimits } from './limits.ts'

/** Kraken spot REST: https://docs.kraken.com/api/docs/category/rest-api */

const HISTORY_PAGE = 50
const DEPTH = 500
const DEADLINE_MIN: Micros = 1 * MICROS_PER_SECOND
const SWITCH_SECONDS_MAX = 86_400
const CHANGES = new Set(['AddOrder', 'AmendOrder', 'CancelOrder', 'CancelAll', 'CancelAllOrdersAfter'])
const DEADLINE_MAX: Micros = 60 * MICROS_PER_SECOND

export const callOf = ({ path }: SimulatedRequest): CallName => {
  switch (path) {
    case '/0/private/AddOrder':
      return 'place'
    case '/0/private/AmendOrder':
      return 'amend'
    case '/0/private/CancelOrder':
    case '/0/private/CancelAll':
    case '/0/private/CancelAllOrdersAfter':
      return 'cancel'
    default:
      return path.startsWith('/0/private/') ? 'query' : 'public'
  }
}

export class KrakenRest {
  readonly #context: VenueContext
  readonly #auth: KrakenAuth
  readonly #limits: KrakenLimits

  constructor(context: VenueContext, auth: KrakenAuth, limits: KrakenLimits) {
    this.#context = context
    this.#auth = auth
    this.#limits = limits
  }

  answer(request: SimulatedRequest): SimulatedAnswer {
    const { path, method } = request
    if (path.startsWith('/0/public/')) return this.#public(path.slice('/0/public/'.length), request)
    if (!path.startsWith('/0/private/') || method !== 'POST') return refused('EGeneral:Unknown method')
    const account = this.#auth.verify(request)
    if (typeof account === 'string') return refused(account)
    return this.#private(path.slice('/0/private/'.length), account, new URLSearchParams(request.body))
  }

  onTick(at: Micros): void {
    for (const account of this.#context.switches.takeDue(at)) this.#cancelAll(account)
  }

  #public(name: string, { query }: SimulatedRequest): SimulatedAnswer {
    const now = this.#context.now()
    const pair = pairNamed(query.get('pair'))
    switch (name) {
      case 'Time':
        return ok({ unixtime: Math.floor(seconds(now)), rfc1123: new Date(now / 1_000).toUTCString() })
      case 'SystemStatus':
        return ok({ status: 'online', timestamp: new Date(now / 1_000).toISOString() })
      case 'Assets':
        return ok(
          Object.fromEntries(
            KRAKEN_ASSETS.map(({ id, altname }) => [
              id,
              { aclass: 'currency', altname, decimals: 10, display_decimals: 5, status: 'enabled' },
            ]),
          ),
        )
      case 'AssetPairs':
        return ok(Object.fromEntries(KRAKEN_PAIRS.map(one => [one.symbol, pairInfo(one)])))
      case 'Ticker':
        return ok(
          Object.fromEntries((pair === undefined ? KRAKEN_PAIRS : [pair]).map(one => [one.symbol, this.#ticker(one)])),
        )
    }
    if (pair === undefined) return refused('EQuery:Unknown asset pair')
    switch (name) {
      case 'Depth':
        return ok({ [pair.symbol]: this.#depth(pair, Number(query.get('count') ?? 100)) })
      case 'Trades':
        return ok(this.#trades(pair, Number(query.get('count') ?? 1_000)))
      case 'OHLC':
        return ok(this.#candles(pair, Number(query.get('interval') ?? 1), Number(query.get('since') ?? 0)))
    }
    return refused('EGeneral:Unknown method')
  }

  #private(name: string, account: Account, body: URLSearchParams): SimulatedAnswer {
    const { exchange } = this.#context
    if (CHANGES.has(name) && !account.permissions.trade) return refused('EGeneral:Permission denied')
    switch (name) {
      case 'Balance':
        return ok(this.#balances(account, asset => decimalOf(account.total(asset))))
      case 'BalanceEx':
        return ok(
          this.#balances(account, asset => ({
            balance: decimalOf(account.total(asset)),
            hold_trade: decimalOf(account.held(asset)),
          })),
        )
      case 'TradeVolume':
        return ok(tradeVolume(body.get('pair')))
      case 'GetWebSocketsToken':
        return ok({ token: this.#auth.issueToken(account), expires: 900 })
      case 'GetApiKeyInfo':
        return ok(keyInfo(account))
      case 'AddOrder':
        return this.#addOrder(account, body)
      case 'AmendOrder':
        return this.#amendOrder(account, body)
      case 'CancelOrder':
        return this.#cancelOrder(account, body)
      case 'CancelAll':
        return ok({ count: this.#cancelAll(account) })
      case 'CancelAllOrdersAfter':
        return this.#cancelAllAfter(account, body)
      case 'OpenOrders': {
        const open = exchange.openOrdersOf(account).filter(matching(body))
        return ok({ open: Object.fromEntries(open.map(order => [order.id, orderInfo(order)])) })
      }
      case 'ClosedOrders':
        return ok(this.#closedOrders(account, body))
      case 'QueryOrders': {
        const ids = (body.get('txid') ?? '').split(',')
        const orders = ids.map(id => exchange.order(account, id))
        if (orders.some(order => order === undefined)) return refused('EOrder:Unknown order')
        return ok(Object.fromEntries(orders.map(order => [order!.id, orderInfo(order!)])))
      }
      case 'QueryTrades': {
        const ids = (body.get('txid') ?? '').split(',')
        const fills = exchange.fillsOf(account).filter(({ id }) => ids.includes(id))
        if (fills.length < ids.length) return refused('EGeneral:Invalid arguments')
        return ok(Object.fromEntries(fills.map(fill => [fill.id, fillInfo(fill)])))
      }
      case 'TradesHistory':
        return ok(this.#tradesHistory(account, body))
    }
    return refused('EGeneral:Unknown method')
  }

  #addOrder(account: Account, body: URLSearchParams): SimulatedAnswer {
    const pair = pairNamed(body.get('pair'))
    if (pair === undefined) return refused('EQuery:Unknown asset pair')
    const side = body.get('type')
    if (side !== 'buy' && side !== 'sell') return refused('EGeneral:Invalid arguments:type')
    const late = this.#deadlineFault(body.get('deadline'))
    if (late !== null) return refused(late)
    const kind = TYPES[body.get('ordertype') ?? '']
    if (kind === undefined) return refused('EGeneral:Invalid arguments:ordertype')
    const { instrument } = pair
    const [first, second] = [body.get('price'), body.get('price2')]
    const isTriggered = kind === 'stop' || kind === 'stop_limit'
    const limit = kind === 'limit' ? first : kind === 'stop_limit' ? second : null
    const trigger = isTriggered ? first : null
    for (const price of [limit, trigger])
      if (price !== null && (!isDecimal(price) || scaleOf(price) > instrument.priceScale))
        return refused(
          `EOrder:Invalid price:${pair.altname} price can only be specified up to ${instrument.priceScale} decimals.`,
        )
    if ((kind === 'limit' || kind === 'stop_limit') && limit === null)
      return refused('EGeneral:Invalid arguments:price')
    const volume = body.get('volume') ?? ''
    if (!isDecimal(volume) || scaleOf(volume) > instrument.quantityScale)
      return refused('EGeneral:Invalid arguments:volume')
    const tif = (body.get('timeinforce') ?? 'GTC').toUpperCase()
    if (tif !== 'GTC' && tif !== 'IOC') return refused('EGeneral:Invalid arguments:timeinforce')
    const clientId = body.get('cl_ord_id')
    if (clientId !== null && !/^([0-9a-f-]{36}|[0-9a-f]{32}|[\x21-\x7e]{1,18})$/i.test(clientId))
      return refused('EGeneral:Invalid arguments:cl_ord_id')
    if (!this.#limits.order(account.apiKey, pair.symbol, this.#context.market.now))
      return refused('EOrder:Rate limit exceeded')
    const order = this.#context.exchange.place(
      account,
      {
        clientId,
        instrument: pair,
        side,
        type: kind,
        timeInForce: tif === 'IOC' ? 'ioc' : 'gtc',
        postOnly: (body.get('oflags') ?? '').split(',').includes('post'),
        price: limit === null ? null : ticksOf(instrument, limit),
        triggerPrice: trigger === null ? null : ticksOf(instrument, trigger),
        quantity: lotsOf(instrument, volume),
      },
      this.#context.now(),
    )
    if (typeof order === 'string') return refused(REFUSALS[order])
    return ok({ descr: { order: description(order) }, txid: [order.id] })
  }

  #deadlineFault(deadline: string | null): string | null {
    if (deadline === null) return null
    const at = Date.parse(deadline) * MICROS_PER_MS
    const left = at - this.#context.now()
    if (Number.isNaN(at) || left > DEADLINE_MAX) return 'EGeneral:Invalid arguments:deadline'
    return left < DEADLINE_MIN ? 'EService:Deadline elapsed' : null
  }

  #amendOrder(account: Account, body: URLSearchParams): SimulatedAnswer {
    const order = this.#named(account, body)
    if (order === undefined || order.state !== 'open') return refused('EOrder:Unknown order')
    const { instrument } = order.instrument
    const [quantity, price] = [body.get('order_qty'), body.get('limit_price')]
    if (quantity !== null && (!isDecimal(quantity) || scaleOf(quantity) > instrument.quantityScale))
      return refused('EGeneral:Invalid arguments:order_qty')
    if (price !== null && (!isDecimal(price) || scaleOf(price) > instrument.priceScale))
      return refused('EGeneral:Invalid arguments:limit_price')
    const refusal = this.#context.exchange.amend(
      order,
      {
        quantity: quantity === null ? undefined : lotsOf(instrument, quantity),
        price: price === null ? undefined : ticksOf(instrument, price),
      },
      this.#context.now(),
    )
    return refusal === null ? ok({ amend_id: `A${order.id.slice(1)}` }) : refused(REFUSALS[refusal])
  }

  #cancelOrder(account: Account, body: URLSearchParams): SimulatedAnswer {
    const order = this.#named(account, body)
    if (order === undefined) return refused('EOrder:Unknown order')
    const now = this.#context.now()
    if (!this.#context.exchange.cancel(order, now)) return refused('EOrder:Unknown order')
    this.#limits.cancel(account.apiKey, pairOf(order).symbol, order.createdAt, this.#context.market.now)
    return ok({ count: 1 })
  }

  #cancelAll(account: Account): number {
    const open = this.#context.exchange.openOrdersOf(account)
    for (const order of open) this.#context.exchange.cancel(order, this.#context.now())
    return open.length
  }

  /** https://docs.kraken.com/api/docs/rest-api/cancel-all-orders-after: seconds from now, 0 for never. */
  #cancelAllAfter(account: Account, body: URLSearchParams): SimulatedAnswer {
    const text = body.get('timeout') ?? ''
    if (!/^\d{1,5}$/.test(text) || Number(text) > SWITCH_SECONDS_MAX)
      return refused('EGeneral:Invalid arguments:timeout')
    const now = this.#context.now()
    const due = now + Number(text) * MICROS_PER_SECOND
    const second = (at: Micros) => `${new Date(at / MICROS_PER_MS).toISOString().slice(0, 19)}Z`
    if (Number(text) === 0) this.#context.switches.delete(account)
    else this.#context.switches.set(account, due)
    return ok({ currentTime: second(now), triggerTime: Number(text) === 0 ? '0' : second(due) })
  }

  #named(account: Account, body: URLSearchParams): SimulatedOrder | undefined {
    const { exchange } = this.#context
    const clientId = body.get('cl_ord_id')
    return clientId === null
      ? exchange.order(account, body.get('txid') ?? '')
      : exchange.orderByClientId(account, clientId)
  }

  #closedOrders(account: Account, body: URLSearchParams) {
    const start = Number(body.get('start') ?? 0)
    const closed = this.#context.exchange
      .ordersOf(account)
      .filter(order => order.state !== 'open' && seconds(order.updatedAt) > start)
      .filter(matching(body))
      .sort((a, b) => b.updatedAt - a.updatedAt)
    const offset = Number(body.get('ofs') ?? 0)
    const page = closed.slice(offset, offset + HISTORY_PAGE)
    return { closed: Object.fromEntries(page.map(order => [order.id, orderInfo(order)])), count: closed.length }
  }

  /** Newest first, fifty a page, as Kraken does. */
  #tradesHistory(account: Account, body: URLSearchParams) {
    const start = Number(body.get('start') ?? 0)
    const end = Number(body.get('end') ?? Number.POSITIVE_INFINITY)
    const fills = this.#context.exchange
      .fillsOf(account)
      .filter(({ at }) => seconds(at) > start && seconds(at) <= end)
      .reverse()
    const offset = Number(body.get('ofs') ?? 0)
    const page = fills.slice(offset, offset + HISTORY_PAGE)
    return { trades: Object.fromEntries(page.map(fill => [fill.id, fillInfo(fill)])), count: fills.length }
  }

  #balances(account: Account, of: (asset: string) => unknown): Record<string, unknown> {
    return Object.fromEntries(
      KRAKEN_ASSETS.filter(({ asset }) => account.assets.includes(asset)).map(({ id, asset }) => [id, of(asset)]),
    )
  }

  #depth(pair: KrakenPair, count: number) {
    const { instrument } = pair
    const { bids, asks, at } = this.#context.feed(DEPTH).picture(pair)
    const rows = (levels: typeof bids) =>
      levels
        .slice(0, count)
        .map(([price, quantity]) => [
          priceText(instrument, price),
          quantityText(instrument, quantity),
          Math.floor(seconds(at)),
        ])
    return { asks: rows(asks), bids: rows(bids) }
  }

  #trades(pair: KrakenPair, count: number) {
    const { instrument } = pair
    const trades = this.#context.tape.trades(pair).slice(-count)
    return {
      [pair.symbol]: trades.map(({ price, quantity, at, side, number }) => [
        priceText(instrument, price),
        quantityText(instrument, quantity),
        seconds(at),
        side === 'buy' ? 'b' : 's',
        'm',
        '',
        number,
      ]),
      last: String(Math.floor((trades.at(-1)?.at ?? 0) * 1_000)),
    }
  }

  #candles(pair: KrakenPair, minutes: number, since: number) {
    const { instrument } = pair
    const candles = this.#context.tape.candles(pair, minutes * MICROS_PER_MINUTE, this.#context.market.now)
    const rows = candles
      .filter(({ openAt }) => seconds(openAt) >= since)
      .map(({ openAt, open, high, low, close, volume }) => [
        seconds(openAt),
        ...[open, high, low, close].map(price => priceText(instrument, price)),
        priceText(instrument, close),
        volume.toFixed(8),
        1,
      ])
    return { [pair.symbol]: rows, last: rows.at(-2)?.[0] ?? 0 }
  }

  #ticker(pair: KrakenPair) {
    const { instrument } = pair
    const { market, tape } = this.#context
    const { bids, asks } = market.levels(pair, 1)
    const day = tape.day(pair, market.now)
    const best = (level: (typeof bids)[number] | undefined) =>
      level === undefined ? ['0', '0', '0'] : [priceText(instrument, level[0]), '1', quantityText(instrument, level[1])]
    const last = tape.trades(pair).at(-1)
    const text = (price: number) => priceText(instrument, price)
    return {
      a: best(asks[0]),
      b: best(bids[0]),
      c: [text(day.last), last === undefined ? '0' : quantityText(instrument, last.quantity)],
      v: [day.volume.toFixed(8), day.volume.toFixed(8)],
      p: [text(day.last), text(day.last)],
      t: [day.trades, day.trades],
      l: [text(day.low), text(day.low)],
      h: [text(day.high), text(day.high)],
      o: text(day.open),
    }
  }
}

const matching =
  (body: URLSearchParams) =>
  ({ clientId }: SimulatedOrder): boolean =>
    body.get('cl_ord_id') === null || body.get('cl_ord_id') === clientId
