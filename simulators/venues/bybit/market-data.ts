import {
  type Candle,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_MS,
  MICROS_PER_SECOND,
  type Micros,
  priceFloat,
} from '../../../src/kernel/index.ts'
import {
  type BookPicture,
  bestLevels,
  countOf,
  type NumberedTrade,
  type SimulatedAnswer,
  type SimulatedInstrument,
  type SimulatedRequest,
  shortQuantity,
  turnoverOf,
  type VenueContext,
} from '../core/index.ts'
import { ms, price, SIDES, symbolInfo } from './answers.ts'
import { failed, ok, parameters, UNKNOWN_SYMBOL } from './errors.ts'
import { BYBIT_SYMBOLS, symbolNamed } from './instruments.ts'

/** https://bybit-exchange.github.io/docs/v5/market/ */

const DEPTH_MAX = 200
const TRADES_MAX = 60
const CANDLES = 200
const CANDLES_MAX = 1_000

export const INTERVALS: Readonly<Record<string, Micros>> = {
  '1': MICROS_PER_MINUTE,
  '3': 3 * MICROS_PER_MINUTE,
  '5': 5 * MICROS_PER_MINUTE,
  '15': 15 * MICROS_PER_MINUTE,
  '30': 30 * MICROS_PER_MINUTE,
  '60': MICROS_PER_HOUR,
  '120': 2 * MICROS_PER_HOUR,
  '240': 4 * MICROS_PER_HOUR,
  '360': 6 * MICROS_PER_HOUR,
  '720': 12 * MICROS_PER_HOUR,
  D: 24 * MICROS_PER_HOUR,
}

/** Price and quantity of each level. */
export const rows = (listed: SimulatedInstrument, levels: BookPicture['bids']): [string, string][] =>
  levels.map(([ticks, lots]) => [price(listed, ticks), shortQuantity(listed, lots)])

export class BybitMarket {
  readonly #context: VenueContext

  constructor(context: VenueContext) {
    this.#context = context
  }

  answer({ method, path, query }: SimulatedRequest): SimulatedAnswer {
    const now = this.#context.now()
    const reply = (result: unknown) => ok(result, ms(now))
    const name = path.slice('/v5/market/'.length)
    if (method !== 'GET') return { status: 404, body: '' }
    if (name === 'time')
      return reply({ timeSecond: String(Math.floor(now / MICROS_PER_SECOND)), timeNano: `${now}000` })
    const category = query.get('category')
    if (!['spot', 'linear', 'inverse', 'option'].includes(category ?? ''))
      return failed(parameters('category'), ms(now))
    // Derivatives are other markets: none of them is listed here.
    if (category !== 'spot') return reply({ category, list: [], nextPageCursor: '' })
    const named = query.get('symbol')
    const listed = symbolNamed(named)
    if (named !== null && listed === undefined) return failed(UNKNOWN_SYMBOL, ms(now))
    const asked = listed === undefined ? BYBIT_SYMBOLS : [listed]
    if (name === 'instruments-info') return reply({ category, list: asked.map(symbolInfo) })
    if (name === 'tickers') return reply({ category, list: asked.map(one => this.ticker(one)) })
    if (listed === undefined) return failed(parameters('symbol'), ms(now))
    switch (name) {
      case 'orderbook': {
        const { bids, asks, at, sequence } = this.#context.feed(DEPTH_MAX).picture(listed)
        const count = countOf(query.get('limit'), 1, DEPTH_MAX)
        return reply({
          s: listed.symbol,
          b: rows(listed, bids.slice(0, count)),
          a: rows(listed, asks.slice(0, count)),
          ts: ms(at),
          u: sequence,
          seq: sequence,
          cts: ms(at),
        })
      }
      case 'recent-trade': {
        const count = countOf(query.get('limit'), TRADES_MAX, TRADES_MAX)
        const trades = this.#context.tape.trades(listed).slice(-count).reverse()
        return reply({ category, list: trades.map(trade => tradeInfo(listed, trade)) })
      }
      case 'kline':
        return this.#klines(listed, query, ms(now))
    }
    return { status: 404, body: '' }
  }

  /** Newest first. */
  #klines(listed: SimulatedInstrument, query: URLSearchParams, now: number): SimulatedAnswer {
    const interval = INTERVALS[query.get('interval') ?? '']
    if (interval === undefined) return failed(parameters('interval'), now)
    const start = Number(query.get('start') ?? 0) * MICROS_PER_MS
    const end = Number(query.get('end') ?? Number.POSITIVE_INFINITY) * MICROS_PER_MS
    const limit = countOf(query.get('limit'), CANDLES, CANDLES_MAX)
    const candles = this.#candles(listed, interval).filter(({ openAt }) => openAt >= start && openAt <= end)
    const page = query.has('start') && !query.has('end') ? candles.slice(0, limit) : candles.slice(-limit)
    const list = page.map(candle => row(listed, candle)).reverse()
    return ok({ symbol: listed.symbol, category: 'spot', list }, now)
  }

  #candles(listed: SimulatedInstrument, interval: Micros): Candle[] {
    return this.#context.tape.candles(listed, interval, this.#context.market.now)
  }

  /** The candle that forms now, as streams tell it. */
  forming(listed: SimulatedInstrument, interval: string) {
    const length = INTERVALS[interval]!
    const candle = this.#candles(listed, length).at(-1)
    if (candle === undefined) return null
    const [, open, high, low, close, volume, turnover] = row(listed, candle)
    const now = ms(this.#context.now())
    const [start, end] = [ms(candle.openAt), ms(candle.openAt + length) - 1]
    return { start, end, interval, open, close, high, low, volume, turnover, confirm: false, timestamp: now }
  }

  ticker(listed: SimulatedInstrument) {
    const { tape, market } = this.#context
    const { bid, ask } = bestLevels(this.#context, listed)
    const day = tape.day(listed, market.now)
    return {
      symbol: listed.symbol,
      bid1Price: price(listed, bid[0]),
      bid1Size: shortQuantity(listed, bid[1]),
      ask1Price: price(listed, ask[0]),
      ask1Size: shortQuantity(listed, ask[1]),
      lastPrice: price(listed, day.last),
      prevPrice24h: price(listed, day.open),
      price24hPcnt: (day.last / Math.max(1, day.open) - 1).toFixed(4),
      highPrice24h: price(listed, day.high),
      lowPrice24h: price(listed, day.low),
      turnover24h: (day.volume * priceFloat(listed.instrument, day.last)).toFixed(6),
      volume24h: day.volume.toFixed(6),
      usdIndexPrice: price(listed, day.last),
    }
  }
}

const row = (listed: SimulatedInstrument, candle: Candle): readonly string[] => [
  String(ms(candle.openAt)),
  ...[candle.open, candle.high, candle.low, candle.close].map(ticks => price(listed, ticks)),
  candle.volume.toFixed(6),
  turnoverOf(listed, candle).toFixed(6),
]

const tradeInfo = (listed: SimulatedInstrument, trade: NumberedTrade) => ({
  execId: String(2_290_000_000_000_000_000n + BigInt(trade.number)),
  symbol: listed.symbol,
  price: price(listed, trade.price),
  size: shortQuantity(listed, trade.quantity),
  side: SIDES[trade.side],
  time: String(ms(trade.at)),
  isBlockTrade: false,
})
