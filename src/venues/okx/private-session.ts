import { createHmac } from 'node:crypto'
import { type Instrument, lotsOf, MICROS_PER_MS, type Micros, ticksOf } from '../../kernel/index.ts'
import type { AccountSessionFactory } from '../connector/definition.ts'
import { decimalOf, type InstrumentBook } from '../connector/instruments.ts'
import type { AccountHost, StreamSession, VenueOrder } from '../port/index.ts'

/** https://www.okx.com/docs-v5/en/#overview-websocket-login , the channels `orders` and `account` */

const CHANNELS = [{ channel: 'orders', instType: 'SPOT' }, { channel: 'account' }] as const
/** The venue ends a connection on which nothing was said for 30 seconds. */
const PING_EVERY: Micros = 20_000 * MICROS_PER_MS
const SILENCE_MAX: Micros = 45_000 * MICROS_PER_MS

export interface OkxSigner {
  readonly apiKey: string
  readonly secret: string
  readonly passphrase: string
  /** The venue's time in Unix milliseconds. */
  now(): number
}

interface OrderRow {
  readonly instId: string
  readonly ordId: string
  readonly clOrdId: string
  readonly side: 'buy' | 'sell'
  readonly ordType: string
  readonly px: string
  readonly sz: string
  readonly accFillSz: string
  readonly state: string
  readonly cancelSource?: string
  readonly tradeId: string
  readonly fillPx: string
  readonly fillSz: string
  readonly fillTime: string
  readonly fillFee?: string
  readonly fillFeeCcy?: string
  readonly execType?: string
  readonly uTime: string
}

interface AccountRow {
  readonly details: readonly { readonly ccy: string; readonly cashBal: string; readonly availBal: string }[]
}

interface Frame {
  readonly event?: string
  readonly code?: string
  readonly msg?: string
  readonly arg?: { readonly channel?: string }
  readonly data?: readonly unknown[]
}

export const okxPrivateSession =
  (signer: OkxSigner): AccountSessionFactory =>
  (instruments, host) =>
    new OkxPrivateSession(signer, instruments, host)

class OkxPrivateSession implements StreamSession {
  readonly #signer: OkxSigner
  readonly #instruments: InstrumentBook
  readonly #host: AccountHost
  readonly #awaited = new Set<string>(CHANNELS.map(({ channel }) => channel))
  #heardAt: Micros = 0
  #pingedAt: Micros = 0

  constructor(signer: OkxSigner, instruments: InstrumentBook, host: AccountHost) {
    this.#signer = signer
    this.#instruments = instruments
    this.#host = host
  }

  onOpen(at: Micros): void {
    this.#heardAt = at
    this.#pingedAt = at
    const { apiKey, secret, passphrase } = this.#signer
    const timestamp = String(Math.floor(this.#signer.now() / 1_000))
    const sign = createHmac('sha256', secret).update(`${timestamp}GET/users/self/verify`).digest('base64')
    this.#host.send(JSON.stringify({ op: 'login', args: [{ apiKey, passphrase, timestamp, sign }] }))
  }

  onTick(at: Micros): void {
    if (at - this.#heardAt > SILENCE_MAX) this.#host.fail('silent')
    else if (at - this.#pingedAt > PING_EVERY) {
      this.#pingedAt = at
      this.#host.send('ping')
    }
  }

  onFrame(text: string | Uint8Array, at: Micros): void {
    this.#heardAt = at
    if (String(text) === 'pong') return
    let frame: Frame
    try {
      frame = JSON.parse(String(text)) as Frame
    } catch {
      this.#host.fail('a frame is not JSON')
      return
    }
    const channel = frame.arg?.channel ?? ''
    if (frame.event !== undefined) this.#onEvent(frame, channel, at)
    else if (channel === 'orders') for (const row of frame.data ?? []) this.#onOrder(row as OrderRow)
    else if (channel === 'account')
      for (const row of frame.data ?? [])
        for (const { ccy: asset, cashBal, availBal } of (row as AccountRow).details)
          this.#host.onBalance({ asset, total: decimalOf(cashBal) ?? '0', free: decimalOf(availBal) ?? null }, at)
  }

  #onEvent({ event, code, msg }: Frame, channel: string, at: Micros): void {
    if (event === 'error') this.#host.fail(`refused by OKX: ${code ?? ''} ${msg ?? ''}`)
    else if (event === 'notice') this.#host.fail(`OKX says: ${msg ?? ''}`)
    else if (event === 'login') this.#host.send(JSON.stringify({ op: 'subscribe', args: CHANNELS }))
    else if (event === 'subscribe' && this.#awaited.delete(channel) && this.#awaited.size === 0) this.#host.onReady(at)
  }

  /** A row tells of an order and, where it has filled just now, of the fill. */
  #onOrder(row: OrderRow): void {
    const instrument = this.#instruments.bySymbol(row.instId)
    if (instrument === undefined) return
    const clientId = row.clOrdId === '' ? null : row.clOrdId
    const isFill = row.tradeId !== '' && lots(instrument, row.fillSz) > 0
    // A fill without its own fee (`fee` is that of the whole order) is asked for.
    const isPriced = row.fillFeeCcy !== undefined && row.fillFeeCcy !== ''
    if (isFill && isPriced)
      this.#host.onFill({
        id: row.tradeId,
        venueOrderId: row.ordId,
        clientId,
        instrument: instrument.id,
        side: row.side,
        price: ticksOf(instrument, decimalOf(row.fillPx)!),
        quantity: lots(instrument, row.fillSz),
        liquidity: row.execType === 'M' ? 'maker' : 'taker',
        feeAmount: negated(decimalOf(row.fillFee) ?? '0'),
        feeAsset: row.fillFeeCcy!,
        at: Number(row.fillTime) * MICROS_PER_MS,
      })
    const isMarket = row.ordType === 'market'
    const order: VenueOrder = {
      venueOrderId: row.ordId,
      clientId,
      instrument: instrument.id,
      side: row.side,
      type: isMarket ? 'market' : 'limit',
      timeInForce: row.ordType === 'ioc' ? 'ioc' : row.ordType === 'fok' ? 'fok' : 'gtc',
      price: isMarket || row.px === '' ? null : ticksOf(instrument, decimalOf(row.px)!),
      quantity: lots(instrument, row.sz),
      filled: lots(instrument, row.accFillSz),
      state: stateOf(row.state),
      reason: row.cancelSource === undefined || row.cancelSource === '' ? null : `cancelSource ${row.cancelSource}`,
      at: Number(row.uTime) * MICROS_PER_MS,
    }
    const asksFills = isFill && !isPriced
    if (order.state === 'open' || !asksFills) this.#host.onOrder(order)
    if (asksFills) this.#host.requestFills(order)
  }
}

const lots = (instrument: Instrument, text: string): number => lotsOf(instrument, decimalOf(text) ?? '0')

/** What is paid is below zero there, and above it here. */
const negated = (decimal: string): string =>
  decimal === '0' ? '0' : decimal.startsWith('-') ? decimal.slice(1) : `-${decimal}`

function stateOf(state: string): VenueOrder['state'] {
  switch (state) {
    case 'filled':
      return 'filled'
    case 'canceled':
    case 'mmp_canceled':
      return 'canceled'
    default:
      return 'open'
  }
}
