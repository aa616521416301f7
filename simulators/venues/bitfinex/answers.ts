import { MICROS_PER_MS, type Micros, priceText, quantityText } from '../../../src/kernel/index.ts'
import {
  type Account,
  averageUnits,
  countOf,
  decimalOf,
  type Fields,
  type SimulatedFill,
  type SimulatedInstrument,
  type SimulatedOrder,
} from '../core/index.ts'

/** Orders, fills and wallets as Bitfinex's arrays show them. Numbers are JavaScript's, as the venue's own are. */

export const ms = (at: Micros): number => Math.floor(at / MICROS_PER_MS)

export const price = ({ instrument }: SimulatedInstrument, ticks: number | null): number =>
  ticks === null ? 0 : Number(priceText(instrument, ticks))
export const quantity = ({ instrument }: SimulatedInstrument, lots: number): number =>
  Number(quantityText(instrument, lots))

export const POST_ONLY = 4_096

function typeOf({ type, timeInForce }: SimulatedOrder): string {
  if (type === 'limit' && timeInForce !== 'gtc') return `EXCHANGE ${timeInForce.toUpperCase()}`
  return `EXCHANGE ${{ limit: 'LIMIT', market: 'MARKET', stop: 'STOP', stop_limit: 'STOP LIMIT' }[type]}`
}

function statusOf(order: SimulatedOrder): string {
  const filled = `@ ${Number(decimalOf(averageUnits(order)))}(${quantity(order.instrument, order.side === 'buy' ? order.filled : -order.filled)})`
  if (order.state === 'filled') return `EXECUTED ${filled}`
  if (order.state === 'open') return order.filled > 0 ? `PARTIALLY FILLED ${filled}` : 'ACTIVE'
  const words = order.postOnly && order.reason !== 'User requested' ? 'POSTONLY CANCELED' : ENDED[order.timeInForce]
  const isByUser = order.reason === 'User requested'
  const canceled = isByUser || order.type === 'market' ? 'CANCELED' : words
  return order.filled > 0 ? `${canceled} was: PARTIALLY FILLED ${filled}` : canceled
}
const ENDED = { gtc: 'CANCELED', ioc: 'IOC CANCELED', fok: 'FILLORKILL CANCELED' } as const

/** The 32 fields of https://docs.bitfinex.com/reference/rest-auth-retrieve-orders */
export function orderRow(order: SimulatedOrder): readonly unknown[] {
  const { instrument: listed } = order
  const sign = order.side === 'buy' ? 1 : -1
  const isStop = order.triggerPrice !== null
  const open = order.quantity - order.filled
  return [
    Number(order.id),
    null,
    order.clientId === null ? null : Number(order.clientId),
    listed.symbol,
    ms(order.createdAt),
    ms(order.updatedAt),
    sign * quantity(listed, open) || 0,
    sign * quantity(listed, order.quantity),
    typeOf(order),
    null,
    null,
    null,
    order.postOnly ? POST_ONLY : 0,
    statusOf(order),
    null,
    null,
    price(listed, isStop ? order.triggerPrice : order.price),
    Number(decimalOf(averageUnits(order))),
    0,
    isStop ? price(listed, order.price) : 0,
    null,
    null,
    null,
    0,
    0,
    null,
    null,
    null,
    'API>BFX',
    null,
    null,
    null,
  ]
}

/** A fill: https://docs.bitfinex.com/reference/rest-auth-trades . Without its fee as `te` has it, which comes at once. */
export function tradeRow(fill: SimulatedFill, hasFee = true): readonly unknown[] {
  const { order } = fill
  const { instrument: listed } = order
  const sign = order.side === 'buy' ? 1 : -1
  return [
    Number(fill.id),
    listed.symbol,
    ms(fill.at),
    Number(order.id),
    sign * quantity(listed, fill.quantity),
    price(listed, fill.price),
    typeOf(order),
    price(listed, order.price),
    fill.liquidity === 'maker' ? 1 : -1,
    hasFee ? -Number(decimalOf(fill.fee)) || 0 : null,
    hasFee ? fill.feeAsset : null,
    order.clientId === null ? null : Number(order.clientId),
  ]
}

export const walletRow = (account: Account, asset: string): readonly unknown[] => [
  'exchange',
  asset,
  Number(decimalOf(account.total(asset))),
  0,
  Number(decimalOf(account.free(asset))),
  null,
  null,
]

/** What a key may read and write: https://docs.bitfinex.com/reference/key-permissions */
export const permissionRows = ({ permissions }: Account): readonly unknown[] => [
  ['account', 1, 0],
  ['history', 1, 0],
  ['orders', 1, permissions.trade ? 1 : 0],
  ['positions', 1, 0],
  ['funding', 1, 0],
  ['settings', 0, 0],
  ['wallets', 1, 0],
  ['withdraw', 0, permissions.withdraw ? 1 : 0],
]

/** Newest first unless `sort` is 1; `start` and `end` are times. */
export function pageOf<T>(
  all: readonly T[],
  { start = 0, end = Number.POSITIVE_INFINITY, limit, sort }: Fields,
  { usual, most }: { readonly usual: number; readonly most: number },
  timeOf: (one: T) => Micros,
): T[] {
  const [from, until] = [Number(start) * MICROS_PER_MS, (Number(end) + 1) * MICROS_PER_MS]
  const count = countOf(limit, usual, most)
  const found = all.filter(one => timeOf(one) >= from && timeOf(one) < until)
  return Number(sort) === 1 ? found.slice(0, count) : found.slice(-count).reverse()
}
