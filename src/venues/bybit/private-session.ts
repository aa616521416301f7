import { createHmac } from 'node:crypto'
import { lotsOf, MICROS_PER_MS, type Micros, type OrderType, ticksOf } from '../../kernel/index.ts'
import type { AccountSessionFactory } from '../connector/definition.ts'
import { decimalOf, type InstrumentBook } from '../connector/instruments.ts'
import type { AccountHost, StreamSession, VenueOrder } from '../port/index.ts'

/** https://bybit-exchange.github.io/docs/v5/ws/connect and …/v5/websocket/private/order with its neighbours execution and wallet */

const TOPICS = ['order', 'execution', 'wallet']
const PING_EVERY: Micros = 20_000 * MICROS_PER_MS
/** A socket that does not even answer a ping is dead. */
const SILENCE_MAX: Micros = 45_000 * MICROS_PER_MS
/** The signature of a login holds for so long. */
const LOGIN_VALID_MS = 10_000

export interface BybitSigner {
  readonly apiKey: string
  readonly secret: string
  /** The venue's time in Unix milliseconds. */
  now(): number
}

interface OrderRow {
  readonly category: string
  readonly symbol: string
  readonly orderId: string
  readonly orderLinkId: string
  readonly side: 'Buy' | 'Sell'
  readonly orderType: string
  readonly orderStatus: string
  readonly cancelType?: string
  readonly rejectReason?: string
  readonly price: string
  readonly qty: string
  readonly cumExecQty: string
  readonly timeInForce: string
  readonly triggerPrice?: string
  readonly updatedTime: string
}

interface ExecutionRow {
  readonly category: string
  readonly symbol: string
  readonly orderId: string
  readonly orderLinkId: string
  readonly side: 'Buy' | 'Sell'
  readonly execId: string
  readonly execType: string
  readonly execPrice: string
  readonly execQty: string
  readonly execFee: string
  readonly feeCurrency?: string
  readonly isMaker: boolean
  readonly execTime: string
}

interface WalletRow {
  readonly coin: readonly { readonly coin: string; readonly walletBalance: string; readonly locked?: string }[]
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
    const { apiKey, secret } = this.#signer
    const expires = this.#signer.now() + LOGIN_VALID_MS
    const signature = createHmac('sha256', secret).update(`GET/realtime${expires}`).digest('hex')
    this.#send({ op: 'auth', args: [apiKey, expires, signature] })
  }

  onTick(at: Micros): void {
    if (at - this.#heardAt > SILENCE_MAX) this.#host.fail('silent')
    else if (at - this.#pingedAt > PING_EVERY) {
      this.#pingedAt = at
      this.#send({ op: 'ping' })
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
    if (frame.op !== undefined) this.#onAnswer(frame, at)
    else for (const row of frame.data ?? []) this.#onRow(frame.topic ?? '', row, at)
  }

  #onAnswer({ op, success, ret_msg }: Frame, at: Micros): void {
    if (success === false) this.#host.fail(`refused by Bybit: ${op} ${ret_msg ?? ''}`)
    else if (op === 'auth') this.#send({ op: 'subscribe', args: TOPICS })
    else if (op === 'subscribe') this.#host.onReady(at)
  }

  #onRow(topic: string, row: unknown, at: Micros): void {
    const [channel] = topic.split('.')
    if (channel === 'order') this.#onOrder(row as OrderRow)
    else if (channel === 'execution') this.#onExecution(row as ExecutionRow)
    else if (channel === 'wallet')
      for (const { coin: asset, walletBalance, locked } of (row as WalletRow).coin)
        this.#host.onBalance({ asset, total: decimalOf(walletBalance) ?? '0', free: free(walletBalance, locked) }, at)
  }

  #onOrder(row: OrderRow): void {
    const instrument = row.category === 'spot' ? this.#instruments.bySymbol(row.symbol) : undefined
    if (instrument === undefined) return
    const price = decimalOf(row.price) ?? '0'
    const isCanceled = row.cancelType !== undefined && row.cancelType !== 'UNKNOWN'
    this.#host.onOrder({
      venueOrderId: row.orderId,
      clientId: row.orderLinkId === '' ? null : row.orderLinkId,
      instrument: instrument.id,
      side: row.side === 'Buy' ? 'buy' : 'sell',
      type: typeOf(row),
      timeInForce: row.timeInForce === 'IOC' ? 'ioc' : row.timeInForce === 'FOK' ? 'fok' : 'gtc',
      price: price === '0' || row.orderType === 'Market' ? null : ticksOf(instrument, price),
      quantity: lotsOf(instrument, decimalOf(row.qty) ?? '0'),
      filled: lotsOf(instrument, decimalOf(row.cumExecQty) ?? '0'),
      state: stateOf(row.orderStatus),
      reason: isCanceled ? row.cancelType! : row.rejectReason === 'EC_NoError' ? null : (row.rejectReason ?? null),
      at: Number(row.updatedTime) * MICROS_PER_MS,
    })
  }

  #onExecution(row: ExecutionRow): void {
    const instrument = row.category === 'spot' ? this.#instruments.bySymbol(row.symbol) : undefined
    if (instrument === undefined || row.execType !== 'Trade') return
    const side = row.side === 'Buy' ? 'buy' : 'sell'
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

  #send(message: object): void {
    this.#host.send(JSON.stringify(message))
  }
}

const SCALE = 18

/** What is not locked, exactly; null where the venue does not say what is. */
function free(total: string, locked: string | undefined): string | null {
  if (locked === undefined || locked === '') return null
  const units = (text: string) => {
    const [whole = '0', fraction = ''] = text.split('.')
    return BigInt(whole + fraction.padEnd(SCALE, '0').slice(0, SCALE))
  }
  const left = units(total) - units(locked)
  const digits = (left < 0n ? 0n : left).toString().padStart(SCALE + 1, '0')
  return decimalOf(`${digits.slice(0, -SCALE)}.${digits.slice(-SCALE)}`)!
}

function typeOf({ orderType, triggerPrice }: OrderRow): OrderType {
  const isMarket = orderType === 'Market'
  if (Number(triggerPrice ?? 0) > 0) return isMarket ? 'stop' : 'stop_limit'
  return isMarket ? 'market' : 'limit'
}

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
