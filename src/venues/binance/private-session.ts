import { createHmac } from 'node:crypto'
import { type Instrument, lotsOf, MICROS_PER_MS, type Micros, type OrderType, ticksOf } from '../../kernel/index.ts'
import type { AccountSessionFactory } from '../connector/definition.ts'
import { decimalOf, type InstrumentBook } from '../connector/instruments.ts'
import type { AccountHost, StreamSession, VenueOrder } from '../port/index.ts'

/**
 * The user data stream over the WebSocket API:
 * https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/user-data-stream-requests and …/user-data-stream
 */

const SUBSCRIBE_ID = 'account'
const PING_ID = 'ping'
const PING_EVERY: Micros = 20_000 * MICROS_PER_MS
/** A socket that does not even answer a ping is dead. */
const SILENCE_MAX: Micros = 45_000 * MICROS_PER_MS

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
    new BinancePrivateSession(signer, instruments, host)

class BinancePrivateSession implements StreamSession {
  readonly #signer: BinanceSigner
  readonly #instruments: InstrumentBook
  readonly #host: AccountHost
  #heardAt: Micros = 0
  #pingedAt: Micros = 0

  constructor(signer: BinanceSigner, instruments: InstrumentBook, host: AccountHost) {
    this.#signer = signer
    this.#instruments = instruments
    this.#host = host
  }

  onOpen(at: Micros): void {
    this.#heardAt = at
    this.#pingedAt = at
    const { apiKey, secret } = this.#signer
    const timestamp = this.#signer.now()
    const signature = createHmac('sha256', secret).update(`apiKey=${apiKey}&timestamp=${timestamp}`).digest('hex')
    const params = { apiKey, timestamp, signature }
    this.#host.send(JSON.stringify({ id: SUBSCRIBE_ID, method: 'userDataStream.subscribe.signature', params }))
  }

  onTick(at: Micros): void {
    if (at - this.#heardAt > SILENCE_MAX) this.#host.fail('silent')
    else if (at - this.#pingedAt > PING_EVERY) {
      this.#pingedAt = at
      this.#host.send(JSON.stringify({ id: PING_ID, method: 'ping' }))
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
    if (frame.error !== undefined) this.#host.fail(`refused by Binance: ${frame.error.code} ${frame.error.msg}`)
    else if (frame.id === SUBSCRIBE_ID) this.#host.onReady(at)
    else if (frame.event !== undefined) this.#onEvent(frame.event, at)
  }

  #onEvent(event: UserEvent, at: Micros): void {
    switch (event.e) {
      case 'executionReport':
        this.#onExecution(event)
        return
      case 'outboundAccountPosition':
        for (const { a: asset, f: free, l: held } of event.B)
          this.#host.onBalance({ asset, total: sum(free, held), free: decimalOf(free)! }, at)
        return
      case 'eventStreamTerminated':
      case 'serverShutdown':
        this.#host.fail(`Binance says ${event.e}`)
    }
  }

  #onExecution(report: ExecutionReport): void {
    const instrument = this.#instruments.bySymbol(report.s)
    if (instrument === undefined) return
    const at = report.T * MICROS_PER_MS
    const clientId = report.C === '' ? report.c : report.C
    const side = report.S === 'BUY' ? 'buy' : 'sell'
    if (report.x === 'TRADE')
      this.#host.onFill({
        id: String(report.t),
        venueOrderId: String(report.i),
        clientId,
        instrument: instrument.id,
        side,
        price: ticksOf(instrument, decimalOf(report.L)!),
        quantity: lotsOf(instrument, decimalOf(report.l)!),
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
      timeInForce: report.f === 'IOC' ? 'ioc' : report.f === 'FOK' ? 'fok' : 'gtc',
      price: Number(report.p) === 0 ? null : ticksOf(instrument, decimalOf(report.p)!),
      quantity: lots(instrument, report.q),
      filled: lots(instrument, report.z),
      state: stateOf(report.X),
      reason: report.r === 'NONE' ? null : report.r,
      at,
    }
    this.#host.onOrder(order)
  }
}

const lots = (instrument: Instrument, text: string): number => lotsOf(instrument, decimalOf(text)!)

/** Two decimals, exactly. */
function sum(a: string, b: string): string {
  const scale = 18
  const units = (text: string) => {
    const [whole = '0', fraction = ''] = text.split('.')
    return BigInt(whole + fraction.padEnd(scale, '0'))
  }
  const digits = (units(a) + units(b)).toString().padStart(scale + 1, '0')
  return decimalOf(`${digits.slice(0, -scale)}.${digits.slice(-scale)}`)!
}

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
