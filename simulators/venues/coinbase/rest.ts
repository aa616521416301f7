import { isDecimal, lotsOf, priceText, quantityText, scaleOf, ticksOf } from '../../../src/kernel/index.ts'
import {
  type Account,
  type CallName,
  decimalOf,
  json,
  type NewSimulatedOrder,
  type SimulatedAnswer,
  type SimulatedInstrument,
  type SimulatedOrder,
  type SimulatedRequest,
  type VenueContext,
} from '../core/index.ts'
import type { CoinbaseAuth } from './auth.ts'
import { cancelRow, editRefused, failed, type OrderError, orderRefused, REFUSALS, unauthorized } from './errors.ts'
import { COINBASE_PRODUCTS, productNamed } from './instruments.ts'
import { configurationOf, fillInfo, orderInfo, STATUS } from './orders.ts'
import { CoinbasePublicRest, isPublic } from './public-rest.ts'

/** Advanced Trade REST: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api */

const ROOT = '/api/v3/brokerage/'
const ORDERS_PAGE_MAX = 1_000
const FILLS_PAGE_MAX = 1_000
const CANCELS_MAX = 100

export const callOf = (request: SimulatedRequest): CallName => {
  const { path, method } = request
  if (method === 'POST')
    switch (path) {
      case `${ROOT}orders`:
        return 'place'
      case `${ROOT}orders/edit`:
        return 'amend'
      case `${ROOT}orders/batch_cancel`:
        return 'cancel'
    }
  return isPublic(request) ? 'public' : 'query'
}

interface NewOrderBody {
  readonly client_order_id?: string
  readonly product_id?: string
  readonly side?: string
  readonly order_configuration?: Readonly<Record<string, Configuration>>
}

interface Configuration {
  readonly base_size?: string
  readonly quote_size?: string
  readonly limit_price?: string
  readonly stop_price?: string
  readonly stop_direction?: string
  readonly post_only?: boolean
}

type Kind = Pick<NewSimulatedOrder, 'type' | 'timeInForce'>
const KINDS: Readonly<Record<string, Kind>> = {
  market_market_ioc: { type: 'market', timeInForce: 'ioc' },
  sor_limit_ioc: { type: 'limit', timeInForce: 'ioc' },
  limit_limit_gtc: { type: 'limit', timeInForce: 'gtc' },
  limit_limit_fok: { type: 'limit', timeInForce: 'fok' },
  stop_limit_stop_limit_gtc: { type: 'stop_limit', timeInForce: 'gtc' },
}

export class CoinbaseRest {
  readonly #context: VenueContext
  readonly #auth: CoinbaseAuth
  readonly #public: CoinbasePublicRest

  constructor(context: VenueContext, auth: CoinbaseAuth) {
    this.#context = context
    this.#auth = auth
    this.#public = new CoinbasePublicRest(context)
  }

  answer(request: SimulatedRequest): SimulatedAnswer {
    const { path, method, query } = request
    if (path === '/v2/accounts') return this.#wallets(this.#auth.account(request))
    if (path.startsWith('/v2/')) return this.#public.answerV2(path)
    if (!path.startsWith(ROOT)) return failed(404, 'NOT_FOUND', 'there is no such path')
    const name = path.slice(ROOT.length)
    if (name.startsWith('market/') || name === 'time') return this.#public.answer(name, query)
    const account = this.#auth.account(request)
    if (account === undefined) return unauthorized
    if (method === 'POST') return this.#change(name, account, request.body)
    return method === 'GET' ? this.#query(name, account, query) : failed(405, 'INVALID_ARGUMENT', 'method not allowed')
  }

  #change(name: string, account: Account, text: string): SimulatedAnswer {
    if (!account.permissions.trade) return failed(403, 'PERMISSION_DENIED', 'Missing required scopes')
    let body: unknown
    try {
      body = JSON.parse(text)
    } catch {
      return failed(400, 'INVALID_ARGUMENT', 'the body is not JSON')
    }
    switch (name) {
      case 'orders':
        return this.#createOrder(account, body as NewOrderBody)
      case 'orders/batch_cancel':
        return this.#cancel(account, body as { order_ids?: readonly string[] })
      case 'orders/edit':
        return this.#edit(account, body as { order_id?: string; price?: string; size?: string })
    }
    return failed(404, 'NOT_FOUND', 'there is no such path')
  }

  #query(name: string, account: Account, query: URLSearchParams): SimulatedAnswer {
    switch (name) {
      case 'accounts':
        return this.#accounts(account)
      case 'transaction_summary':
        return json(transactionSummary())
      case 'key_permissions':
        return json({
          can_view: account.permissions.read,
          can_trade: account.permissions.trade,
          can_transfer: account.permissions.withdraw,
          portfolio_uuid: '',
          portfolio_type: 'DEFAULT',
        })
      case 'orders/historical/batch':
        return this.#orders(account, query)
      case 'orders/historical/fills':
        return this.#fills(account, query)
    }
    const [, id] = /^orders\/historical\/([^/]+)$/.exec(name) ?? []
    if (id === undefined) return failed(404, 'NOT_FOUND', 'there is no such path')
    const order = this.#context.exchange.order(account, id)
    return order === undefined
      ? failed(404, 'NOT_FOUND', 'order with this orderID was not found')
      : json({ order: this.#info(order) })
  }

  #createOrder(account: Account, body: NewOrderBody): SimulatedAnswer {
    const { client_order_id: clientId = '', order_configuration: configurations = {} } = body
    const product = productNamed(body.product_id)
    if (product === undefined) return failed(400, 'INVALID_ARGUMENT', 'product_id is not known')
    if (clientId === '' || clientId.length > 128) return failed(400, 'INVALID_ARGUMENT', 'client_order_id is needed')
    if (body.side !== 'BUY' && body.side !== 'SELL') return failed(400, 'INVALID_ARGUMENT', 'side is BUY or SELL')
    // An id that was used before names the order that it made: nothing is made again.
    const before = this.#context.exchange.orderByClientId(account, clientId)
    if (before !== undefined) return created(before)
    const [[name, configuration] = ['', {}]] = Object.entries(configurations)
    const kind = KINDS[name]
    if (kind === undefined) return orderRefused(UNSUPPORTED, configurations)
    const wish = this.#wish(product, body.side === 'BUY' ? 'buy' : 'sell', kind, clientId, configuration)
    if ('error' in wish) return orderRefused(wish, configurations)
    if (kind.timeInForce === 'fok' && !this.#isFillable(wish))
      return orderRefused(REFUSALS.not_fillable, configurations)
    const order = this.#context.exchange.place(account, wish, this.#context.now())
    return typeof order === 'string' ? orderRefused(REFUSALS[order], configurations) : created(order)
  }

  #wish(
    product: SimulatedInstrument,
    side: 'buy' | 'sell',
    kind: Kind,
    clientId: string,
    { base_size, quote_size, limit_price, stop_price, stop_direction, post_only }: Configuration,
  ): NewSimulatedOrder | OrderError {
    const { instrument } = product
    const isLimit = kind.type !== 'market'
    if (isLimit && limit_price === undefined) return REFUSALS.price_invalid
    for (const price of [limit_price, stop_price])
      if (price !== undefined && (!isDecimal(price) || scaleOf(price) > instrument.priceScale))
        return REFUSALS.price_invalid
    const size = base_size ?? (isLimit ? undefined : this.#baseFor(product, side, quote_size))
    if (size === undefined || !isDecimal(size) || scaleOf(size) > instrument.quantityScale)
      return REFUSALS.quantity_too_small
    if (kind.type === 'stop_limit') {
      const wanted = side === 'buy' ? 'STOP_DIRECTION_STOP_UP' : 'STOP_DIRECTION_STOP_DOWN'
      if (stop_price === undefined || stop_direction !== wanted) return REFUSALS.trigger_invalid
    }
    return {
      clientId,
      instrument: product,
      side,
      ...kind,
      postOnly: post_only === true,
      price: limit_price === undefined ? null : ticksOf(instrument, limit_price),
      triggerPrice: stop_price === undefined ? null : ticksOf(instrument, stop_price),
      quantity: lotsOf(instrument, size),
    }
  }

  /** A market order to buy may say what it spends: what that buys at the best price. */
  #baseFor(product: SimulatedInstrument, side: 'buy' | 'sell', quoteSize: string | undefined): string | undefined {
    const { instrument } = product
    const best = this.#context.market.best(product, 'sell')
    if (side === 'sell' || quoteSize === undefined || !isDecimal(quoteSize) || best === undefined) return undefined
    const lot = Number(quantityText(instrument, 1))
    return quantityText(instrument, Math.floor(Number(quoteSize) / Number(priceText(instrument, best)) / lot))
  }

  #isFillable({ instrument, side, price, quantity }: NewSimulatedOrder): boolean {
    const { bids, asks } = this.#context.market.levels(instrument, 10_000)
    const within = (side === 'buy' ? asks : bids).filter(([at]) => (side === 'buy' ? at <= price! : at >= price!))
    return within.reduce((sum, [, lots]) => sum + lots, 0) >= quantity
  }

  #cancel(account: Account, { order_ids = [] }: { order_ids?: readonly string[] }): SimulatedAnswer {
    if (order_ids.length === 0 || order_ids.length > CANCELS_MAX)
      return failed(400, 'INVALID_ARGUMENT', `order_ids are 1 to ${CANCELS_MAX}`)
    const { exchange } = this.#context
    const results = order_ids.map(id => {
      const order = exchange.order(account, id)
      if (order === undefined) return cancelRow(id, 'UNKNOWN_CANCEL_ORDER')
      return cancelRow(id, exchange.cancel(order, this.#context.now()) ? null : 'INVALID_CANCEL_REQUEST')
    })
    return json({ results })
  }

  /** Only limit orders that are good until canceled, and never below what has filled. */
  #edit(account: Account, body: { order_id?: string; price?: string; size?: string }): SimulatedAnswer {
    const { exchange, market } = this.#context
    const order = exchange.order(account, body.order_id ?? '')
    if (order === undefined) return editRefused('ORDER_NOT_FOUND')
    if (order.state !== 'open') return editRefused('INVALID_ORDER_STATUS')
    if (order.type !== 'limit' || order.timeInForce !== 'gtc' || !market.rests(order.instrument, -order.number))
      return editRefused('ONLY_LIMIT_ORDER_EDITS_SUPPORTED')
    const { instrument } = order.instrument
    const { size, price } = body
    if (size !== undefined && (!isDecimal(size) || scaleOf(size) > instrument.quantityScale))
      return editRefused('INVALID_EDITED_SIZE')
    if (price !== undefined && (!isDecimal(price) || scaleOf(price) > instrument.priceScale))
      return editRefused('INVALID_EDITED_PRICE')
    const quantity = size === undefined ? undefined : lotsOf(instrument, size)
    if (quantity !== undefined && quantity <= order.filled) return editRefused('CANNOT_EDIT_TO_BELOW_FILLED_SIZE')
    const refusal = exchange.amend(
      order,
      { quantity, price: price === undefined ? undefined : ticksOf(instrument, price) },
      this.#context.now(),
    )
    if (refusal === null) return json({ success: true, errors: [] })
    return editRefused(refusal === 'insufficient_funds' ? 'COMMANDER_REJECTED_EDIT_ORDER' : 'INVALID_EDITED_SIZE')
  }

  #accounts(account: Account): SimulatedAnswer {
    const accounts = account.assets.map(asset => ({
      uuid: `simulated-${asset.toLowerCase()}`,
      name: `${asset} Wallet`,
      currency: asset,
      available_balance: { value: decimalOf(account.free(asset)), currency: asset },
      default: true,
      active: true,
      type: asset === 'USD' ? 'ACCOUNT_TYPE_FIAT' : 'ACCOUNT_TYPE_CRYPTO',
      ready: true,
      hold: { value: decimalOf(account.held(asset)), currency: asset },
      retail_portfolio_id: '',
    }))
    return json({ accounts, has_next: false, cursor: '', size: accounts.length })
  }

  /** The retail API's wallets: sums alone, whatever of them is held. */
  #wallets(account: Account | undefined): SimulatedAnswer {
    if (account === undefined) return unauthorized
    const data = account.assets.map(asset => ({
      id: `simulated-${asset.toLowerCase()}`,
      name: `${asset} Wallet`,
      primary: false,
      type: asset === 'USD' ? 'fiat' : 'wallet',
      currency: { code: asset },
      balance: { amount: decimalOf(account.total(asset)), currency: asset },
    }))
    return json({ pagination: { limit: 250, order: 'desc', next_uri: null }, data })
  }

  /** Newest first; a cursor goes on where the page before ended. */
  #orders(account: Account, query: URLSearchParams): SimulatedAnswer {
    const products = [...query.getAll('product_ids'), ...query.getAll('product_id')]
    const states = query.getAll('order_status')
    const from = Date.parse(query.get('start_date') ?? '1970-01-01T00:00:00Z') * 1_000
    const found = this.#context.exchange
      .ordersOf(account)
      .filter(order => products.length === 0 || products.includes(order.instrument.symbol))
      .filter(order => states.length === 0 || states.includes(STATUS[order.state]))
      .filter(order => order.createdAt >= from)
      .reverse()
    const { page, cursor } = paged(found, query, ORDERS_PAGE_MAX)
    return json({ orders: page.map(order => this.#info(order)), sequence: '0', has_next: cursor !== '', cursor })
  }

  #fills(account: Account, query: URLSearchParams): SimulatedAnswer {
    const orders = [...query.getAll('order_ids'), ...query.getAll('order_id')]
    const products = [...query.getAll('product_ids'), ...query.getAll('product_id')]
    const from = Date.parse(query.get('start_sequence_timestamp') ?? '1970-01-01T00:00:00Z') * 1_000
    const to = Date.parse(query.get('end_sequence_timestamp') ?? '9999-01-01T00:00:00Z') * 1_000
    const found = this.#context.exchange
      .fillsOf(account)
      .filter(({ order }) => orders.length === 0 || orders.includes(order.id))
      .filter(({ order }) => products.length === 0 || products.includes(order.instrument.symbol))
      .filter(({ at }) => at >= from && at < to)
      .reverse()
    const { page, cursor } = paged(found, query, FILLS_PAGE_MAX)
    return json({ fills: page.map(fillInfo), cursor })
  }

  #info(order: SimulatedOrder) {
    const fills = this.#context.exchange.fills.filter(fill => fill.order === order).length
    return orderInfo(order, fills)
  }
}

const UNSUPPORTED: OrderError = {
  error: 'UNSUPPORTED_ORDER_CONFIGURATION',
  message: 'Invalid order configuration',
  preview: 'UNKNOWN_PREVIEW_FAILURE_REASON',
}

function paged<T>(rows: readonly T[], query: URLSearchParams, max: number): { page: readonly T[]; cursor: string } {
  const from = Number(query.get('cursor') || 0)
  const to = from + Math.min(Number(query.get('limit') ?? max), max)
  return { page: rows.slice(from, to), cursor: to < rows.length ? String(to) : '' }
}

const created = (order: SimulatedOrder): SimulatedAnswer =>
  json({
    success: true,
    failure_reason: 'UNKNOWN_FAILURE_REASON',
    order_id: order.id,
    success_response: {
      order_id: order.id,
      product_id: order.instrument.symbol,
      side: order.side.toUpperCase(),
      client_order_id: order.clientId ?? '',
    },
    order_configuration: configurationOf(order),
  })

function transactionSummary() {
  const [{ makerPpm, takerPpm }] = COINBASE_PRODUCTS as readonly [SimulatedInstrument]
  const rate = (ppm: number) => (ppm / 1_000_000).toFixed(4)
  return {
    total_volume: 0,
    total_fees: 0,
    fee_tier: { pricing_tier: 'Intro 1', taker_fee_rate: rate(takerPpm), maker_fee_rate: rate(makerPpm) },
    advanced_trade_only_volume: 0,
    advanced_trade_only_fees: 0,
  }
}
