import { createHmac } from 'node:crypto'
import { type Instrument, MICROS_PER_MS, type Micros } from '../../kernel/index.ts'
import { AccountSession } from '../connector/account-session.ts'
import type { AccountSessionFactory } from '../connector/definition.ts'
import { decimalOf } from '../connector/instruments.ts'
import { decimalIn, limitOrNull, lotsIn, lotsOrZero, ticksIn } from '../connector/order-fields.ts'
import type { VenueExecution, VenueOrder } from '../port/index.ts'

/** Orders, clearing and accounts of the private socket: https://huobiapi.github.io/docs/spot/v1/en/#websocket-asset-and-order */

const HOST = 'api.huobi.pro'
const PATH = '/ws/v2'
export const PRIVATE_ADDRESS = `wss://${HOST}${PATH}`
const ORDERS = 'orders#*'
const CLEARING = 'trade.clearing#*#0'
/** Whole and free part at every change of either. */
const ACCOUNTS = 'accounts.update#2'
const OK = 200

/** Numbers are numbers in some rows and text in others. */
type Decimal = string | number

interface OrderRow {
  readonly eventType: string
  readonly symbol: string
  readonly orderId: number
  readonly clientOrderId?: string
  readonly type: string
  readonly orderPrice?: Decimal
  readonly orderSize?: Decimal
  readonly orderStatus: string
  readonly execAmt?: Decimal
  readonly remainAmt?: Decimal
  readonly orderCreateTime?: number
  readonly tradeTime?: number
  readonly lastActTime?: number
  readonly errMessage?: string
}

interface ClearingRow {
  readonly eventType: string
  readonly symbol: string
  readonly orderId: number
  readonly clientOrderId?: string
  readonly orderSide: 'buy' | 'sell'
  readonly tradePrice: Decimal
  readonly tradeVolume: Decimal
  readonly tradeTime: number
  readonly tradeId: number
  readonly aggressor: boolean
  readonly transactFee: Decimal
  readonly feeCurrency: string
  /** Paid instead in points or in the venue's own token. */
  readonly feeDeduct?: Decimal
  readonly feeDeductType?: string
}

interface AccountRow {
  readonly currency: string
  readonly balance?: Decimal
  readonly available?: Decimal
  readonly accountType: string
}

interface Frame {
  readonly action?: string
  readonly ch?: string
  readonly code?: number
  readonly message?: string
  readonly data?: unknown
}

export interface HtxLogin {
  readonly apiKey: string
  readonly secret: string
  /** Unix milliseconds by the venue's clock, as far as we know it. */
  milliseconds(): number
}

/** The account's orders, fills and balances over HTX's private WebSocket. */
export const htxPrivateSession =
  (login: HtxLogin): AccountSessionFactory =>
  (instruments, host) =>
    new HtxPrivateSession(instruments, host, login)

class HtxPrivateSession extends AccountSession<Frame, HtxLogin> {
  /** The venue pings every 20 seconds. */
  protected override readonly silentAfterMs = 50_000
  readonly #awaited = new Set([ORDERS, CLEARING, ACCOUNTS])

  protected override open(): void {
    const { apiKey, secret } = this.login
    const signed = {
      accessKey: apiKey,
      signatureMethod: 'HmacSHA256',
      signatureVersion: '2.1',
      timestamp: new Date(this.login.milliseconds()).toISOString().slice(0, 19),
    }
    const text = ['GET', HOST, PATH, new URLSearchParams(signed).toString()].join('\n')
    const signature = createHmac('sha256', secret).update(text).digest('base64')
    this.send({ action: 'req', ch: 'auth', params: { authType: 'api', ...signed, signature } })
  }

  protected override read({ action, ch = '', code, message, data }: Frame, at: Micros): void {
    if (action === 'ping') this.send({ action: 'pong', data })
    else if (action === 'push') this.#onPush(ch, data, at)
    else if (code !== OK) this.host.fail(`refused by HTX: ${ch} ${code} ${message ?? 'no reason given'}`)
    else if (ch === 'auth') for (const wanted of this.#awaited) this.send({ action: 'sub', ch: wanted })
    else {
      this.#awaited.delete(ch)
      if (this.#awaited.size === 0) this.host.onReady(at)
    }
  }

  #onPush(ch: string, data: unknown, at: Micros): void {
    if (ch.startsWith('orders#')) this.#onOrder(data as OrderRow, at)
    else if (ch.startsWith('trade.clearing#')) this.#onClearing(data as ClearingRow)
    else if (ch.startsWith('accounts.update')) this.#onAccount(data as AccountRow, at)
  }

  #onOrder(row: OrderRow, at: Micros): void {
    const instrument = this.instruments.bySymbol(row.symbol)
    if (instrument !== undefined) this.host.onOrder(orderOf(instrument, row, at))
  }

  #onClearing(row: ClearingRow): void {
    const instrument = this.instruments.bySymbol(row.symbol)
    if (instrument !== undefined && row.eventType === 'trade') this.host.onFill(executionOf(instrument, row))
  }

  #onAccount({ currency, balance, available, accountType }: AccountRow, at: Micros): void {
    if (accountType !== 'trade' || balance === undefined) return
    const change = { asset: currency.toUpperCase(), total: decimalIn(balance), free: decimalOf(available) ?? null }
    this.host.onBalance(change, at)
  }
}

function executionOf(instrument: Instrument, row: ClearingRow): VenueExecution {
  const deducted = decimalOf(row.feeDeduct) ?? '0'
  const isDeducted = Number(deducted) !== 0 && (row.feeDeductType ?? '') !== ''
  return {
    id: String(row.tradeId),
    venueOrderId: String(row.orderId),
    clientId: row.clientOrderId || null,
    instrument: instrument.id,
    side: row.orderSide,
    price: ticksIn(instrument, row.tradePrice),
    quantity: lotsIn(instrument, row.tradeVolume),
    liquidity: row.aggressor ? 'taker' : 'maker',
    feeAmount: isDeducted ? deducted : (decimalOf(row.transactFee) ?? '0'),
    feeAsset: (isDeducted ? row.feeDeductType! : row.feeCurrency).toUpperCase(),
    at: row.tradeTime * MICROS_PER_MS,
  }
}

function orderOf(instrument: Instrument, row: OrderRow, at: Micros): VenueOrder {
  const [side, ...form] = row.type.split('-') as [string, ...string[]]
  const isMarket = form[0] === 'market'
  const filled = lotsOrZero(instrument, row.execAmt)
  const time = row.lastActTime ?? row.tradeTime ?? row.orderCreateTime
  return {
    venueOrderId: String(row.orderId),
    clientId: row.clientOrderId || null,
    instrument: instrument.id,
    side: side === 'sell' ? 'sell' : 'buy',
    type: isMarket ? 'market' : form[0] === 'stop' ? 'stop_limit' : 'limit',
    timeInForce: form.includes('ioc') ? 'ioc' : form.includes('fok') ? 'fok' : 'gtc',
    price: isMarket ? null : limitOrNull(instrument, row.orderPrice),
    // A market buy says what is spent and not what is bought.
    quantity: isMarket && side === 'buy' ? filled : lotsOrZero(instrument, row.orderSize),
    filled,
    state: stateOf(row),
    reason: row.errMessage ?? null,
    at: time === undefined ? at : time * MICROS_PER_MS,
  }
}

function stateOf({ orderStatus, eventType }: OrderRow): VenueOrder['state'] {
  if (eventType === 'trigger' || orderStatus === 'rejected') return 'rejected'
  if (orderStatus === 'filled') return 'filled'
  return orderStatus === 'canceled' || orderStatus === 'partial-canceled' || eventType === 'deletion'
    ? 'canceled'
    : 'open'
}
