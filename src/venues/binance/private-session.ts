import { createHmac } from 'node:crypto'
import {
  formatDecimal,
  MICROS_PER_MS,
  type Micros,
  type OrderType,
  parseDecimal,
  trimDecimal,
} from '../../kernel/index.ts'
import { AccountSession } from '../connector/account-session.ts'
import type { AccountSessionFactory } from '../connector/definition.ts'
import { decimalOf } from '../connector/instruments.ts'
import { decimalIn, limitOrNull, lotsIn, ticksIn, timeInForceOf } from '../connector/order-fields.ts'
import type { VenueOrder } from '../port/index.ts'

/**
 * The user data stream over the WebSocket API:
 * https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/user-data-stream-requests and …/user-data-stream
 */

const SUBSCRIBE_ID = 'account'
const PING_ID = 'ping'
/** Decimals of an amount of an asset: more than there ever are. */
const SCALE = 18

export interface BinanceSigner {
  readonly apiKey: string
  readonly secret: string
  /** The venue's time in Unix milliseconds. */
  now(): number
}

interface ExecutionReport {
  readonly e: 'executionReport'
  readonly s: string
  readonly c: string
  /** The client id of the order, where `c` is that of a cancel. */
  readonly C: string
  readonly S: 'BUY' | 'SELL'
  readonly o: string
  readonly f: string
  readonly q: string
  readonly p: string
  readonly x: string
  readonly X: string
  readonly r: string
  readonly i: number
  readonly l: string
  readonly z: string
  readonly L: string
  readonly n: string
  readonly N: string | null
  readonly T: number
  readonly t: number
  readonly m: boolean
}

interface AccountPosition {
  readonly e: 'outboundAccountPosition'
  readonly B: readonly { readonly a: string; readonly f: string; readonly l: string }[]
}

type UserEvent = ExecutionReport | AccountPosition | { readonly e: 'eventStreamTerminated' | 'serverShutdown' }

interface Frame {
  readonly id?: string
  readonly status?: number
  readonly error?: { readonly code: number; readonly msg: string }
  readonly event?: UserEvent
}

export const binancePrivateSession =
  (signer: BinanceSigner): AccountSessionFactory =>
  (instruments, host) =>
    new BinancePrivateSession(instruments, host, signer)

class BinancePrivateSession extends AccountSession<Frame, BinanceSigner> {
  protected override readonly pingEveryMs = 20_000
  /** A socket that does not even answer a ping is dead. */
  protected override readonly silentAfterMs = 45_000

  protected override open(): void {
    const { apiKey, secret } = this.login
    const timestamp = this.login.now()
    const signature = createHmac('sha256', secret).update(`apiKey=${apiKey}&timestamp=${timestamp}`).digest('hex')
    const params = { apiKey, timestamp, signature }
    this.send({ id: SUBSCRIBE_ID, method: 'userDataStream.subscribe.signature', params })
  }

  protected override ping(): void {
    this.send({ id: PING_ID, method: 'ping' })
  }

  protected override read(frame: Frame, at: Micros): void {
    if (frame.error !== undefined) this.host.fail(`refused by Binance: ${frame.error.code} ${frame.error.msg}`)
    else if (frame.id === SUBSCRIBE_ID) this.host.onReady(at)
    else if (frame.event !== undefined) this.#onEvent(frame.event, at)
  }

  #onEvent(event: UserEvent, at: Micros): void {
    switch (event.e) {
      case 'executionReport':
        this.#onExecution(event)
        return
      case 'outboundAccountPosition':
        for (const { a: asset, f: free, l: held } of event.B)
          this.host.onBalance({ asset, total: sum(free, held), free: decimalIn(free) }, at)
        return
      case 'eventStreamTerminated':
      case 'serverShutdown':
        this.host.fail(`Binance says ${event.e}`)
    }
  }

  #onExecution(report: ExecutionReport): void {
    const instrument = this.instruments.bySymbol(report.s)
    if (instrument === undefined) return
    const at = report.T * MICROS_PER_MS
    const clientId = report.C === '' ? report.c : report.C
    const side = report.S === 'BUY' ? 'buy' : 'sell'
    if (report.x === 'TRADE')
      this.host.onFill({
        id: String(report.t),
        venueOrderId: String(report.i),
        clientId,
        instrument: instrument.id,
        side,
        price: ticksIn(instrument, report.L),
        quantity: lotsIn(instrument, report.l),
        liquidity: report.m ? 'maker' : 'taker',
        feeAmount: decimalOf(report.n) ?? '0',
        feeAsset: report.N ?? instrument.quote,
        at,
      })
    const order: VenueOrder = {
      venueOrderId: String(report.i),
      clientId,
      instrument: instrument.id,
      side,
      type: typeOf(report.o),
      timeInForce: timeInForceOf(report.f),
      price: limitOrNull(instrument, report.p),
      quantity: lotsIn(instrument, report.q),
      filled: lotsIn(instrument, report.z),
      state: stateOf(report.X),
      reason: report.r === 'NONE' ? null : report.r,
      at,
    }
    this.host.onOrder(order)
  }
}

/** Two decimals, exactly. */
const sum = (a: string, b: string): string =>
  trimDecimal(formatDecimal(parseDecimal(a, SCALE) + parseDecimal(b, SCALE), SCALE))

function typeOf(type: string): OrderType {
  switch (type) {
    case 'MARKET':
      return 'market'
    case 'STOP_LOSS':
      return 'stop'
    case 'STOP_LOSS_LIMIT':
      return 'stop_limit'
    default:
      return 'limit'
  }
}

function stateOf(status: string): VenueOrder['state'] {
  switch (status) {
    case 'FILLED':
      return 'filled'
    case 'CANCELED':
      return 'canceled'
    case 'REJECTED':
      return 'rejected'
    case 'EXPIRED':
    case 'EXPIRED_IN_MATCH':
      return 'expired'
    default:
      return 'open'
  }
}
