import { MICROS_PER_MS, type Micros, priceText, quantityText, trimDecimal } from '../../../src/kernel/index.ts'
import {
  type Account,
  decimalOf,
  feesOf,
  notionalUnits,
  type SimulatedFill,
  type SimulatedInstrument,
  type SimulatedOrder,
  shortPrice,
  shortQuantity,
  tradedUnits,
} from '../core/index.ts'
import { FUNDS_MIN } from './instruments.ts'

/** Symbols, accounts, orders and fills as KuCoin's answers show them. */

export const ms = (at: Micros): number => Math.floor(at / MICROS_PER_MS)
/** A number of nanoseconds is beyond what is exact in JSON: the venue sends it as it is, readers round it to the microsecond. */
export const nanos = (at: Micros): number => at * 1_000

export const price = (listed: SimulatedInstrument, ticks: number | null): string =>
  ticks === null ? '0' : shortPrice(listed, ticks)
export const rate = (ppm: number): string => String(ppm / 1_000_000)

/** A stop that has been triggered is an order like any other, of the type that it wished for. */
export const typeOf = ({ type }: SimulatedOrder): 'limit' | 'market' =>
  type === 'market' || type === 'stop' ? 'market' : 'limit'

const fundsOf = (order: SimulatedOrder, lots: number): string =>
  order.price === null ? '0' : decimalOf(notionalUnits(order.instrument.instrument, order.price, lots))

/** https://www.kucoin.com/docs-new/rest/spot-trading/orders/get-order-by-orderld */
export function orderInfo(order: SimulatedOrder) {
  const { instrument: listed } = order
  const left = order.quantity - order.filled
  const isOpen = order.state === 'open'
  const isCanceled = order.state === 'canceled' || order.state === 'expired'
  return {
    id: order.id,
    clientOid: order.clientId ?? '',
    symbol: listed.symbol,
    opType: 'DEAL',
    type: typeOf(order),
    side: order.side,
    price: price(listed, order.price),
    size: shortQuantity(listed, order.quantity),
    funds: fundsOf(order, order.quantity),
    dealSize: shortQuantity(listed, order.filled),
    dealFunds: decimalOf(tradedUnits(order)),
    remainSize: shortQuantity(listed, isOpen ? left : 0),
    remainFunds: isOpen ? fundsOf(order, left) : '0',
    cancelledSize: shortQuantity(listed, isCanceled ? left : 0),
    cancelledFunds: isCanceled ? fundsOf(order, left) : '0',
    fee: decimalOf(feesOf(order)),
    feeCurrency: listed.instrument.quote,
    stp: null,
    timeInForce: order.timeInForce.toUpperCase(),
    postOnly: order.postOnly,
    hidden: false,
    iceberg: false,
    visibleSize: '0',
    cancelAfter: 0,
    channel: 'API',
    remark: null,
    tags: null,
    cancelExist: isCanceled,
    tradeType: 'TRADE',
    inOrderBook: isOpen,
    active: isOpen,
    tax: '0',
    createdAt: ms(order.createdAt),
    lastUpdatedAt: ms(order.updatedAt),
  }
}

/** https://www.kucoin.com/docs-new/rest/spot-trading/orders/get-stop-orders-list */
export const stopInfo = (order: SimulatedOrder) => ({
  id: order.id,
  symbol: order.instrument.symbol,
  userId: USER,
  status: order.state === 'open' ? 'NEW' : order.triggered ? 'TRIGGERED' : 'CANCELED',
  type: typeOf(order),
  side: order.side,
  price: order.price === null ? null : price(order.instrument, order.price),
  size: shortQuantity(order.instrument, order.quantity),
  funds: null,
  stp: null,
  timeInForce: order.timeInForce.toUpperCase(),
  cancelAfter: -1,
  postOnly: order.postOnly,
  hidden: false,
  iceberg: false,
  visibleSize: null,
  channel: 'API',
  clientOid: order.clientId ?? '',
  remark: null,
  tags: null,
  orderTime: nanos(order.createdAt),
  domainId: 'kucoin',
  tradeSource: 'USER',
  tradeType: 'TRADE',
  feeCurrency: order.instrument.instrument.quote,
  takerFeeRate: rate(order.instrument.takerPpm),
  makerFeeRate: rate(order.instrument.makerPpm),
  createdAt: ms(order.createdAt),
  stop: order.side === 'sell' ? 'loss' : 'entry',
  stopTriggerTime: order.triggered ? ms(order.updatedAt) : null,
  stopPrice: price(order.instrument, order.triggerPrice),
})

/** The single user of a simulated account. */
export const USER = '63e9e5a4d1a2b40001a0c0de'

/** Pages of fills are counted by it. */
const FILL_IDS = 19_814_995_000_000
export const fillKey = ({ number }: SimulatedFill): number => FILL_IDS + number

export const fillInfo = (fill: SimulatedFill) => {
  const { order, liquidity } = fill
  const { instrument: listed } = order
  return {
    id: fillKey(fill),
    symbol: listed.symbol,
    tradeId: fill.id,
    orderId: order.id,
    counterOrderId: '',
    side: order.side,
    liquidity,
    forceTaker: false,
    price: price(listed, fill.price),
    size: shortQuantity(listed, fill.quantity),
    funds: decimalOf(notionalUnits(listed.instrument, fill.price, fill.quantity)),
    fee: decimalOf(fill.fee),
    feeRate: rate(liquidity === 'maker' ? listed.makerPpm : listed.takerPpm),
    feeCurrency: fill.feeAsset,
    stop: '',
    tradeType: 'TRADE',
    type: typeOf(order),
    createdAt: ms(fill.at),
    tax: '0',
    taxRate: '0',
  }
}

export const accountInfo = (account: Account, currency: string, type: string) => ({
  id: accountId(account, currency),
  currency,
  type,
  balance: decimalOf(account.total(currency)),
  available: decimalOf(account.free(currency)),
  holds: decimalOf(account.held(currency)),
})

export const accountId = (account: Account, currency: string): string =>
  Buffer.from(`${currency}${account.apiKey}`).toString('hex').padEnd(24, '0').slice(0, 24)

/** https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-apikey-info */
export const keyInfo = ({ apiKey, permissions }: Account) => ({
  remark: 'simulated',
  apiKey,
  apiVersion: 3,
  permission: ['General', ...(permissions.trade ? ['Spot'] : []), ...(permissions.withdraw ? ['Withdrawal'] : [])].join(
    ',',
  ),
  ipWhitelist: '',
  createdAt: 1_728_443_843_000,
  uid: 165_111_215,
  isMaster: true,
})

export const symbolInfo = ({ symbol, instrument }: SimulatedInstrument) => ({
  symbol,
  name: symbol,
  baseCurrency: instrument.base,
  quoteCurrency: instrument.quote,
  feeCurrency: instrument.quote,
  market: 'USDS',
  baseMinSize: trimDecimal(quantityText(instrument, instrument.quantityMin)),
  quoteMinSize: FUNDS_MIN,
  baseMaxSize: trimDecimal(quantityText(instrument, instrument.quantityMax)),
  quoteMaxSize: '99999999',
  baseIncrement: quantityText(instrument, 1),
  quoteIncrement: '0.000001',
  priceIncrement: priceText(instrument, 1),
  priceLimitRate: '0.1',
  minFunds: FUNDS_MIN,
  isMarginEnabled: false,
  enableTrading: true,
  feeCategory: 1,
  makerFeeCoefficient: '1.00',
  takerFeeCoefficient: '1.00',
  st: false,
  callauctionIsEnabled: false,
})
