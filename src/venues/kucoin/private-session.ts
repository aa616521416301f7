import { lotsOf, MICROS_PER_MS, type Micros, ticksOf } from '../../kernel/index.ts'
import type { AccountSessionFactory } from '../connector/definition.ts'
import { decimalOf, type InstrumentBook } from '../connector/instruments.ts'
import type { AccountHost, StreamSession, VenueOrder } from '../port/index.ts'
import { microsOfNanos } from '../streams/index.ts'

/** https://www.kucoin.com/docs-new/3470074w0 (orders, V2) and …/3470075w0 (balances) */

const ORDERS = '/spotMarket/tradeOrdersV2'
const BALANCES = '/account/balance'
/** `pingInterval` of the answer that names the socket; it gives up 10 s after a ping that did not come. */
const PING_EVERY: Micros = 18_000 * MICROS_PER_MS
const SILENCE_MAX: Micros = 40_000 * MICROS_PER_MS
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
  new KucoinPrivateSession(instruments, host)

class KucoinPrivateSession implements StreamSession {
  readonly #instruments: InstrumentBook
  readonly #host: AccountHost
  /** By the ids of their requests. */
  readonly #awaited = new Map<string, string>()
  readonly #matched = new Map<string, VenueOrder>()
  #lastId = 0
  #heardAt: Micros = 0
  #pingedAt: Micros = 0

  constructor(instruments: InstrumentBook, host: AccountHost) {
    this.#instruments = instruments
    this.#host = host
  }

  /** The venue speaks first. */
  onOpen(at: Micros): void {
    this.#heardAt = at
    this.#pingedAt = at
  }

  onTick(at: Micros): void {
    for (const order of this.#matched.values()) this.#host.requestFills(order)
    this.#matched.clear()
    if (at - this.#heardAt > SILENCE_MAX) this.#host.fail('silent')
    else if (at - this.#pingedAt >= PING_EVERY) {
      this.#pingedAt = at
      this.#send({ type: 'ping' })
    }
  }

  onFrame(text: string | Uint8Array, at: Micros): void {
    this.#heardAt = at
    let frame: Frame
    try {
      frame = JSON.parse(String(text)) as Frame
    } catch {
      this.#host.fail('a frame is not JSON')
      return
    }
    switch (frame.type) {
      case 'welcome':
        for (const topic of [ORDERS, BALANCES]) {
          const subscribe = { type: 'subscribe', topic, privateChannel: true, response: true }
          this.#awaited.set(this.#send(subscribe), topic)
        }
        return
      case 'ack':
        if (this.#awaited.delete(frame.id ?? '') && this.#awaited.size === 0) this.#host.onReady(at)
        return
      case 'error':
        this.#host.fail(`refused by KuCoin: ${String(frame.data)}`)
        return
      case 'message':
        if (frame.topic === ORDERS) this.#onOrder(frame.data as OrderChange)
        else if (frame.topic === BALANCES) this.#onBalance(frame.data as BalanceRow, at)
    }
  }

  #onOrder(change: OrderChange): void {
    const instrument = this.#instruments.bySymbol(change.symbol)
    if (instrument === undefined) return
    const price = decimalOf(change.price)
    const order: VenueOrder = {
      venueOrderId: change.orderId,
      clientId: change.clientOid === undefined || change.clientOid === '' ? null : change.clientOid,
      instrument: instrument.id,
      side: change.side,
      type: change.orderType === 'market' ? 'market' : 'limit',
      // The stream does not name it.
      timeInForce: 'gtc',
      price: price === undefined || price === '0' || change.orderType === 'market' ? null : ticksOf(instrument, price),
      quantity: lotsOf(instrument, decimalOf(change.originSize ?? change.size) ?? '0'),
      filled: lotsOf(instrument, decimalOf(change.filledSize) ?? '0'),
      state: stateOf(change),
      reason: null,
      at: microsOfNanos(String(change.ts)),
    }
    const isOver = order.state !== 'open'
    if (!isOver || order.filled === 0) this.#host.onOrder(order)
    // A taker is matched many times at once, and then told to rest, to be filled or to be over: one question for all of it.
    if (change.type === 'match' && change.liquidity !== 'maker' && this.#matched.size < MATCHED_MAX)
      this.#matched.set(order.venueOrderId, order)
    else {
      const wasMatched = this.#matched.delete(order.venueOrderId)
      if (wasMatched || change.type === 'match' || (isOver && order.filled > 0)) this.#host.requestFills(order)
    }
  }

  #onBalance({ currency, total, available }: BalanceRow, at: Micros): void {
    const change = { asset: currency, total: decimalOf(total) ?? '0', free: decimalOf(available) ?? '0' }
    this.#host.onBalance(change, at)
  }

  #send(message: object): string {
    this.#lastId += 1
    const id = String(this.#lastId)
    this.#host.send(JSON.stringify({ id, ...message }))
    return id
  }
}

/** `update` of an order that is done: a part filled, and the rest was canceled. */
function stateOf({ type, status }: OrderChange): VenueOrder['state'] {
  if (type === 'filled') return 'filled'
  return type === 'canceled' || (type === 'update' && status === 'done') ? 'canceled' : 'open'
}
