import { MICROS_PER_SECOND, type Micros, priceText, quantityText } from '../../../src/kernel/index.ts'
import {
  type Account,
  decimalOf,
  feesOf,
  notionalUnits,
  type SimulatedFill,
  type SimulatedOrder,
  tradedUnits,
} from '../core/index.ts'
import { KRAKEN_PAIRS, type KrakenPair, pairNamed } from './instruments.ts'

/** Pairs, orders and fills as Kraken's REST answers show them. */

export const seconds = (at: Micros): number => at / MICROS_PER_SECOND
export const pairOf = (order: SimulatedOrder): KrakenPair => order.instrument as KrakenPair

export const TYPES: Readonly<Record<string, SimulatedOrder['type']>> = {
  limit: 'limit',
  market: 'market',
  'stop-loss': 'stop',
  'stop-loss-limit': 'stop_limit',
}
const NAMES = { limit: 'limit', market: 'market', stop: 'stop-loss', stop_limit: 'stop-loss-limit' } as const

export const pairInfo = ({ altname, wsname, base, quote, instrument, makerPpm, takerPpm }: KrakenPair) => ({
  altname,
  wsname,
  aclass_base: 'currency',
  base,
  aclass_quote: 'currency',
  quote,
  lot: 'unit',
  cost_decimals: 5,
  pair_decimals: instrument.priceScale,
  lot_decimals: instrument.quantityScale,
  lot_multiplier: 1,
  leverage_buy: [],
  leverage_sell: [],
  fees: [[0, takerPpm / 10_000]],
  fees_maker: [[0, makerPpm / 10_000]],
  fee_volume_currency: 'ZUSD',
  margin_call: 80,
  margin_stop: 40,
  ordermin: quantityText(instrument, instrument.quantityMin),
  costmin: instrument.notionalMin,
  tick_size: priceText(instrument, 1),
  status: 'online',
})

export function tradeVolume(pairs: string | null) {
  const named = pairs === null ? KRAKEN_PAIRS : pairs.split(',').flatMap(name => pairNamed(name) ?? [])
  const schedule = (ppm: (pair: KrakenPair) => number) =>
    Object.fromEntries(
      named.map(pair => [pair.symbol, { fee: (ppm(pair) / 10_000).toFixed(4), minfee: '0.1000', maxfee: '0.2600' }]),
    )
  return {
    currency: 'ZUSD',
    volume: '0.0000',
    fees: schedule(one => one.takerPpm),
    fees_maker: schedule(one => one.makerPpm),
  }
}

export const keyInfo = ({ permissions }: Account) => ({
  api_key_name: 'simulated',
  permissions: [
    'query-funds',
    'query-open-trades',
    'query-closed-trades',
    ...(permissions.trade ? ['modify-trades', 'close-trades'] : []),
    ...(permissions.withdraw ? ['withdraw-funds'] : []),
  ],
})

export function description(order: SimulatedOrder): string {
  const { instrument } = order.instrument
  const price = order.price === null ? '' : ` ${priceText(instrument, order.price)}`
  return `${order.side} ${quantityText(instrument, order.quantity)} ${pairOf(order).altname} @ ${NAMES[order.type]}${price}`
}

export function orderInfo(order: SimulatedOrder) {
  const { instrument } = order.instrument
  const text = (price: number | null) => (price === null ? '0' : priceText(instrument, price))
  const isTriggered = order.triggerPrice !== null
  const average = order.filled === 0 ? '0' : priceText(instrument, Number(order.cost / BigInt(order.filled)))
  const state = order.state === 'filled' ? 'closed' : order.state
  return {
    refid: null,
    userref: 0,
    ...(order.clientId === null ? {} : { cl_ord_id: order.clientId }),
    status: state,
    reason: order.reason,
    opentm: seconds(order.createdAt),
    ...(order.state === 'open' ? {} : { closetm: seconds(order.updatedAt) }),
    starttm: 0,
    expiretm: 0,
    descr: {
      pair: pairOf(order).altname,
      type: order.side,
      ordertype: NAMES[order.type],
      price: text(isTriggered ? order.triggerPrice : order.price),
      price2: text(isTriggered ? order.price : null),
      leverage: 'none',
      order: description(order),
      close: '',
    },
    vol: quantityText(instrument, order.quantity),
    vol_exec: quantityText(instrument, order.filled),
    cost: decimalOf(tradedUnits(order)),
    fee: decimalOf(feesOf(order)),
    price: average,
    stopprice: text(order.triggerPrice),
    limitprice: '0.00000',
    misc: '',
    oflags: order.postOnly ? 'fciq,post' : 'fciq',
  }
}

export function fillInfo({ order, price, quantity, fee, at, number, liquidity }: SimulatedFill) {
  const { instrument } = order.instrument
  return {
    ordertxid: order.id,
    postxid: 'TKH2SE-M7IF5-CFI7LT',
    pair: pairOf(order).symbol,
    time: seconds(at),
    type: order.side,
    ordertype: NAMES[order.type],
    price: priceText(instrument, price),
    cost: decimalOf(notionalUnits(instrument, price, quantity)),
    fee: decimalOf(fee),
    vol: quantityText(instrument, quantity),
    margin: '0.00000',
    leverage: '0',
    misc: '',
    trade_id: number,
    maker: liquidity === 'maker',
  }
}
