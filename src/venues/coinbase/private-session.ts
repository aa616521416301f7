import type { Micros, OrderType } from '../../kernel/index.ts'
import { AccountSession } from '../connector/account-session.ts'
import type { AccountSessionFactory } from '../connector/definition.ts'
import { limitOrNull, lotsOrZero } from '../connector/order-fields.ts'
import type { VenueOrder } from '../port/index.ts'

/**
 * The channel `user`: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/websocket/user
 * It tells how much of an order is filled and not by which fills: those are asked for.
 */

/** Orders whose fills are counted. */
const ORDERS_KEPT_MAX = 5_000
/** Open orders come in batches of so many; a smaller one, or anything else, says that they are all told. */
const SNAPSHOT_BATCH = 50

interface OrderRow {
  readonly order_id: string
  readonly client_order_id: string
  readonly cumulative_quantity: string
  readonly leaves_quantity: string
  readonly limit_price?: string
  readonly status: string
  readonly product_id: string
  readonly order_side: 'BUY' | 'SELL'
  readonly order_type: string
  readonly time_in_force: string
  readonly cancel_reason?: string
  readonly reject_reason?: string
}

interface Event {
  readonly type?: string
  readonly orders?: readonly OrderRow[]
}

interface Frame {
  readonly channel?: string
  readonly type?: string
  readonly message?: string
  readonly sequence_num?: number
  readonly events?: readonly Event[]
}

export interface CoinbaseSigner {
  token(): string
}

export const coinbasePrivateSession =
  (signer: CoinbaseSigner): AccountSessionFactory =>
  (instruments, host) =>
    new CoinbasePrivateSession(instruments, host, signer)

class CoinbasePrivateSession extends AccountSession<Frame, CoinbaseSigner> {
  /** `heartbeats` beats every second. */
  protected override readonly silentAfterMs = 10_000
  readonly #filled = new Map<string, number>()
  #sequence = -1
  /** A full batch of open orders has come, which may be the last. */
  #isPartTold = false

  protected override open(): void {
    for (const channel of ['heartbeats', 'user']) this.send({ type: 'subscribe', channel, jwt: this.login.token() })
  }

  protected override read(frame: Frame, at: Micros): void {
    if (frame.type === 'error') {
      this.host.fail(`refused by Coinbase: ${frame.message ?? 'no reason given'}`)
      return
    }
    // Every frame of a connection is numbered: a missing one may have been about an order.
    if (frame.sequence_num !== undefined) {
      if (this.#sequence >= 0 && frame.sequence_num > this.#sequence + 1) {
        this.host.fail('a frame is missing')
        return
      }
      this.#sequence = Math.max(this.#sequence, frame.sequence_num)
    }
    if (frame.channel === 'user') for (const event of frame.events ?? []) this.#onEvent(event, at)
    else if (this.#isPartTold) this.#ready(at)
  }

  #onEvent({ type, orders = [] }: Event, at: Micros): void {
    if (type !== 'snapshot' && this.#isPartTold) this.#ready(at)
    for (const row of orders) this.#onOrder(row, at)
    if (type !== 'snapshot') return
    if (orders.length < SNAPSHOT_BATCH) this.#ready(at)
    else this.#isPartTold = true
  }

  #ready(at: Micros): void {
    this.#isPartTold = false
    this.host.onReady(at)
  }

  #onOrder(row: OrderRow, at: Micros): void {
    const instrument = this.instruments.bySymbol(row.product_id)
    if (instrument === undefined) return
    const filled = lotsOrZero(instrument, row.cumulative_quantity)
    const order: VenueOrder = {
      venueOrderId: row.order_id,
      clientId: row.client_order_id || null,
      instrument: instrument.id,
      side: row.order_side === 'BUY' ? 'buy' : 'sell',
      type: typeOf(row.order_type),
      timeInForce:
        row.time_in_force === 'IMMEDIATE_OR_CANCEL' ? 'ioc' : row.time_in_force === 'FILL_OR_KILL' ? 'fok' : 'gtc',
      price: limitOrNull(instrument, row.limit_price),
      quantity: filled + lotsOrZero(instrument, row.leaves_quantity),
      filled,
      state: stateOf(row.status),
      reason: row.reject_reason || row.cancel_reason || null,
      at,
    }
    const hasFilled = filled > (this.#filled.get(row.order_id) ?? 0)
    // One that is over is told after its fills.
    if (!hasFilled || order.state === 'open') this.host.onOrder(order)
    if (hasFilled) this.host.requestFills(order)
    this.#filled.delete(row.order_id)
    this.#filled.set(row.order_id, filled)
    if (this.#filled.size <= ORDERS_KEPT_MAX) return
    for (const oldest of this.#filled.keys()) {
      this.#filled.delete(oldest)
      return
    }
  }
}

const typeOf = (type: string): OrderType =>
  type === 'Market' ? 'market' : type === 'Stop Limit' ? 'stop_limit' : 'limit'

function stateOf(status: string): VenueOrder['state'] {
  switch (status) {
    case 'FILLED':
      return 'filled'
    case 'CANCELLED':
      return 'canceled'
    case 'EXPIRED':
      return 'expired'
    case 'FAILED':
      return 'rejected'
    default:
      return 'open'
  }
}
