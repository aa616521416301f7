import { MICROS_PER_MINUTE, type Micros } from '../../../src/kernel/index.ts'
import {
  type BookPicture,
  type NumberedTrade,
  type SimulatedInstrument,
  shortPrice,
  shortQuantity,
  type VenueContext,
} from '../core/index.ts'
import { COINBASE_PRODUCTS, iso } from './instruments.ts'

/** Products, books and candles: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/products */

/** The channel `level2` tells the whole book. */
export const DEPTH_MAX = 5_000
const CANDLES_MAX = 350

const GRANULARITIES: Readonly<Record<string, number>> = {
  ONE_MINUTE: 1,
  FIVE_MINUTE: 5,
  FIFTEEN_MINUTE: 15,
  THIRTY_MINUTE: 30,
  ONE_HOUR: 60,
  TWO_HOUR: 120,
  FOUR_HOUR: 240,
  SIX_HOUR: 360,
  ONE_DAY: 1_440,
}

export function dayOf({ market, tape }: VenueContext, listed: SimulatedInstrument) {
  const day = tape.day(listed, market.now)
  const { bids, asks } = market.levels(listed, 1)
  const best = (level: (typeof bids)[number] | undefined) =>
    level === undefined ? ['', ''] : [shortPrice(listed, level[0]), shortQuantity(listed, level[1])]
  const [bid = '', bidSize = ''] = best(bids[0])
  const [ask = '', askSize = ''] = best(asks[0])
  return {
    last: shortPrice(listed, day.last),
    low: shortPrice(listed, day.low),
    high: shortPrice(listed, day.high),
    volume: day.volume.toFixed(8),
    change: (day.open === 0 ? 0 : (day.last / day.open - 1) * 100).toFixed(8),
    value: (day.volume * Number(shortPrice(listed, day.last))).toFixed(2),
    bid,
    bidSize,
    ask,
    askSize,
  }
}

export function productInfo(context: VenueContext, listed: SimulatedInstrument) {
  const { instrument } = listed
  const { last, change, volume, value } = dayOf(context, listed)
  const { name } = COINBASE_PRODUCTS.find(one => one === listed)!
  return {
    product_id: listed.symbol,
    price: last,
    price_percentage_change_24h: change,
    volume_24h: volume,
    volume_percentage_change_24h: '',
    base_increment: shortQuantity(listed, 1),
    quote_increment: '0.01',
    quote_min_size: instrument.notionalMin,
    quote_max_size: '50000000',
    base_min_size: shortQuantity(listed, instrument.quantityMin),
    base_max_size: shortQuantity(listed, instrument.quantityMax),
    base_name: name,
    quote_name: 'US Dollar',
    watched: false,
    is_disabled: false,
    new: false,
    status: 'online',
    cancel_only: false,
    limit_only: false,
    post_only: false,
    trading_disabled: false,
    auction_mode: false,
    product_type: 'SPOT',
    quote_currency_id: instrument.quote,
    base_currency_id: instrument.base,
    fcm_trading_session_details: null,
    mid_market_price: '',
    alias: '',
    alias_to: [],
    base_display_symbol: instrument.base,
    quote_display_symbol: instrument.quote,
    view_only: false,
    price_increment: shortPrice(listed, 1),
    display_name: listed.symbol,
    product_venue: 'CBE',
    approximate_quote_24h_volume: value,
  }
}

export function bookInfo(listed: SimulatedInstrument, { bids, asks, at }: BookPicture, limit: number) {
  const side = (levels: typeof bids) =>
    levels
      .slice(0, limit)
      .map(([price, size]) => ({ price: shortPrice(listed, price), size: shortQuantity(listed, size) }))
  return { product_id: listed.symbol, bids: side(bids), asks: side(asks), time: iso(at) }
}

/** The side is the maker's. */
export const tradeInfo = (listed: SimulatedInstrument, { number, price, quantity, side, at }: NumberedTrade) => ({
  trade_id: String(number),
  product_id: listed.symbol,
  price: shortPrice(listed, price),
  size: shortQuantity(listed, quantity),
  time: iso(at),
  side: side === 'buy' ? 'SELL' : 'BUY',
})

export const granularityOf = (name: string): Micros | undefined =>
  GRANULARITIES[name] === undefined ? undefined : GRANULARITIES[name] * MICROS_PER_MINUTE

/** Newest first; null when more are asked for than are given at once. */
export function candlesInfo(
  { tape, market }: VenueContext,
  listed: SimulatedInstrument,
  interval: Micros,
  [start, end]: readonly [number, number],
) {
  if ((end - start) * 1_000_000 > CANDLES_MAX * interval) return null
  return tape
    .candles(listed, interval, market.now)
    .filter(({ openAt }) => openAt / 1_000_000 >= start && openAt / 1_000_000 <= end)
    .map(({ openAt, low, high, open, close, volume }) => ({
      start: String(openAt / 1_000_000),
      low: shortPrice(listed, low),
      high: shortPrice(listed, high),
      open: shortPrice(listed, open),
      close: shortPrice(listed, close),
      volume: volume.toFixed(8),
    }))
    .reverse()
}
