import { MICROS_PER_MS, type Micros } from '../../kernel/index.ts'
import { AccountSession } from '../connector/account-session.ts'
import type { AccountSessionFactory } from '../connector/definition.ts'
import { decimalOf } from '../connector/instruments.ts'
import { decimalIn, limitOrNull, lotsIn, lotsOrZero, ticksIn, timeInForceOf } from '../connector/order-fields.ts'
import type { VenueExecution, VenueOrder } from '../port/index.ts'

/** https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/executions and …/balances */

/** Open orders whose first report is kept: later ones leave out what has not changed. */
const ORDERS_KEPT_MAX = 5_000

interface Execution {
  readonly exec_type: string
  readonly order_id: string
  readonly cl_ord_id?: string
  readonly symbol?: string
  readonly side?: 'buy' | 'sell'
  readonly order_type?: string
  readonly order_status?: string
  readonly limit_price?: number
  readonly order_qty?: number
  readonly cum_qty?: number
  readonly time_in_force?: string
  readonly timestamp: string
  readonly reason?: string
  readonly exec_id?: string
  readonly last_qty?: number
  readonly last_price?: number
  readonly liquidity_ind?: 'm' | 't'
  readonly fees?: readonly { readonly asset: string; readonly qty: number }[]
}

interface BalanceRow {
  readonly asset: string
  readonly balance: number
}

interface Frame {
  readonly channel?: string
  readonly method?: string
  readonly success?: boolean
  readonly error?: string
  readonly result?: { readonly channel?: string }
  readonly data?: readonly unknown[]
}

/** The account's orders, fills and balances over Kraken's WebSocket API v2. */
export const krakenPrivateSession =
  (token: string): AccountSessionFactory =>
  (instruments, host) =>
    new KrakenPrivateSession(instruments, host, token)

class KrakenPrivateSession extends AccountSession<Frame, string> {
  /** Kraken sends a heartbeat every second once something is subscribed. */
  protected override readonly silentAfterMs = 10_000
  readonly #orders = new Map<string, Execution>()
  readonly #awaited = new Set(['executions', 'balances'])

  protected override open(): void {
    const subscribe = (params: object) => this.send({ method: 'subscribe', params: { ...params, token: this.login } })
    subscribe({ channel: 'executions', snap_orders: true, snap_trades: true })
    subscribe({ channel: 'balances', snapshot: true })
  }

  protected override read(frame: Frame, at: Micros): void {
    if (frame.method === 'subscribe') this.#onSubscribed(frame, at)
    else if (frame.channel === 'executions') for (const row of frame.data ?? []) this.#onExecution(row as Execution)
    else if (frame.channel === 'balances') for (const row of frame.data ?? []) this.#onBalance(row as BalanceRow, at)
  }

  #onSubscribed({ success, error, result }: Frame, at: Micros): void {
    if (success !== true) {
      this.host.fail(`subscription refused: ${error ?? 'no reason given'}`)
      return
    }
    this.#awaited.delete(result?.channel ?? '')
    if (this.#awaited.size === 0) this.host.onReady(at)
  }

  /** A later report leaves out what has not changed since the first: it is read on top of what was said before. */
  #onExecution(row: Execution): void {
    const known = { ...this.#orders.get(row.order_id), ...row }
    const instrument = known.symbol === undefined ? undefined : this.instruments.byPair(known.symbol)
    if (instrument === undefined) return
    const at = Date.parse(row.timestamp) * MICROS_PER_MS
    if (row.exec_type === 'trade') {
      const fee = row.fees?.[0]
      const execution: VenueExecution = {
        id: row.exec_id!,
        venueOrderId: row.order_id,
        clientId: known.cl_ord_id ?? null,
        instrument: instrument.id,
        side: known.side!,
        price: ticksIn(instrument, row.last_price),
        quantity: lotsIn(instrument, row.last_qty),
        liquidity: row.liquidity_ind === 'm' ? 'maker' : 'taker',
        feeAmount: decimalOf(fee?.qty) ?? '0',
        feeAsset: fee?.asset ?? instrument.quote,
        at,
      }
      this.host.onFill(execution)
    }
    const order: VenueOrder = {
      venueOrderId: row.order_id,
      clientId: known.cl_ord_id ?? null,
      instrument: instrument.id,
      side: known.side ?? 'buy',
      type: typeOf(known.order_type),
      timeInForce: timeInForceOf(known.time_in_force),
      price: limitOrNull(instrument, known.limit_price),
      quantity: lotsOrZero(instrument, known.order_qty),
      filled: lotsOrZero(instrument, known.cum_qty),
      state: stateOf(known.order_status),
      reason: row.reason ?? null,
      at,
    }
    this.#keep(row.order_id, known, order.state === 'open')
    // A trade in the snapshot is history: it says nothing of how its order stands now.
    if (row.exec_type !== 'trade' || known.order_status !== undefined) this.host.onOrder(order)
  }

  #keep(id: string, known: Execution, isOpen: boolean): void {
    this.#orders.delete(id)
    if (!isOpen) return
    this.#orders.set(id, known)
    if (this.#orders.size <= ORDERS_KEPT_MAX) return
    for (const oldest of this.#orders.keys()) {
      this.#orders.delete(oldest)
      return
    }
  }

  #onBalance({ asset, balance }: BalanceRow, at: Micros): void {
    this.host.onBalance({ asset, total: decimalIn(balance), free: null }, at)
  }
}

const typeOf = (type: string | undefined): VenueOrder['type'] =>
  type === 'market' ? 'market' : type === 'stop-loss' ? 'stop' : type === 'stop-loss-limit' ? 'stop_limit' : 'limit'

function stateOf(status: string | undefined): VenueOrder['state'] {
  switch (status) {
    case 'filled':
    case 'canceled':
    case 'expired':
      return status
    default:
      return 'open'
  }
}
