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
  notionalUnits,
  type SimulatedAnswer,
  type SimulatedFill,
  type SimulatedOrder,
  type SimulatedRequest,
  type VenueContext,
} from '../core/index.ts'
import type { KrakenAuth } from './auth.ts'
import { ok, REFUSALS, refused } from './errors.ts'
import { KRAKEN_ASSETS, KRAKEN_PAIRS, type KrakenPair, pairNamed } from './instruments.ts'
import type { KrakenLimits } from './limits.ts'

/** Kraken spot REST: https://docs.kraken.com/api/docs/category/rest-api */

const HISTORY_PAGE = 50
const DEPTH = 500
const DEADLINE_MIN: Micros = 1 * MICROS_PER_SECOND
const DEADLINE_MAX: Micros = 60 * MICROS_PER_SECOND

const seconds = (at: Micros): number => at / MICROS_PER_SECOND
const pairOf = (order: SimulatedOrder): KrakenPair => order.instrument as KrakenPair

export const callOf = ({ path }: SimulatedRequest): CallName => {
  switch (path) {
    case '/0/private/AddOrder':
      return 'place'
    case '/0/private/AmendOrder':
      return 'amend'
    case '/0/private/CancelOrder':
    case '/0/private/CancelAll':
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
      case 'CancelAll': {
        const open = exchange.openOrdersOf(account)
        for (const order of open) exchange.cancel(order, this.#context.now())
        return ok({ count: open.length })
      }
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
      case 'TradesHistory':
        return ok(this.#tradesHistory(account, body))
    }
    return refused('EGeneral:Unknown method')
  }

  #addOrder(account: Account, body: URLSearchParams): SimulatedAnswer {
    if (!account.permissions.trade) return refused('EGeneral:Permission denied')
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

const TYPES: Readonly<Record<string, SimulatedOrder['type']>> = {
  limit: 'limit',
  market: 'market',
  'stop-loss': 'stop',
  'stop-loss-limit': 'stop_limit',
}
const NAMES = { limit: 'limit', market: 'market', stop: 'stop-loss', stop_limit: 'stop-loss-limit' } as const

const matching =
  (body: URLSearchParams) =>
  ({ clientId }: SimulatedOrder): boolean =>
    body.get('cl_ord_id') === null || body.get('cl_ord_id') === clientId

const pairInfo = ({ altname, wsname, base, quote, instrument, makerPpm, takerPpm }: KrakenPair) => ({
  altname,
  wsname,
  aclass_base: 'currency',
  base,
  aclass_quote: 'currency',
  quote,
  lot: 'unit',
  cost_decimals: 5,
  pair_decimals: instrument.priceScale,
  lot_decimals: instrument.quantityScale,
  lot_multiplier: 1,
  leverage_buy: [],
  leverage_sell: [],
  fees: [[0, takerPpm / 10_000]],
  fees_maker: [[0, makerPpm / 10_000]],
  fee_volume_currency: 'ZUSD',
  margin_call: 80,
  margin_stop: 40,
  ordermin: quantityText(instrument, instrument.quantityMin),
  costmin: instrument.notionalMin,
  tick_size: priceText(instrument, 1),
  status: 'online',
})

function tradeVolume(pairs: string | null) {
  const named = pairs === null ? KRAKEN_PAIRS : pairs.split(',').flatMap(name => pairNamed(name) ?? [])
  const schedule = (ppm: (pair: KrakenPair) => number) =>
    Object.fromEntries(
      named.map(pair => [pair.symbol, { fee: (ppm(pair) / 10_000).toFixed(4), minfee: '0.1000', maxfee: '0.2600' }]),
    )
  return {
    currency: 'ZUSD',
    volume: '0.0000',
    fees: schedule(one => one.takerPpm),
    fees_maker: schedule(one => one.makerPpm),
  }
}

const keyInfo = ({ permissions }: Account) => ({
  api_key_name: 'simulated',
  permissions: [
    'query-funds',
    'query-open-trades',
    'query-closed-trades',
    ...(permissions.trade ? ['modify-trades', 'close-trades'] : []),
    ...(permissions.withdraw ? ['withdraw-funds'] : []),
  ],
})

function description(order: SimulatedOrder): string {
  const { instrument } = order.instrument
  const price = order.price === null ? '' : ` ${priceText(instrument, order.price)}`
  return `${order.side} ${quantityText(instrument, order.quantity)} ${pairOf(order).altname} @ ${NAMES[order.type]}${price}`
}

function orderInfo(order: SimulatedOrder) {
  const { instrument } = order.instrument
  const text = (price: number | null) => (price === null ? '0' : priceText(instrument, price))
  const isTriggered = order.triggerPrice !== null
  const cost = order.filled === 0 ? 0n : order.cost * notionalUnits(instrument, 1, 1)
  const average = order.filled === 0 ? '0' : priceText(instrument, Number(order.cost / BigInt(order.filled)))
  const state = order.state === 'filled' ? 'closed' : order.state
  return {
    refid: null,
    userref: 0,
    ...(order.clientId === null ? {} : { cl_ord_id: order.clientId }),
    status: state,
    reason: order.reason,
    opentm: seconds(order.createdAt),
    ...(order.state === 'open' ? {} : { closetm: seconds(order.updatedAt) }),
    starttm: 0,
    expiretm: 0,
    descr: {
      pair: pairOf(order).altname,
      type: order.side,
      ordertype: NAMES[order.type],
      price: text(isTriggered ? order.triggerPrice : order.price),
      price2: text(isTriggered ? order.price : null),
      leverage: 'none',
      order: description(order),
      close: '',
    },
    vol: quantityText(instrument, order.quantity),
    vol_exec: quantityText(instrument, order.filled),
    cost: decimalOf(cost),
    fee: decimalOf([...order.fees.values()].reduce((sum, fee) => sum + fee, 0n)),
    price: average,
    stopprice: text(order.triggerPrice),
    limitprice: '0.00000',
    misc: '',
    oflags: order.postOnly ? 'fciq,post' : 'fciq',
  }
}

function fillInfo({ order, price, quantity, fee, at, number, liquidity }: SimulatedFill) {
  const { instrument } = order.instrument
  return {
    ordertxid: order.id,
    postxid: 'TKH2SE-M7IF5-CFI7LT',
    pair: pairOf(order).symbol,
    time: seconds(at),
    type: order.side,
    ordertype: NAMES[order.type],
    price: priceText(instrument, price),
    cost: decimalOf(notionalUnits(instrument, price, quantity)),
    fee: decimalOf(fee),
    vol: quantityText(instrument, quantity),
    margin: '0.00000',
    leverage: '0',
    misc: '',
    trade_id: number,
    maker: liquidity === 'maker',
  }
}
