import { createHmac } from 'node:crypto'
import { MICROS_PER_MS, type Micros } from '../../kernel/index.ts'
import { AccountSession } from '../connector/account-session.ts'
import type { AccountSessionFactory } from '../connector/definition.ts'
import { decimalOf } from '../connector/instruments.ts'
import { lotsIn, ticksIn } from '../connector/order-fields.ts'
import { type OrderRow, orderOfRow, SYMBOL } from './order-row.ts'

/** The account's channel: https://docs.bitfinex.com/docs/ws-auth , …/reference/ws-auth-orders , -trades and -wallets */

const ACCOUNT_CHANNEL = 0
/** The server is about to restart; it goes into maintenance. */
const GOING_AWAY = [20_051, 20_060]
/** Their names of assets that have others elsewhere. */
const ASSETS: Readonly<Record<string, string>> = { UST: 'USDT', UDC: 'USDC', DSH: 'DASH' }

export interface BitfinexSigner {
  readonly apiKey: string
  readonly secret: string
  /** Ever larger. */
  nonce(): number
}

interface EventMessage {
  readonly event: string
  readonly status?: string
  readonly code?: number
  readonly msg?: string
}

type TradeRow = readonly [
  id: number,
  symbol: string,
  ms: number,
  order: number,
  amount: number,
  price: number,
  type: string,
  orderPrice: number,
  maker: number,
  fee: number | null,
  feeAsset: string | null,
  clientId: number | null,
]
type WalletRow = readonly [type: string, asset: string, balance: number, interest: number, available: number | null]

export const bitfinexPrivateSession =
  (signer: BitfinexSigner): AccountSessionFactory =>
  (instruments, host) =>
    new BitfinexPrivateSession(instruments, host, signer)

class BitfinexPrivateSession extends AccountSession<unknown, BitfinexSigner> {
  protected override readonly pingEveryMs = 15_000
  /** The channel beats every 15 seconds in which nothing else came. */
  protected override readonly silentAfterMs = 40_000

  protected override open(): void {
    const { apiKey, secret } = this.login
    const authNonce = this.login.nonce()
    const authPayload = `AUTH${authNonce}`
    const authSig = createHmac('sha384', secret).update(authPayload).digest('hex')
    this.send({ event: 'auth', apiKey, authSig, authNonce, authPayload })
  }

  protected override ping(): void {
    this.send({ event: 'ping', cid: 1 })
  }

  protected override read(frame: unknown, at: Micros): void {
    if (!Array.isArray(frame)) this.#onEvent(frame as EventMessage)
    else if (frame[0] === ACCOUNT_CHANNEL) this.#onMessage(String(frame[1]), frame[2], at)
  }

  #onEvent({ event, status, code, msg }: EventMessage): void {
    if (event === 'error' || (event === 'auth' && status !== 'OK'))
      this.host.fail(`refused by Bitfinex: ${code ?? ''} ${msg ?? ''}`)
    else if (event === 'info' && GOING_AWAY.includes(code ?? 0)) this.host.fail(`Bitfinex says ${code}: ${msg ?? ''}`)
  }

  /** `te` tells of a fill at once and `tu` again with its fee, which is what is read. */
  #onMessage(type: string, what: unknown, at: Micros): void {
    switch (type) {
      case 'os':
        for (const row of what as OrderRow[]) this.#onOrder(row)
        this.host.onReady(at)
        return
      case 'on':
      case 'ou':
      case 'oc':
        this.#onOrder(what as OrderRow)
        return
      case 'tu':
        this.#onTrade(what as TradeRow)
        return
      case 'ws':
        for (const row of what as WalletRow[]) this.#onWallet(row, at)
        return
      case 'wu':
        this.#onWallet(what as WalletRow, at)
    }
  }

  #onOrder(row: OrderRow): void {
    const instrument = this.instruments.bySymbol(String(row[SYMBOL]))
    if (instrument !== undefined) this.host.onOrder(orderOfRow(instrument, row))
  }

  #onTrade([id, symbol, ms, order, amount, price, , , maker, fee, feeAsset, clientId]: TradeRow): void {
    const instrument = this.instruments.bySymbol(symbol)
    if (instrument === undefined) return
    this.host.onFill({
      id: String(id),
      venueOrderId: String(order),
      clientId: clientId === null || clientId === undefined ? null : String(clientId),
      instrument: instrument.id,
      side: amount > 0 ? 'buy' : 'sell',
      price: ticksIn(instrument, price),
      quantity: lotsIn(instrument, Math.abs(amount)),
      liquidity: maker === 1 ? 'maker' : 'taker',
      // What is paid is below zero there.
      feeAmount: decimalOf(-(fee ?? 0) || 0) ?? '0',
      feeAsset: nameOf(feeAsset ?? instrument.quote),
      at: ms * MICROS_PER_MS,
    })
  }

  #onWallet([type, asset, balance, , available]: WalletRow, at: Micros): void {
    if (type !== 'exchange') return
    this.host.onBalance(
      { asset: nameOf(asset), total: decimalOf(balance) ?? '0', free: decimalOf(available) ?? null },
      at,
    )
  }
}

const nameOf = (asset: string): string => ASSETS[asset] ?? asset
