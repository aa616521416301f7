import {
  type Account,
  type CallName,
  type Fields,
  json,
  jsonObject,
  type SimulatedAnswer,
  type SimulatedOrder,
  type SimulatedRequest,
  type VenueContext,
} from '../core/index.ts'
import { ms, orderRow, pageOf, permissionRows, tradeRow, walletRow } from './answers.ts'
import type { BitfinexAuth } from './auth.ts'
import { type BitfinexError, DENIED, failed, INVALID_SYMBOL, ORDER_NOT_FOUND, parameter, REFUSALS } from './errors.ts'
import { BITFINEX_PAIRS, pairNamed } from './instruments.ts'
import type { BitfinexMarket } from './market-data.ts'
import { amountIn, clientIdIn, isError, priceIn, wishOf } from './new-order.ts'

/** https://docs.bitfinex.com/reference/rest-auth-submit-order and its neighbours */

const HISTORY = { usual: 25, most: 2_500 }
const DAY_MS = 86_400_000

const CALLS: Readonly<Record<string, CallName>> = {
  '/v2/auth/w/order/submit': 'place',
  '/v2/auth/w/order/update': 'amend',
  '/v2/auth/w/order/cancel': 'cancel',
  '/v2/auth/w/order/cancel/multi': 'cancel',
}

const isPublic = ({ path }: SimulatedRequest): boolean => !path.startsWith('/v2/auth/')
export const callOf = (request: SimulatedRequest): CallName =>
  isPublic(request) ? 'public' : (CALLS[request.path] ?? 'query')

export class BitfinexRest {
  readonly #context: VenueContext
  readonly #auth: BitfinexAuth
  readonly #market: BitfinexMarket

  constructor(context: VenueContext, auth: BitfinexAuth, market: BitfinexMarket) {
    this.#context = context
    this.#auth = auth
    this.#market = market
  }

  answer(request: SimulatedRequest): SimulatedAnswer {
    if (isPublic(request)) return this.#market.answer(request)
    const account = this.#auth.verify(request)
    if ('code' in account) return failed(account)
    const fields = jsonObject(request.body || '{}')
    if (fields === null) return failed(parameter('body'))
    const [, , , kind = '', what = '', ...rest] = request.path.split('/')
    if (kind === 'w' && what === 'order') {
      if (!account.permissions.trade) return failed(DENIED)
      return this.#write(rest.join('/'), account, fields)
    }
    if (request.path === '/v2/auth/r/permissions') return json(permissionRows(account))
    if (kind === 'r') return this.#read(what, rest, account, fields)
    return failed(parameter('path'), 404)
  }

  #read(what: string, rest: readonly string[], account: Account, fields: Fields): SimulatedAnswer {
    const { exchange } = this.#context
    const isHistory = rest.at(-1) === 'hist'
    const symbol = isHistory ? rest.at(-2) : rest[0]
    const listed = symbol === undefined ? undefined : pairNamed(symbol)
    switch (what) {
      case 'wallets':
        return json(account.assets.map(asset => walletRow(account, asset)))
      case 'summary':
        return json(this.#summary())
      case 'orders': {
        if (symbol !== undefined && listed === undefined) return failed(INVALID_SYMBOL)
        const wanted = (order: SimulatedOrder) =>
          (listed === undefined || order.instrument === listed) && isNamed(order, fields)
        if (!isHistory) return json(exchange.openOrdersOf(account).filter(wanted).map(orderRow))
        const over = exchange.ordersOf(account).filter(order => order.state !== 'open' && wanted(order))
        return json(pageOf(over, fields, HISTORY, ({ updatedAt }) => updatedAt).map(orderRow))
      }
      case 'trades': {
        if (symbol !== undefined && listed === undefined) return failed(INVALID_SYMBOL)
        const fills = exchange
          .fillsOf(account)
          .filter(({ order }) => listed === undefined || order.instrument === listed)
        return json(pageOf(fills, fields, HISTORY, ({ at }) => at).map(fill => tradeRow(fill)))
      }
    }
    return failed(parameter('path'), 404)
  }

  /** Of the fees alone, by what is traded: crypto, stable coins, fiat, derivatives. */
  #summary(): readonly unknown[] {
    const [{ makerPpm, takerPpm }] = BITFINEX_PAIRS as [(typeof BITFINEX_PAIRS)[number]]
    const [maker, taker] = [makerPpm / 1_000_000, takerPpm / 1_000_000]
    const fees = [
      [maker, maker, maker, null, null, maker],
      [taker, taker, taker, null, null, taker],
    ]
    return [null, null, null, null, fees, null, null, null, null, { leo_lev: 0, leo_amount_avg: 0 }]
  }

  #write(what: string, account: Account, fields: Fields): SimulatedAnswer {
    switch (what) {
      case 'submit':
        return this.#submit(account, fields)
      case 'update':
        return this.#update(account, fields)
      case 'cancel': {
        const order = this.#named(account, fields)
        if (order === undefined || !this.#context.exchange.cancel(order, this.#context.now()))
          return failed(ORDER_NOT_FOUND)
        return this.#done(
          'oc-req',
          orderRow(order),
          `Submitted for cancellation; waiting for confirmation (ID: ${order.id}).`,
        )
      }
      case 'cancel/multi': {
        const ids = new Set(Array.isArray(fields.id) ? fields.id.map(String) : [])
        if (fields.all !== 1 && ids.size === 0) return failed(parameter('id'))
        const { exchange } = this.#context
        const orders = exchange.openOrdersOf(account).filter(({ id }) => fields.all === 1 || ids.has(id))
        for (const order of orders) exchange.cancel(order, this.#context.now())
        return this.#done('oc_multi-req', orders.map(orderRow), `Submitting ${orders.length} order cancellations.`)
      }
    }
    return failed(parameter('path'), 404)
  }

  #submit(account: Account, fields: Fields): SimulatedAnswer {
    const wish = wishOf(fields)
    if (isError(wish)) return failed(wish)
    const placed = this.#context.exchange.place(account, wish, this.#context.now())
    if (typeof placed === 'string') return failed(REFUSALS[placed])
    return this.#done('on-req', [orderRow(placed)], `Submitting ${String(fields.type).toLowerCase()} order.`)
  }

  /** `amount` is what shall be left, `delta` what shall be added to it; both signed as the order is. */
  #update(account: Account, fields: Fields): SimulatedAnswer {
    const order = this.#named(account, fields)
    if (order?.state !== 'open') return failed(ORDER_NOT_FOUND)
    const change = this.#changeOf(order, fields)
    if (isError(change)) return failed(change)
    const refusal = this.#context.exchange.amend(order, change, this.#context.now())
    if (refusal !== null) return failed(REFUSALS[refusal])
    return this.#done('ou-req', orderRow(order), 'Submitting update to order.')
  }

  #changeOf(order: SimulatedOrder, fields: Fields): { quantity?: number; price?: number } | BitfinexError {
    const sign = order.side === 'buy' ? 1 : -1
    const { instrument: listed } = order
    const amount = fields.amount === undefined ? undefined : amountIn(listed, fields, 'amount')
    const delta = fields.delta === undefined ? undefined : amountIn(listed, fields, 'delta')
    const price = fields.price === undefined ? undefined : priceIn(listed, fields, 'price')
    if (isError(amount)) return amount
    if (isError(delta)) return delta
    if (isError(price)) return price
    if (amount !== undefined && amount * sign <= 0) return parameter('amount')
    const quantity =
      amount !== undefined
        ? order.filled + Math.abs(amount)
        : delta === undefined
          ? undefined
          : order.quantity + delta * sign
    return { quantity, price }
  }

  /** By id, or by client id and the day of it. */
  #named(account: Account, fields: Fields): SimulatedOrder | undefined {
    const { exchange } = this.#context
    if (fields.id !== undefined) return exchange.order(account, String(fields.id))
    const clientId = clientIdIn(fields)
    if (clientId === null || isError(clientId)) return undefined
    const order = exchange.orderByClientId(account, clientId)
    const day = order === undefined ? '' : new Date(ms(order.createdAt)).toISOString().slice(0, 10)
    return day === fields.cid_date ? order : undefined
  }

  #done(type: string, data: unknown, text: string): SimulatedAnswer {
    return json([ms(this.#context.now()), type, null, null, data, null, 'SUCCESS', text])
  }
}

function isNamed({ id, clientId, createdAt }: SimulatedOrder, fields: Fields): boolean {
  if (Array.isArray(fields.id)) return fields.id.map(String).includes(id)
  if (fields.cid === undefined) return true
  const day = Date.parse(String(fields.cid_date ?? ''))
  return clientId === String(fields.cid) && (Number.isNaN(day) || Math.floor(ms(createdAt) / DAY_MS) * DAY_MS === day)
}
