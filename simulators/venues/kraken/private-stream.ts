import { MICROS_PER_SECOND, type Micros, priceText, quantityText } from '../../../src/kernel/index.ts'
import {
  type Account,
  decimalOf,
  jsonObject,
  notionalUnits,
  type SimulatedFill,
  type SimulatedOrder,
  Subscriptions,
  tradedUnits,
  type VenueConnection,
  type VenueContext,
  type VenueSocket,
} from '../core/index.ts'
import type { KrakenAuth } from './auth.ts'
import { iso, refuse, type Subscribe, sendStatus, times } from './public-stream.ts'

/** Private channels of version 2: https://docs.kraken.com/api/docs/websocket-v2/executions and …/balances */

const FILLS_IN_SNAPSHOT = 50
const NAMES = { limit: 'limit', market: 'market', stop: 'stop-loss', stop_limit: 'stop-loss-limit' } as const

/** Numbers as Kraken writes them: plain, with their decimals. */
type Raw = { readonly raw: string }
const raw = (text: string): Raw => ({ raw: text })

const encode = (value: Record<string, unknown>): string =>
  `{${Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([name, one]) => {
      const isRaw = typeof one === 'object' && one !== null && 'raw' in one
      return `${JSON.stringify(name)}:${isRaw ? (one as Raw).raw : JSON.stringify(one)}`
    })
    .join(',')}}`

export class KrakenPrivateStream implements VenueConnection {
  readonly #context: VenueContext
  readonly #socket: VenueSocket
  readonly #auth: KrakenAuth
  readonly #subscriptions = new Subscriptions()
  #sequence = 0
  #beatAt: Micros = 0

  constructor(context: VenueContext, socket: VenueSocket, auth: KrakenAuth) {
    this.#context = context
    this.#socket = socket
    this.#auth = auth
    sendStatus(context, socket)
  }

  onFrame(frame: string): void {
    const message: Subscribe | null = jsonObject(frame)
    if (message === null) return
    const { method, params = {}, req_id } = message
    const at = this.#context.now()
    if (method === 'ping') {
      this.#socket.send(JSON.stringify({ method: 'pong', req_id, ...times(at) }), 'other')
      return
    }
    const { channel = '' } = params
    const account = this.#auth.accountOfToken(params.token ?? '')
    if (method !== 'subscribe' || (channel !== 'executions' && channel !== 'balances'))
      refuse(this.#context, this.#socket, message, 'Subscription name invalid')
    else if (account === undefined) refuse(this.#context, this.#socket, message, 'EAPI:Invalid token')
    else if (this.#subscriptions.has(channel)) refuse(this.#context, this.#socket, message, 'Already subscribed')
    else {
      const result = { channel, snapshot: true }
      this.#socket.send(JSON.stringify({ method, result, success: true, ...times(at), req_id }), 'other')
      const wishes = params as { snap_trades?: boolean; snap_orders?: boolean }
      const end = channel === 'executions' ? this.#executions(account, wishes) : this.#balances(account)
      this.#subscriptions.add(channel, { end })
    }
  }

  onTick(at: Micros): void {
    if (this.#subscriptions.size === 0 || at - this.#beatAt < MICROS_PER_SECOND) return
    this.#beatAt = at
    this.#socket.send('{"channel":"heartbeat"}', 'other')
  }

  onClose(): void {
    this.#subscriptions.endAll()
  }

  #executions(account: Account, wishes: { snap_trades?: boolean; snap_orders?: boolean }): () => void {
    const { exchange } = this.#context
    const open = wishes.snap_orders === false ? [] : exchange.openOrdersOf(account).map(order => newOf(order))
    const trades = wishes.snap_trades === true ? exchange.fillsOf(account).slice(-FILLS_IN_SNAPSHOT).map(tradeOf) : []
    this.#tell('executions', 'snapshot', [...open, ...trades], 'orders')
    const tell = (order: SimulatedOrder, row: Record<string, unknown>) => {
      if (order.account === account) this.#tell('executions', 'update', [row], 'orders')
    }
    return exchange.listen({
      onOrder(order, cause) {
        if (cause === 'new') {
          tell(order, { ...newOf(order), exec_type: 'pending_new', order_status: 'pending_new' })
          tell(order, statusOf(order, 'new', 'new'))
        } else if (cause === 'canceled')
          tell(order, { ...statusOf(order, 'canceled', 'canceled'), reason: order.reason })
        else if (cause === 'expired') tell(order, { ...statusOf(order, 'expired', 'expired'), reason: order.reason })
        else if (cause === 'triggered') tell(order, statusOf(order, 'status', 'new'))
        else if (cause === 'amended') tell(order, { ...newOf(order), exec_type: 'amended' })
        else if (order.state === 'filled') tell(order, statusOf(order, 'filled', 'filled'))
      },
      onFill: fill => tell(fill.order, tradeOf(fill)),
    })
  }

  #balances(account: Account): () => void {
    const row = (asset: string) => ({
      asset,
      asset_class: 'currency',
      balance: raw(decimalOf(account.total(asset))),
      wallets: [],
    })
    this.#tell('balances', 'snapshot', account.assets.map(row), 'balances')
    return this.#context.exchange.listen({
      onBalance: (changed, assets) => {
        if (changed === account) this.#tell('balances', 'update', assets.map(row), 'balances')
      },
    })
  }

  #tell(channel: string, type: string, rows: readonly Record<string, unknown>[], as: 'orders' | 'balances'): void {
    this.#sequence += 1
    this.#socket.send(
      `{"channel":"${channel}","type":"${type}","data":[${rows.map(encode).join(',')}],"sequence":${this.#sequence}}`,
      as,
    )
  }
}

const price = ({ instrument }: SimulatedOrder, ticks: number | null): Raw | undefined =>
  ticks === null ? undefined : raw(priceText(instrument.instrument, ticks))
const quantity = ({ instrument }: SimulatedOrder, lots: number): Raw => raw(quantityText(instrument.instrument, lots))

/** All that is known of an order, as the first report of it and the snapshot say. */
const newOf = (order: SimulatedOrder): Record<string, unknown> => ({
  order_id: order.id,
  cl_ord_id: order.clientId ?? undefined,
  symbol: order.instrument.instrument.pair,
  side: order.side,
  order_type: NAMES[order.type],
  limit_price: price(order, order.price),
  order_qty: quantity(order, order.quantity),
  cum_qty: quantity(order, order.filled),
  cum_cost: raw(decimalOf(tradedUnits(order))),
  time_in_force: order.timeInForce.toUpperCase(),
  post_only: order.postOnly,
  exec_type: 'new',
  order_status: order.filled > 0 ? 'partially_filled' : 'new',
  timestamp: iso(order.updatedAt),
})

/** A later report names what has changed and leaves out the rest. */
const statusOf = (order: SimulatedOrder, type: string, status: string): Record<string, unknown> => ({
  timestamp: iso(order.updatedAt),
  order_status: status,
  exec_type: type,
  order_userref: 0,
  order_id: order.id,
  cum_qty: quantity(order, order.filled),
})

function tradeOf({ order, id, number, price: at, quantity: lots, liquidity, fee, feeAsset, at: time }: SimulatedFill) {
  return {
    order_id: order.id,
    cl_ord_id: order.clientId ?? undefined,
    exec_id: id,
    exec_type: 'trade',
    trade_id: number,
    symbol: order.instrument.instrument.pair,
    side: order.side,
    last_qty: quantity(order, lots),
    last_price: price(order, at),
    liquidity_ind: liquidity === 'maker' ? 'm' : 't',
    cost: raw(decimalOf(notionalUnits(order.instrument.instrument, at, lots))),
    order_status: 'partially_filled',
    order_type: NAMES[order.type],
    cum_qty: quantity(order, order.filled),
    fees: [{ asset: feeAsset, qty: Number(decimalOf(fee)) }],
    timestamp: iso(time),
  }
}
