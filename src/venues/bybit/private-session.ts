import { createHmac } from 'node:crypto'
import { MICROS_PER_MS, type Micros, type OrderType } from '../../kernel/index.ts'
import { AccountSession } from '../connector/account-session.ts'
import type { AccountSessionFactory } from '../connector/definition.ts'
import { decimalOf } from '../connector/instruments.ts'
import { limitOrNull, lotsIn, lotsOrZero, ticksIn, timeInForceOf } from '../connector/order-fields.ts'
import type { VenueOrder } from '../port/index.ts'

/** https://bybit-exchange.github.io/docs/v5/ws/connect, …/websocket/private/order, …/execution and …/wallet */

const TOPICS = ['order', 'execution', 'wallet']
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
  readonly retMsg?: string
  readonly topic?: string
  readonly data?: readonly unknown[]
}

export const bybitPrivateSession =
  (signer: BybitSigner): AccountSessionFactory =>
  (instruments, host) =>
    new BybitPrivateSession(instruments, host, signer)

class BybitPrivateSession extends AccountSession<Frame, BybitSigner> {
  protected override readonly pingEveryMs = 20_000
  protected override readonly silentAfterMs = 45_000

  protected override open(): void {
    const expires = this.login.now() + AUTH_FOR_MS
    const signature = createHmac('sha256', this.login.secret).update(`GET/realtime${expires}`).digest('hex')
    this.send({ op: 'auth', args: [this.login.apiKey, expires, signature] })
  }

  protected override ping(): void {
    this.send({ op: 'ping' })
  }

  protected override read(frame: Frame, at: Micros): void {
    if (frame.op === 'auth' || frame.op === 'subscribe') this.#onAnswer(frame, at)
    else if (frame.topic === 'order') for (const row of frame.data ?? []) this.#onOrder(row as OrderRow)
    else if (frame.topic === 'execution') for (const row of frame.data ?? []) this.#onExecution(row as ExecutionRow)
    else if (frame.topic === 'wallet') for (const row of frame.data ?? []) this.#onWallet(row as WalletRow, at)
  }

  #onAnswer({ op, success, ret_msg, retMsg }: Frame, at: Micros): void {
    if (success !== true) this.host.fail(`refused by Bybit: ${ret_msg ?? retMsg ?? 'no reason given'}`)
    else if (op === 'auth') this.send({ op: 'subscribe', args: TOPICS })
    else this.host.onReady(at)
  }

  #onOrder(row: OrderRow): void {
    const instrument = row.category === 'spot' ? this.instruments.bySymbol(row.symbol) : undefined
    if (instrument === undefined) return
    this.host.onOrder({
      venueOrderId: row.orderId,
      clientId: row.orderLinkId || null,
      instrument: instrument.id,
      side: row.side === 'Buy' ? 'buy' : 'sell',
      type: typeOf(row),
      timeInForce: timeInForceOf(row.timeInForce),
      price: row.orderType === 'Market' ? null : limitOrNull(instrument, row.price),
      quantity: lotsIn(instrument, row.qty),
      filled: lotsOrZero(instrument, row.cumExecQty),
      state: stateOf(row),
      reason: row.rejectReason === '' || row.rejectReason === 'EC_NoError' ? null : row.rejectReason,
      at: Number(row.updatedTime) * MICROS_PER_MS,
    })
  }

  #onExecution(row: ExecutionRow): void {
    const instrument = row.category === 'spot' ? this.instruments.bySymbol(row.symbol) : undefined
    if (instrument === undefined || row.execType !== 'Trade') return
    const side = row.side === 'Buy' ? 'buy' : 'sell'
    // A fee is charged in what the fill brings in, and named where the venue names it.
    const received = side === 'buy' ? instrument.base : instrument.quote
    this.host.onFill({
      id: row.execId,
      venueOrderId: row.orderId,
      clientId: row.orderLinkId || null,
      instrument: instrument.id,
      side,
      price: ticksIn(instrument, row.execPrice),
      quantity: lotsIn(instrument, row.execQty),
      liquidity: row.isMaker ? 'maker' : 'taker',
      feeAmount: decimalOf(row.execFee) ?? '0',
      feeAsset: row.feeCurrency === undefined || row.feeCurrency === '' ? received : row.feeCurrency,
      at: Number(row.execTime) * MICROS_PER_MS,
    })
  }

  #onWallet({ coin }: WalletRow, at: Micros): void {
    for (const { coin: asset, walletBalance } of coin)
      this.host.onBalance({ asset, total: decimalOf(walletBalance) ?? '0', free: null }, at)
  }
}

function typeOf({ orderType, triggerPrice }: OrderRow): OrderType {
  const isTriggered = triggerPrice !== undefined && Number(triggerPrice) > 0
  if (orderType === 'Market') return isTriggered ? 'stop' : 'market'
  return isTriggered ? 'stop_limit' : 'limit'
}

/** https://bybit-exchange.github.io/docs/v5/enum#orderstatus */
function stateOf({ orderStatus, cumExecQty }: OrderRow): VenueOrder['state'] {
  switch (orderStatus) {
    case 'Filled':
      return 'filled'
    case 'Cancelled':
    case 'PartiallyFilledCanceled':
    case 'Deactivated':
      return 'canceled'
    case 'Rejected':
      // What has filled in part was an order: the rest of it is over.
      return Number(cumExecQty) > 0 ? 'canceled' : 'rejected'
    default:
      return 'open'
  }
}
