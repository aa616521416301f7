import { MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import {
  type Account,
  type ChannelName,
  decimalOf,
  jsonObject,
  type SimulatedFill,
  type SimulatedOrder,
  Subscriptions,
  type VenueConnection,
  type VenueContext,
  type VenueSocket,
} from '../core/index.ts'
import type { HtxAuth } from './auth.ts'
import { Heartbeat } from './heartbeat.ts'
import { currencyOf, HTX_CURRENCIES, instrumentNamed } from './instruments.ts'
import { ACCOUNT_ID, ms, priceOf, quantityOf, stateOf, typeOf } from './views.ts'

/** The private socket, `/ws/v2`, whose frames are plain: https://huobiapi.github.io/docs/spot/v1/en/#websocket-asset-and-order */

const PING_EVERY: Micros = 20 * MICROS_PER_SECOND
/** Pings without an answer before the socket is closed. */
const UNANSWERED_MAX = 3
const WRONG_AUTH = 2002
const WRONG_TOPIC = 2001

interface Message {
  readonly action?: string
  readonly ch?: string
  readonly params?: Readonly<Record<string, unknown>>
}

export class HtxPrivateStream implements VenueConnection {
  readonly #context: VenueContext
  readonly #socket: VenueSocket
  readonly #auth: HtxAuth
  readonly #heartbeat: Heartbeat
  readonly #subscriptions = new Subscriptions()
  #account: Account | null = null
  #sequence = 0

  constructor(context: VenueContext, socket: VenueSocket, auth: HtxAuth) {
    this.#context = context
    this.#socket = socket
    this.#auth = auth
    const rule = { start: context.now(), every: PING_EVERY, unansweredMax: UNANSWERED_MAX }
    this.#heartbeat = new Heartbeat(socket, rule, at => this.#send({ action: 'ping', data: { ts: ms(at) } }, 'other'))
  }

  onFrame(frame: string): void {
    const { action, ch = '', params = {} }: Message = jsonObject(frame) ?? {}
    if (action === 'pong') this.#heartbeat.onPong()
    else if (action === 'req' && ch === 'auth') this.#login(params)
    else if (action === 'sub') this.#subscribe(ch)
    else if (action === 'unsub') {
      this.#subscriptions.end(ch)
      this.#send({ action, code: 200, ch, data: {} }, 'other')
    } else this.#refuse(action ?? 'req', ch, WRONG_TOPIC, 'invalid.action')
  }

  onTick(at: Micros): void {
    this.#heartbeat.onTick(at)
  }

  onClose(): void {
    this.#subscriptions.endAll()
  }

  #login(params: Readonly<Record<string, unknown>>): void {
    const account = this.#auth.verifyLogin(params)
    if ('code' in account) {
      this.#refuse('req', 'auth', WRONG_AUTH, 'auth.fail')
      return
    }
    this.#account = account
    this.#send({ action: 'req', code: 200, ch: 'auth', data: {} }, 'other')
  }

  #subscribe(ch: string): void {
    const account = this.#account
    if (account === null) {
      this.#refuse('sub', ch, WRONG_AUTH, 'invalid.auth.state')
      return
    }
    const start = this.#channel(ch, account)
    if (start === null) {
      this.#refuse('sub', ch, WRONG_TOPIC, 'invalid.topic')
      return
    }
    this.#subscriptions.end(ch)
    this.#send({ action: 'sub', code: 200, ch, data: {} }, 'other')
    this.#subscriptions.add(ch, { end: start() })
  }

  #channel(ch: string, account: Account): (() => () => void) | null {
    const [topic, symbol, mode = '0'] = ch.split('#')
    if (topic === 'accounts.update' && ['0', '1', '2'].includes(symbol ?? '0')) return () => this.#balances(ch, account)
    if (symbol !== '*' && instrumentNamed(symbol) === undefined) return null
    const isWanted = (order: SimulatedOrder) =>
      order.account === account && (symbol === '*' || order.instrument.symbol === symbol)
    // The name of what is pushed is that of the instrument, also where all were asked for.
    const nameOf = ({ instrument }: SimulatedOrder, rest = '') => `${topic}#${instrument.symbol}${rest}`
    if (topic === 'orders') return () => this.#orders(isWanted, order => nameOf(order))
    if (topic === 'trade.clearing' && (mode === '0' || mode === '1'))
      return () => this.#clearing(isWanted, order => nameOf(order, `#${mode}`))
    return null
  }

  #orders(isWanted: (order: SimulatedOrder) => boolean, nameOf: (order: SimulatedOrder) => string): () => void {
    const push = (order: SimulatedOrder, data: object) => {
      if (isWanted(order)) this.#push(nameOf(order), data, 'orders')
    }
    return this.#context.exchange.listen({
      onOrder(order, cause) {
        if (cause === 'new') push(order, { ...baseOf(order), ...creationOf(order), eventType: 'creation' })
        else if (cause === 'triggered') push(order, { ...baseOf(order), ...creationOf(order), eventType: 'creation' })
        else if (cause === 'canceled' || cause === 'expired')
          push(order, { ...baseOf(order), ...cancellationOf(order) })
      },
      onFill: fill => push(fill.order, { ...baseOf(fill.order), ...tradeOf(fill) }),
    })
  }

  #clearing(isWanted: (order: SimulatedOrder) => boolean, nameOf: (order: SimulatedOrder) => string): () => void {
    return this.#context.exchange.listen({
      onFill: fill => {
        if (isWanted(fill.order)) this.#push(nameOf(fill.order), clearingOf(fill), 'orders')
      },
    })
  }

  /** Each currency as it stands first, then what changes. */
  #balances(ch: string, account: Account): () => void {
    const push = (assets: readonly string[], changeType: string | null) => {
      for (const { asset, currency } of HTX_CURRENCIES) {
        if (!assets.includes(asset)) continue
        this.#sequence += 1
        const data = {
          currency,
          accountId: ACCOUNT_ID,
          balance: decimalOf(account.total(asset)),
          available: decimalOf(account.free(asset)),
          changeType,
          accountType: 'trade',
          seqNum: this.#sequence,
          changeTime: changeType === null ? null : ms(this.#context.now()),
        }
        this.#push(ch, data, 'balances')
      }
    }
    push(account.assets, null)
    return this.#context.exchange.listen({
      onBalance(changed, assets) {
        if (changed === account) push(assets, 'order.match')
      },
    })
  }

  #push(ch: string, data: object, channel: ChannelName): void {
    this.#send({ action: 'push', ch, data }, channel)
  }

  #refuse(action: string, ch: string, code: number, message: string): void {
    this.#send({ action, code, ch, data: {}, message }, 'other')
  }

  #send(message: object, channel: ChannelName): void {
    this.#socket.send(JSON.stringify(message), channel)
  }
}

const baseOf = (order: SimulatedOrder) => ({
  accountId: ACCOUNT_ID,
  orderId: Number(order.id),
  clientOrderId: order.clientId ?? '',
  orderSource: 'spot-api',
  symbol: order.instrument.symbol,
  type: typeOf(order),
  orderPrice: order.price === null ? '' : priceOf(order, order.price),
  orderSize: quantityOf(order, order.quantity),
  orderStatus: stateOf(order),
})

const creationOf = (order: SimulatedOrder) => ({ orderCreateTime: ms(order.createdAt) })

const cancellationOf = (order: SimulatedOrder) => ({
  execAmt: quantityOf(order, order.filled),
  remainAmt: quantityOf(order, order.quantity - order.filled),
  lastActTime: ms(order.updatedAt),
  eventType: 'cancellation',
})

const tradeOf = ({ order, id, price, quantity, liquidity, at }: SimulatedFill) => ({
  tradePrice: priceOf(order, price),
  tradeVolume: quantityOf(order, quantity),
  tradeId: Number(id),
  tradeTime: ms(at),
  aggressor: liquidity === 'taker',
  execAmt: quantityOf(order, order.filled),
  remainAmt: quantityOf(order, order.quantity - order.filled),
  eventType: 'trade',
})

const clearingOf = ({ order, id, price, quantity, liquidity, fee, feeAsset, at }: SimulatedFill) => ({
  eventType: 'trade',
  symbol: order.instrument.symbol,
  orderId: Number(order.id),
  clientOrderId: order.clientId ?? '',
  accountId: ACCOUNT_ID,
  source: 'spot-api',
  orderSide: order.side,
  orderType: typeOf(order),
  orderPrice: order.price === null ? '' : priceOf(order, order.price),
  orderSize: quantityOf(order, order.quantity),
  orderStatus: stateOf(order),
  orderCreateTime: ms(order.createdAt),
  tradePrice: priceOf(order, price),
  tradeVolume: quantityOf(order, quantity),
  tradeTime: ms(at),
  tradeId: Number(id),
  aggressor: liquidity === 'taker',
  transactFee: decimalOf(fee),
  feeCurrency: currencyOf(feeAsset),
  feeDeduct: '0',
  feeDeductType: '',
})
