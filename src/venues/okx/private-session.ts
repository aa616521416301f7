import { createHmac } from 'node:crypto'
import { MICROS_PER_MS, type Micros } from '../../kernel/index.ts'
import { AccountSession } from '../connector/account-session.ts'
import type { AccountSessionFactory } from '../connector/definition.ts'
import { decimalOf } from '../connector/instruments.ts'
import { limitOrNull, lotsOrZero, ticksIn, timeInForceOf } from '../connector/order-fields.ts'
import type { VenueOrder } from '../port/index.ts'

/** https://www.okx.com/docs-v5/en/#overview-websocket-login , the channels `orders` and `account` */

const CHANNELS = [{ channel: 'orders', instType: 'SPOT' }, { channel: 'account' }] as const

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
    new OkxPrivateSession(instruments, host, signer)

class OkxPrivateSession extends AccountSession<Frame, OkxSigner> {
  /** The venue ends a connection on which nothing was said for 30 seconds. */
  protected override readonly pingEveryMs = 20_000
  protected override readonly silentAfterMs = 45_000
  protected override readonly pong = 'pong'
  readonly #awaited = new Set<string>(CHANNELS.map(({ channel }) => channel))

  protected override open(): void {
    const { apiKey, secret, passphrase } = this.login
    const timestamp = String(Math.floor(this.login.now() / 1_000))
    const sign = createHmac('sha256', secret).update(`${timestamp}GET/users/self/verify`).digest('base64')
    this.send({ op: 'login', args: [{ apiKey, passphrase, timestamp, sign }] })
  }

  protected override ping(): void {
    this.send('ping')
  }

  protected override read(frame: Frame, at: Micros): void {
    const channel = frame.arg?.channel ?? ''
    if (frame.event !== undefined) this.#onEvent(frame, channel, at)
    else if (channel === 'orders') for (const row of frame.data ?? []) this.#onOrder(row as OrderRow)
    else if (channel === 'account')
      for (const row of frame.data ?? [])
        for (const { ccy: asset, cashBal, availBal } of (row as AccountRow).details)
          this.host.onBalance({ asset, total: decimalOf(cashBal) ?? '0', free: decimalOf(availBal) ?? null }, at)
  }

  #onEvent({ event, code, msg }: Frame, channel: string, at: Micros): void {
    if (event === 'error') this.host.fail(`refused by OKX: ${code ?? ''} ${msg ?? ''}`)
    else if (event === 'notice') this.host.fail(`OKX says: ${msg ?? ''}`)
    else if (event === 'login') this.send({ op: 'subscribe', args: CHANNELS })
    else if (event === 'subscribe' && this.#awaited.delete(channel) && this.#awaited.size === 0) this.host.onReady(at)
  }

  /** A row tells of an order and, where it has filled just now, of the fill. */
  #onOrder(row: OrderRow): void {
    const instrument = this.instruments.bySymbol(row.instId)
    if (instrument === undefined) return
    const clientId = row.clOrdId || null
    const isFill = row.tradeId !== '' && lotsOrZero(instrument, row.fillSz) > 0
    // A fill without its own fee (`fee` is that of the whole order) is asked for.
    const isPriced = row.fillFeeCcy !== undefined && row.fillFeeCcy !== ''
    if (isFill && isPriced)
      this.host.onFill({
        id: row.tradeId,
        venueOrderId: row.ordId,
        clientId,
        instrument: instrument.id,
        side: row.side,
        price: ticksIn(instrument, row.fillPx),
        quantity: lotsOrZero(instrument, row.fillSz),
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
      timeInForce: timeInForceOf(row.ordType),
      price: isMarket ? null : limitOrNull(instrument, row.px),
      quantity: lotsOrZero(instrument, row.sz),
      filled: lotsOrZero(instrument, row.accFillSz),
      state: stateOf(row.state),
      reason: row.cancelSource === undefined || row.cancelSource === '' ? null : `cancelSource ${row.cancelSource}`,
      at: Number(row.uTime) * MICROS_PER_MS,
    }
    const asksFills = isFill && !isPriced
    if (order.state === 'open' || !asksFills) this.host.onOrder(order)
    if (asksFills) this.host.requestFills(order)
  }
}

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
