import type { Micros } from '../../kernel/index.ts'
import { AccountSession } from '../connector/account-session.ts'
import type { AccountSessionFactory } from '../connector/definition.ts'
import { decimalOf } from '../connector/instruments.ts'
import { limitOrNull, lotsOrZero } from '../connector/order-fields.ts'
import type { VenueOrder } from '../port/index.ts'
import { microsOfNanos } from '../streams/index.ts'

/** https://www.kucoin.com/docs-new/3470074w0 (orders, V2) and …/3470075w0 (balances) */

const ORDERS = '/spotMarket/tradeOrdersV2'
const BALANCES = '/account/balance'
/** Orders that have filled as takers and wait for their next word. */
const MATCHED_MAX = 1_000

interface OrderChange {
  readonly orderId: string
  readonly clientOid?: string
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly orderType: string
  readonly type: 'received' | 'open' | 'match' | 'update' | 'filled' | 'canceled'
  readonly status: 'new' | 'open' | 'match' | 'done'
  readonly price?: string
  readonly originSize?: string
  readonly size?: string
  readonly filledSize?: string
  readonly liquidity?: 'maker' | 'taker'
  readonly ts: number
}

interface BalanceRow {
  readonly currency: string
  readonly total: string
  readonly available: string
}

interface Frame {
  readonly id?: string
  readonly type?: string
  readonly topic?: string
  readonly data?: unknown
}

/** The account's orders and balances; what a fill cost is not in the stream, so fills are asked for. */
export const kucoinPrivateSession: AccountSessionFactory = (instruments, host) =>
  new KucoinPrivateSession(instruments, host, null)

class KucoinPrivateSession extends AccountSession<Frame, null> {
  /** `pingInterval` of the answer that names the socket; it gives up 10 s after a ping that did not come. */
  protected override readonly pingEveryMs = 18_000
  protected override readonly silentAfterMs = 40_000

  /** By the ids of their requests. */
  readonly #awaited = new Map<string, string>()
  readonly #matched = new Map<string, VenueOrder>()
  #lastId = 0

  /** The venue speaks first. */
  protected override open(): void {}

  override onTick(at: Micros): void {
    for (const order of this.#matched.values()) this.host.requestFills(order)
    this.#matched.clear()
    super.onTick(at)
  }

  protected override ping(): void {
    this.#send({ type: 'ping' })
  }

  protected override read(frame: Frame, at: Micros): void {
    switch (frame.type) {
      case 'welcome':
        for (const topic of [ORDERS, BALANCES]) {
          const subscribe = { type: 'subscribe', topic, privateChannel: true, response: true }
          this.#awaited.set(this.#send(subscribe), topic)
        }
        return
      case 'ack':
        if (this.#awaited.delete(frame.id ?? '') && this.#awaited.size === 0) this.host.onReady(at)
        return
      case 'error':
        this.host.fail(`refused by KuCoin: ${String(frame.data)}`)
        return
      case 'message':
        if (frame.topic === ORDERS) this.#onOrder(frame.data as OrderChange)
        else if (frame.topic === BALANCES) this.#onBalance(frame.data as BalanceRow, at)
    }
  }

  #onOrder(change: OrderChange): void {
    const instrument = this.instruments.bySymbol(change.symbol)
    if (instrument === undefined) return
    const order: VenueOrder = {
      venueOrderId: change.orderId,
      clientId: change.clientOid || null,
      instrument: instrument.id,
      side: change.side,
      type: change.orderType === 'market' ? 'market' : 'limit',
      // The stream does not name it.
      timeInForce: 'gtc',
      price: change.orderType === 'market' ? null : limitOrNull(instrument, change.price),
      quantity: lotsOrZero(instrument, change.originSize ?? change.size),
      filled: lotsOrZero(instrument, change.filledSize),
      state: stateOf(change),
      reason: null,
      at: microsOfNanos(String(change.ts)),
    }
    const isOver = order.state !== 'open'
    if (!isOver || order.filled === 0) this.host.onOrder(order)
    // A taker is matched many times at once, and then told to rest, to be filled or to be over: one question for all of it.
    if (change.type === 'match' && change.liquidity !== 'maker' && this.#matched.size < MATCHED_MAX)
      this.#matched.set(order.venueOrderId, order)
    else {
      const wasMatched = this.#matched.delete(order.venueOrderId)
      if (wasMatched || change.type === 'match' || (isOver && order.filled > 0)) this.host.requestFills(order)
    }
  }

  #onBalance({ currency, total, available }: BalanceRow, at: Micros): void {
    const change = { asset: currency, total: decimalOf(total) ?? '0', free: decimalOf(available) ?? '0' }
    this.host.onBalance(change, at)
  }

  #send(message: object): string {
    this.#lastId += 1
    const id = String(this.#lastId)
    this.send({ id, ...message })
    return id
  }
}

/** `update` of an order that is done: a part filled, and the rest was canceled. */
function stateOf({ type, status }: OrderChange): VenueOrder['state'] {
  if (type === 'filled') return 'filled'
  return type === 'canceled' || (type === 'update' && status === 'done') ? 'canceled' : 'open'
}
