import {
  type Account,
  decimalOf,
  notionalUnits,
  type SimulatedFill,
  type SimulatedOrder,
  type VenueConnection,
  type VenueContext,
  type VenueSocket,
} from '../core/index.ts'
import { costOf, eight, ms, price, quantity, statusOf, typeOf } from './answers.ts'
import type { BinanceAuth } from './auth.ts'
import { parse, silent } from './public-stream.ts'

/**
 * The user data stream, which is subscribed to over the WebSocket API (listen keys of spot have ended):
 * https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/user-data-stream-requests and
 * https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream
 */

interface Request {
  readonly id?: number | string | null
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
}

export class BinancePrivateStream implements VenueConnection {
  readonly #context: VenueContext
  readonly #socket: VenueSocket
  readonly #auth: BinanceAuth
  readonly #subscriptions = new Map<number, { account: Account; end: () => void }>()
  #next = 0
  #executions = 0

  constructor(context: VenueContext, socket: VenueSocket, auth: BinanceAuth) {
    this.#context = context
    this.#socket = socket
    this.#auth = auth
  }

  onFrame(frame: string): void {
    const request = parse<Request>(frame)
    if (request === null) {
      this.#fail(null, 400, -1135, 'Invalid JSON Request')
      return
    }
    const { id = null, method, params = {} } = request
    switch (method) {
      case 'ping':
        this.#answer(id, {})
        return
      case 'time':
        this.#answer(id, { serverTime: ms(this.#context.now()) })
        return
      case 'userDataStream.subscribe.signature':
        this.#subscribe(id, params)
        return
      case 'userDataStream.unsubscribe':
        this.#unsubscribe(id, params.subscriptionId)
        return
      case 'session.subscriptions':
        this.#answer(
          id,
          [...this.#subscriptions.keys()].map(subscriptionId => ({ subscriptionId })),
        )
        return
    }
    this.#fail(id, 400, -1000, `Unknown method: ${String(method)}`)
  }

  onTick(): void {}

  onClose(): void {
    for (const { end } of this.#subscriptions.values()) end()
    this.#subscriptions.clear()
  }

  #subscribe(id: Request['id'], params: Readonly<Record<string, unknown>>): void {
    const account = this.#auth.verifyFrame(params)
    if ('code' in account) {
      this.#fail(id, account.status ?? 400, account.code, account.msg)
      return
    }
    if ([...this.#subscriptions.values()].some(one => one.account === account)) {
      this.#fail(id, 400, -2035, 'User Data Stream subscription already active.')
      return
    }
    const subscriptionId = this.#next
    this.#next += 1
    this.#answer(id, { subscriptionId })
    this.#subscriptions.set(subscriptionId, { account, end: this.#listen(account, subscriptionId) })
  }

  #unsubscribe(id: Request['id'], subscriptionId: unknown): void {
    for (const [one, { end }] of this.#subscriptions)
      if (subscriptionId === undefined || one === subscriptionId) {
        end()
        this.#subscriptions.delete(one)
      }
    this.#answer(id, {})
  }

  #listen(account: Account, subscriptionId: number): () => void {
    const send = (event: object, as: 'orders' | 'balances') =>
      this.#socket.send(JSON.stringify({ subscriptionId, event }), as)
    const report = (order: SimulatedOrder, type: string, fill?: SimulatedFill) => {
      if (order.account === account) send(this.#report(order, type, fill), 'orders')
    }
    return this.#context.exchange.listen({
      ...silent,
      onOrder(order, cause) {
        if (cause === 'new') report(order, 'NEW')
        else if (cause === 'canceled') report(order, 'CANCELED')
        else if (cause === 'expired') report(order, 'EXPIRED')
        else if (cause === 'amended') report(order, 'REPLACED')
      },
      onFill: fill => report(fill.order, 'TRADE', fill),
      onBalance: (changed, assets) => {
        if (changed === account) send(this.#position(account, assets), 'balances')
      },
    })
  }

  #report(order: SimulatedOrder, type: string, fill: SimulatedFill | undefined) {
    this.#executions += 1
    const { instrument: listed } = order
    return {
      e: 'executionReport',
      E: ms(this.#context.now()),
      s: listed.symbol,
      // A cancel comes under an id of its own; the order's is then in C.
      c: type === 'CANCELED' ? `cancel-${order.id}` : order.clientId,
      S: order.side.toUpperCase(),
      o: typeOf(order),
      f: order.timeInForce.toUpperCase(),
      q: quantity(listed, order.quantity),
      p: price(listed, order.price),
      P: price(listed, order.triggerPrice),
      F: eight('0'),
      g: -1,
      C: type === 'CANCELED' ? order.clientId : '',
      x: type,
      X: statusOf(order),
      r: 'NONE',
      i: Number(order.id),
      l: quantity(listed, fill?.quantity ?? 0),
      z: quantity(listed, order.filled),
      L: price(listed, fill?.price ?? null),
      n: fill === undefined ? '0' : eight(decimalOf(fill.fee)),
      N: fill?.feeAsset ?? null,
      T: ms(order.updatedAt),
      t: fill?.number ?? -1,
      I: this.#executions,
      w: order.state === 'open' && (order.triggerPrice === null || order.triggered),
      m: fill?.liquidity === 'maker',
      M: false,
      O: ms(order.createdAt),
      Z: costOf(order),
      Y:
        fill === undefined ? eight('0') : eight(decimalOf(notionalUnits(listed.instrument, fill.price, fill.quantity))),
      Q: eight('0'),
      W: ms(order.createdAt),
      V: 'NONE',
    }
  }

  #position(account: Account, assets: readonly string[]) {
    const at = ms(this.#context.now())
    return {
      e: 'outboundAccountPosition',
      E: at,
      u: at,
      B: assets.map(a => ({ a, f: eight(decimalOf(account.free(a))), l: eight(decimalOf(account.held(a))) })),
    }
  }

  #answer(id: Request['id'], result: unknown): void {
    this.#socket.send(JSON.stringify({ id, status: 200, result }), 'other')
  }

  #fail(id: Request['id'], status: number, code: number, msg: string): void {
    this.#socket.send(JSON.stringify({ id, status, error: { code, msg } }), 'other')
  }
}
