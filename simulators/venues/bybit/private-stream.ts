import {
  type Account,
  type ChannelName,
  jsonObject,
  type SimulatedFill,
  type SimulatedOrder,
  Subscriptions,
  type VenueConnection,
  type VenueContext,
  type VenueSocket,
} from '../core/index.ts'
import { fillInfo, ms, orderInfo, walletInfo } from './answers.ts'
import type { BybitAuth } from './auth.ts'
import { type Command, connectionId } from './public-stream.ts'

/** Private topics: https://bybit-exchange.github.io/docs/v5/websocket/private/order with its neighbours execution and wallet. */

const TOPICS = new Set(['order', 'order.spot', 'execution', 'execution.spot', 'wallet'])

export class BybitPrivateStream implements VenueConnection {
  readonly #context: VenueContext
  readonly #socket: VenueSocket
  readonly #auth: BybitAuth
  readonly #connection: string
  readonly #subscriptions = new Subscriptions()
  #account: Account | null = null
  #messages = 0

  constructor(context: VenueContext, socket: VenueSocket, auth: BybitAuth) {
    this.#context = context
    this.#socket = socket
    this.#auth = auth
    this.#connection = connectionId(context)
  }

  onFrame(frame: string): void {
    const { op = '', req_id = '', args = [] }: Command = jsonObject(frame) ?? {}
    switch (op) {
      case 'ping': {
        const pong = { req_id, op: 'pong', args: [String(ms(this.#context.now()))], conn_id: this.#connection }
        this.#socket.send(JSON.stringify(pong), 'other')
        return
      }
      case 'auth': {
        const account = this.#auth.verifyStream(args)
        if ('retCode' in account) {
          this.#reply(false, account.retMsg, req_id, op, { retCode: account.retCode })
          this.#socket.close('not authorised')
          return
        }
        this.#account = account
        this.#reply(true, '', req_id, op)
        return
      }
      case 'subscribe':
        this.#subscribe(args.map(String), req_id)
        return
      case 'unsubscribe':
        for (const topic of args.map(String)) this.#subscriptions.end(topic)
        this.#reply(true, '', req_id, op)
        return
    }
    this.#reply(false, 'error:invalid op', req_id, op)
  }

  onTick(): void {}

  onClose(): void {
    this.#subscriptions.endAll()
  }

  #subscribe(topics: readonly string[], id: string): void {
    const account = this.#account
    if (account === null) {
      this.#reply(false, 'Request not authorized', id, 'subscribe')
      return
    }
    const wrong = topics.find(topic => !TOPICS.has(topic) || this.#subscriptions.has(topic))
    if (wrong !== undefined) {
      this.#reply(
        false,
        `error:${TOPICS.has(wrong) ? 'already subscribed' : 'handler not found'},topic:${wrong}`,
        id,
        'subscribe',
      )
      return
    }
    this.#reply(true, '', id, 'subscribe')
    for (const topic of topics) this.#subscriptions.add(topic, { end: this.#listen(account, topic) })
  }

  #listen(account: Account, topic: string): () => void {
    const order = (one: SimulatedOrder) => {
      if (one.account === account) this.#send(topic, [orderInfo(one)], 'orders')
    }
    const fill = (one: SimulatedFill) => {
      if (one.order.account === account) this.#send(topic, [fillInfo(one)], 'orders')
    }
    const wallet = (changed: Account, assets: readonly string[]) => {
      if (changed === account) this.#send(topic, [walletInfo(account, assets)], 'balances')
    }
    return this.#context.exchange.listen({
      ...(topic.startsWith('order') ? { onOrder: order } : {}),
      ...(topic.startsWith('execution') ? { onFill: fill } : {}),
      ...(topic === 'wallet' ? { onBalance: wallet } : {}),
    })
  }

  #send(topic: string, data: readonly object[], as: ChannelName): void {
    this.#messages += 1
    const creationTime = ms(this.#context.now())
    this.#socket.send(JSON.stringify({ id: `${this.#connection}-${this.#messages}`, topic, creationTime, data }), as)
  }

  #reply(success: boolean, ret_msg: string, req_id: string, op: string, more: object = {}): void {
    this.#socket.send(JSON.stringify({ success, ret_msg, op, conn_id: this.#connection, req_id, ...more }), 'other')
  }
}
