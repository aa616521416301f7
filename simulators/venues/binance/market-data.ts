import { type Candle, MICROS_PER_MINUTE, type Micros } from '../../../src/kernel/index.ts'
import {
  type BookPicture,
  decimalOf,
  type NumberedTrade,
  notionalUnits,
  type SimulatedInstrument,
  type VenueContext,
} from '../core/index.ts'
import { DECIMALS, eight, priceOf, quantityOf, ZERO } from './instruments.ts'
import { msOf } from './orders.ts'

/** Books, trades and candles: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints */

export const DEPTH_MAX = 5_000
/** A change of a book comes out of several updates, each of which has a number. */
const UPDATES_A_CHANGE = 10

export const firstUpdateOf = ({ sequence }: BookPicture): number => (sequence - 1) * UPDATES_A_CHANGE + 1
export const lastUpdateOf = ({ sequence }: BookPicture): number => sequence * UPDATES_A_CHANGE

const MINUTES: Readonly<Record<string, number>> = {
  '1m': 1,
  '3m': 3,
  '5m': 5,
  '15m': 15,
  '30m': 30,
  '1h': 60,
  '2h': 120,
  '4h': 240,
  '6h': 360,
  '8h': 480,
  '12h': 720,
  '1d': 1_440,
}
export const intervalOf = (name: string): Micros | undefined =>
  MINUTES[name] === undefined ? undefined : MINUTES[name] * MICROS_PER_MINUTE

export const levelsOf = ({ instrument }: SimulatedInstrument, levels: BookPicture['bids']): [string, string][] =>
  levels.map(([price, quantity]) => [priceOf(instrument, price), quantityOf(instrument, quantity)])

export const tradeRow = (
  { instrument }: SimulatedInstrument,
  { price, quantity, number, at, side }: NumberedTrade,
) => ({
  id: number,
  price: priceOf(instrument, price),
  qty: quantityOf(instrument, quantity),
  quoteQty: eight(decimalOf(notionalUnits(instrument, price, quantity))),
  time: msOf(at),
  isBuyerMaker: side === 'sell',
  isBestMatch: true,
})

/** One trade an aggregate: takers that meet several orders at one price are told apart. */
export const aggregateRow = (
  { instrument }: SimulatedInstrument,
  { price, quantity, number, at, side }: NumberedTrade,
) => ({
  a: number,
  p: priceOf(instrument, price),
  q: quantityOf(instrument, quantity),
  f: number,
  l: number,
  T: msOf(at),
  m: side === 'sell',
  M: true,
})

/** What the trades of a candle add up to: of those that are still on the tape. */
function sumsOf(trades: readonly NumberedTrade[], listed: SimulatedInstrument, { openAt }: Candle, interval: Micros) {
  const within = trades.filter(({ at }) => at >= openAt && at < openAt + interval)
  const quote = (some: readonly NumberedTrade[]) =>
    some.reduce((sum, { price, quantity }) => sum + notionalUnits(listed.instrument, price, quantity), 0n)
  const bought = within.filter(({ side }) => side === 'buy')
  const base = bought.reduce((sum, { quantity }) => sum + quantity, 0)
  return {
    first: within[0]?.number ?? -1,
    last: within.at(-1)?.number ?? -1,
    count: within.length,
    quote: eight(decimalOf(quote(within))),
    takerBase: quantityOf(listed.instrument, base),
    takerQuote: eight(decimalOf(quote(bought))),
  }
}

export function candleInfo({ tape }: VenueContext, listed: SimulatedInstrument, candle: Candle, interval: Micros) {
  const { openAt, open, high, low, close, volume } = candle
  const { instrument } = listed
  return {
    ...sumsOf(tape.trades(listed), listed, candle, interval),
    openTime: msOf(openAt),
    closeTime: msOf(openAt + interval) - 1,
    open: priceOf(instrument, open),
    high: priceOf(instrument, high),
    low: priceOf(instrument, low),
    close: priceOf(instrument, close),
    volume: volume.toFixed(DECIMALS),
  }
}

export function candleRow(...given: Parameters<typeof candleInfo>): unknown[] {
  const one = candleInfo(...given)
  return [
    one.openTime,
    one.open,
    one.high,
    one.low,
    one.close,
    one.volume,
    one.closeTime,
    one.quote,
    one.count,
    one.takerBase,
    one.takerQuote,
    '0',
  ]
}

export function bestOf({ market }: VenueContext, listed: SimulatedInstrument) {
  const { bids, asks } = market.levels(listed, 1)
  const [[bidPrice, bidQty] = [ZERO, ZERO], [askPrice, askQty] = [ZERO, ZERO]] = [
    levelsOf(listed, bids)[0],
    levelsOf(listed, asks)[0],
  ]
  return { symbol: listed.symbol, bidPrice, bidQty, askPrice, askQty }
}

const DAY_MS = 86_400_000

export function dayOf(context: VenueContext, listed: SimulatedInstrument) {
  const { market, tape } = context
  const { instrument } = listed
  const { open, high, low, last, volume, trades } = tape.day(listed, market.now)
  const kept = tape.trades(listed)
  const change = last - open
  const base = kept.reduce((sum, { quantity }) => sum + quantity, 0)
  const value = kept.reduce((sum, { price, quantity }) => sum + price * quantity, 0)
  const average = base === 0 ? last : Math.round(value / base)
  const averageFloat = Number(priceOf(instrument, average))
  const closeTime = msOf(context.now())
  return {
    ...bestOf(context, listed),
    priceChange: `${change < 0 ? '-' : ''}${priceOf(instrument, Math.abs(change))}`,
    priceChangePercent: (open === 0 ? 0 : (change / open) * 100).toFixed(3),
    weightedAvgPrice: priceOf(instrument, average),
    prevClosePrice: priceOf(instrument, open),
    lastPrice: priceOf(instrument, last),
    lastQty: quantityOf(instrument, kept.at(-1)?.quantity ?? 0),
    openPrice: priceOf(instrument, open),
    highPrice: priceOf(instrument, high),
    lowPrice: priceOf(instrument, low),
    volume: volume.toFixed(DECIMALS),
    quoteVolume: (volume * averageFloat).toFixed(DECIMALS),
    openTime: closeTime - DAY_MS,
    closeTime,
    firstId: kept[0]?.number ?? -1,
    lastId: kept.at(-1)?.number ?? -1,
    count: trades,
  }
}
