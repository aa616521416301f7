import { createHmac } from 'node:crypto'
import { lotsOf, MICROS_PER_MS, type Micros, type OrderType, ticksOf } from '../../kernel/index.ts'
import type { AccountSessionFactory } from '../connector/definition.ts'
import { decimalOf, type InstrumentBook } from '../connector/instruments.ts'
import type { AccountHost, StreamSession, VenueOrder } from '../port/index.ts'

/** https://bybit-exchange.github.io/docs/v5/ws/connect, …/websocket/private/order, …/execution and …/wallet */

const TOPICS = ['order', 'execution', 'wallet']
const PING_EVERY: Micros = 20_000 * MICROS_PER_MS
const SILENCE_MAX: Micros = 45_000 * MICROS_PER_MS
/** How long the signature of a log-in is good for. */
const AUTH_FOR_MS = 10_000

export interface BybitSigner {
  readonly apiKey: string
  readonly secret: string
  now(): number
}

interface OrderRow {
  readonly category: string
  readonly symbol: string
  readonly orderId: string
  readonly orderLinkId: string
  readonly side: 'Buy' | 'Sell'
  readonly orderType: string
  readonly stopOrderType?: string
  readonly triggerPrice?: string
  readonly timeInForce: string
  readonly price: string
  readonly qty: string
  readonly cumExecQty: string
  readonly orderStatus: string
  readonly rejectReason: string
  readonly updatedTime: string
}

interface ExecutionRow {
  readonly category: string
  readonly symbol: string
  readonly orderId: string
  readonly orderLinkId: string
  readonly side: 'Buy' | 'Sell'
  readonly execId: string
  readonly execPrice: string
  readonly execQty: string
  readonly execFee: string
  readonly feeCurrency?: string
  readonly execType: string
  readonly execTime: string
  readonly isMaker: boolean
}

interface WalletRow {
  readonly coin: readonly { readonly coin: string; readonly walletBalance: string; readonly locked: string }[]
}

interface Frame {
  readonly op?: string
  readonly success?: boolean
  readonly ret_msg?: string
  readonly topic?: string
  readonly data?: readonly unknown[]
}

export const bybitPrivateSession =
  (signer: BybitSigner): AccountSessionFactory =>
  (instruments, host) =>
    new BybitPrivateSession(signer, instruments, host)

class BybitPrivateSession implements StreamSession {
  readonly #signer: BybitSigner
  readonly #instruments: InstrumentBook
  readonly #host: AccountHost
  #heardAt: Micros = 0
  #pingedAt: Micros = 0

  constructor(signer: BybitSigner, instruments: InstrumentBook, host: AccountHost) {
    this.#signer = signer
    this.#instruments = instruments
    this.#host = host
  }

  onOpen(at: Micros): void {
    this.#heardAt = at
    this.#pingedAt = at
    const expires = this.#signer.now() + AUTH_FOR_MS
    const signature = createHmac('sha256', this.#signer.secret).update(`GET/realtime${expires}`).digest('hex')
    this.#host.send(JSON.stringify({ op: 'auth', args: [this.#signer.apiKey, expires, signature] }))
  }

  onTick(at: Micros): void {
    if (at - this.#heardAt > SILENCE_MAX) this.#host.fail('silent')
    else if (at - this.#pingedAt > PING_EVERY) {
      this.#pingedAt = at
      this.#host.send(JSON.stringify({ op: 'ping' }))
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
    if (frame.op === 'auth' || frame.op === 'subscribe') this.#onAnswer(frame, at)
    else if (frame.topic === 'order') for (const row of frame.data ?? []) this.#onOrder(row as OrderRow)
    else if (frame.topic === 'execution') for (const row of frame.data ?? []) this.#onExecution(row as ExecutionRow)
    else if (frame.topic === 'wallet') for (const row of frame.data ?? []) this.#onWallet(row as WalletRow, at)
  }

  #onAnswer({ op, success, ret_msg }: Frame, at: Micros): void {
    if (success !== true) this.#host.fail(`refused by Bybit: ${ret_msg ?? 'no reason given'}`)
    else if (op === 'auth') this.#host.send(JSON.stringify({ op: 'subscribe', args: TOPICS }))
    else this.#host.onReady(at)
  }

  #onOrder(row: OrderRow): void {
    const instrument = row.category === 'spot' ? this.#instruments.bySymbol(row.symbol) : undefined
    if (instrument === undefined) return
    const price = decimalOf(row.price)
    this.#host.onOrder({
      venueOrderId: row.orderId,
      clientId: row.orderLinkId === '' ? null : row.orderLinkId,
      instrument: instrument.id,
      side: row.side === 'Buy' ? 'buy' : 'sell',
      type: typeOf(row),
      timeInForce: row.timeInForce === 'IOC' ? 'ioc' : row.timeInForce === 'FOK' ? 'fok' : 'gtc',
      price:
        price === undefined || Number(price) === 0 || row.orderType === 'Market' ? null : ticksOf(instrument, price),
      quantity: lotsOf(instrument, decimalOf(row.qty)!),
      filled: lotsOf(instrument, decimalOf(row.cumExecQty) ?? '0'),
      state: stateOf(row.orderStatus),
      reason: row.rejectReason === '' || row.rejectReason === 'EC_NoError' ? null : row.rejectReason,
      at: Number(row.updatedTime) * MICROS_PER_MS,
    })
  }

  #onExecution(row: ExecutionRow): void {
    const instrument = row.category === 'spot' ? this.#instruments.bySymbol(row.symbol) : undefined
    if (instrument === undefined || row.execType !== 'Trade') return
    const side = row.side === 'Buy' ? 'buy' : 'sell'
    // A fee is charged in what the fill brings in, and named where the venue names it.
    const received = side === 'buy' ? instrument.base : instrument.quote
    this.#host.onFill({
      id: row.execId,
      venueOrderId: row.orderId,
      clientId: row.orderLinkId === '' ? null : row.orderLinkId,
      instrument: instrument.id,
      side,
      price: ticksOf(instrument, decimalOf(row.execPrice)!),
      quantity: lotsOf(instrument, decimalOf(row.execQty)!),
      liquidity: row.isMaker ? 'maker' : 'taker',
      feeAmount: decimalOf(row.execFee) ?? '0',
      feeAsset: row.feeCurrency === undefined || row.feeCurrency === '' ? received : row.feeCurrency,
      at: Number(row.execTime) * MICROS_PER_MS,
    })
  }

  #onWallet({ coin }: WalletRow, at: Micros): void {
    for (const { coin: asset, walletBalance } of coin)
      this.#host.onBalance({ asset, total: decimalOf(walletBalance) ?? '0', free: null }, at)
  }
}

function typeOf({ orderType, triggerPrice }: OrderRow): OrderType {
  const isTriggered = triggerPrice !== undefined && Number(triggerPrice) > 0
  if (orderType === 'Market') return isTriggered ? 'stop' : 'market'
  return isTriggered ? 'stop_limit' : 'limit'
}

/** https://bybit-exchange.github.io/docs/v5/enum#orderstatus */
function stateOf(status: string): VenueOrder['state'] {
  switch (status) {
    case 'Filled':
      return 'filled'
    case 'Cancelled':
    case 'PartiallyFilledCanceled':
    case 'Deactivated':
      return 'canceled'
    case 'Rejected':
      return 'rejected'
    default:
      return 'open'
  }
}
