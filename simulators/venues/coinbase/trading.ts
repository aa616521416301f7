import { type Account, json, type SimulatedAnswer, type SimulatedOrder, type VenueContext } from '../core/index.ts'
import { FORBIDDEN, failure, notCreated, REFUSALS } from './errors.ts'
import { iso } from './instruments.ts'
import { isFailure, type OrderBody, readOrder, readPrice, readSize } from './order-entry.ts'
import { fillInfo, orderInfo, rememberConfiguration, statusOf } from './orders.ts'

/** https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/orders */

const CANCELS_MAX = 100
const PAGE_DEFAULT = 100
const PAGE_MAX = 1_000
const CLIENT_ID_MAX = 128

export class CoinbaseTrading {
  readonly #context: VenueContext

  constructor(context: VenueContext) {
    this.#context = context
  }

  place(account: Account, body: OrderBody): SimulatedAnswer {
    if (!account.permissions.trade) return FORBIDDEN
    const { client_order_id: clientId, order_configuration: configuration = {} } = body
    if (typeof clientId !== 'string' || clientId === '' || clientId.length > CLIENT_ID_MAX)
      return failure('INVALID_ARGUMENT', 'client_order_id is needed')
    // An id that is known already is the order it was first sent with: nothing new is made.
    const before = this.#context.exchange.orderByClientId(account, clientId)
    if (before !== undefined) return this.#created(before, configuration)
    const wish = readOrder(body, this.#context)
    if (isFailure(wish)) return notCreated(wish, configuration)
    const order = this.#context.exchange.place(account, wish, this.#context.now())
    if (typeof order === 'string') return notCreated(REFUSALS[order], configuration)
    rememberConfiguration(order, configuration)
    return this.#created(order, configuration)
  }

  #created(order: SimulatedOrder, configuration: unknown): SimulatedAnswer {
    return json({
      success: true,
      failure_reason: 'UNKNOWN_FAILURE_REASON',
      order_id: order.id,
      success_response: {
        order_id: order.id,
        product_id: order.instrument.symbol,
        side: order.side.toUpperCase(),
        client_order_id: order.clientId,
        attached_order_id: '',
      },
      order_configuration: configuration,
    })
  }

  cancel(account: Account, { order_ids: ids }: { readonly order_ids?: unknown }): SimulatedAnswer {
    if (!account.permissions.trade) return FORBIDDEN
    if (!Array.isArray(ids) || ids.length === 0 || ids.length > CANCELS_MAX)
      return failure('INVALID_ARGUMENT', `order_ids are 1 to ${CANCELS_MAX}`)
    return json({
      results: ids.map(id => {
        const order = this.#context.exchange.order(account, String(id))
        const isCanceled = order !== undefined && this.#context.exchange.cancel(order, this.#context.now())
        const reason = isCanceled
          ? 'UNKNOWN_CANCEL_FAILURE_REASON'
          : order === undefined
            ? 'UNKNOWN_CANCEL_ORDER'
            : 'INVALID_CANCEL_REQUEST'
        return { success: isCanceled, failure_reason: reason, order_id: id }
      }),
    })
  }

  edit(account: Account, body: { readonly order_id?: unknown; readonly price?: unknown; readonly size?: unknown }) {
    if (!account.permissions.trade) return FORBIDDEN
    const order = this.#context.exchange.order(account, String(body.order_id))
    if (order === undefined || order.state !== 'open') return notEdited('ORDER_NOT_FOUND')
    if (order.type !== 'limit' || order.timeInForce !== 'gtc') return notEdited('ONLY_LIMIT_ORDER_EDITS_SUPPORTED')
    const price = body.price === undefined ? undefined : readPrice(body.price, order.instrument)
    if (isFailure(price)) return notEdited('INVALID_EDITED_PRICE')
    const quantity = body.size === undefined ? undefined : readSize(body.size, order.instrument)
    if (isFailure(quantity)) return notEdited('INVALID_EDITED_SIZE')
    if (quantity !== undefined && quantity <= order.filled) return notEdited('BELOW_FILLED_SIZE')
    const refusal = this.#context.exchange.amend(order, { price, quantity }, this.#context.now())
    return refusal === null ? json({ success: true, errors: [] }) : notEdited('REJECTED', REFUSALS[refusal].preview)
  }

  order(account: Account, id: string): SimulatedAnswer {
    const order = this.#context.exchange.order(account, id)
    if (order === undefined) return failure('NOT_FOUND', 'order with this orderID was not found', 404)
    return json({ order: this.#info(order) })
  }

  orders(account: Account, query: URLSearchParams): SimulatedAnswer {
    const [products, statuses] = [
      query.getAll('product_id').concat(query.getAll('product_ids')),
      query.getAll('order_status'),
    ]
    const [start, end] = [query.get('start_date') ?? '', query.get('end_date') ?? '~']
    const orders = this.#context.exchange
      .ordersOf(account)
      .filter(order => products.length === 0 || products.includes(order.instrument.symbol))
      .filter(order => statuses.length === 0 || statuses.includes(statusOf(order)))
      .filter(({ createdAt }) => iso(createdAt) >= start && iso(createdAt) <= end)
      .reverse()
    const { rows, cursor } = pageOf(orders, query)
    return json({
      orders: rows.map(order => this.#info(order)),
      sequence: '0',
      has_next: cursor !== '',
      cursor,
    })
  }

  fills(account: Account, query: URLSearchParams): SimulatedAnswer {
    const named = (...names: string[]) => names.flatMap(name => query.getAll(name))
    const [orders, products] = [named('order_id', 'order_ids'), named('product_id', 'product_ids')]
    const [start, end] = [query.get('start_sequence_timestamp') ?? '', query.get('end_sequence_timestamp') ?? '~']
    const fills = this.#context.exchange
      .fillsOf(account)
      .filter(({ order }) => orders.length === 0 || orders.includes(order.id))
      .filter(({ order }) => products.length === 0 || products.includes(order.instrument.symbol))
      .filter(({ at }) => iso(at) >= start && iso(at) <= end)
      .reverse()
    const { rows, cursor } = pageOf(fills, query)
    return json({ fills: rows.map(fillInfo), cursor })
  }

  #info(order: SimulatedOrder) {
    return orderInfo(
      order,
      this.#context.exchange.fillsOf(order.account).filter(fill => fill.order === order),
    )
  }
}

const notEdited = (reason: string, preview = 'UNKNOWN_PREVIEW_FAILURE_REASON'): SimulatedAnswer =>
  json({ success: false, errors: [{ edit_failure_reason: reason, preview_failure_reason: preview }] })

/** Newest first; the cursor is where the next page begins. */
function pageOf<T>(all: readonly T[], query: URLSearchParams): { rows: readonly T[]; cursor: string } {
  const limit = Math.min(Number(query.get('limit') ?? PAGE_DEFAULT) || PAGE_DEFAULT, PAGE_MAX)
  const start = Number(query.get('cursor') ?? 0) || 0
  const end = start + limit
  return { rows: all.slice(start, end), cursor: end < all.length ? String(end) : '' }
}
