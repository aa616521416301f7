import {
  type Candle,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_MS,
  type Micros,
  priceFloat,
} from '../../../src/kernel/index.ts'
import {
  type BookPicture,
  json,
  type NumberedTrade,
  type SimulatedAnswer,
  type SimulatedInstrument,
  type SimulatedRequest,
  type VenueContext,
} from '../core/index.ts'
import { ms, price, quantity, symbolInfo } from './answers.ts'
import { failed, mandatory, UNKNOWN_SYMBOL } from './errors.ts'
import { BINANCE_SYMBOLS, symbolNamed } from './instruments.ts'

/** Market data over REST: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints */

/** Levels of the book behind both the snapshots and the diffs. */
export const BOOK_LEVELS = 5_000
/** Binance counts every change of an order; the simulator looks ten times a second, and leaves room between. */
const UPDATES_A_LOOK = 10
const ROWS = 500
const ROWS_MAX = 1_000

export const firstUpdateId = (sequence: number): number => (sequence - 1) * UPDATES_A_LOOK + 1
export const lastUpdateId = (sequence: number): number => sequence * UPDATES_A_LOOK

export const INTERVALS: Readonly<Record<string, Micros>> = {
  '1m': MICROS_PER_MINUTE,
  '3m': 3 * MICROS_PER_MINUTE,
  '5m': 5 * MICROS_PER_MINUTE,
  '15m': 15 * MICROS_PER_MINUTE,
  '30m': 30 * MICROS_PER_MINUTE,
  '1h': MICROS_PER_HOUR,
  '2h': 2 * MICROS_PER_HOUR,
  '4h': 4 * MICROS_PER_HOUR,
  '1d': MICROS_PER_DAY,
}

/** Price and quantity of each level. */
export const rows = (listed: SimulatedInstrument, levels: BookPicture['bids']): [string, string][] =>
  levels.map(([ticks, lots]) => [price(listed, ticks), quantity(listed, lots)])

export class BinanceMarket {
  readonly #context: VenueContext

  constructor(context: VenueContext) {
    this.#context = context
  }

  answer({ method, path, query }: SimulatedRequest): SimulatedAnswer {
    const serverTime = ms(this.#context.now())
    if (method !== 'GET' || !path.startsWith('/api/v3/')) return json({ code: -1, msg: 'Not found.' }, 404)
    const named = query.get('symbol')
    const listed = symbolNamed(named)
    if (named !== null && listed === undefined) return failed(UNKNOWN_SYMBOL)
    const asked = listed === undefined ? BINANCE_SYMBOLS : [listed]
    const oneOrAll = (of: (one: SimulatedInstrument) => unknown) =>
      json(listed === undefined ? asked.map(of) : of(listed))
    const name = path.slice('/api/v3/'.length)
    switch (name) {
      case 'ping':
        return json({})
      case 'time':
        return json({ serverTime })
      case 'exchangeInfo':
        return json({
          timezone: 'UTC',
          serverTime,
          rateLimits: RATE_LIMITS,
          exchangeFilters: [],
          symbols: asked.map(symbolInfo),
        })
      case 'ticker/24hr':
        return oneOrAll(one => this.dayTicker(one))
      case 'ticker/price':
        return oneOrAll(one => ({ symbol: one.symbol, price: price(one, this.#last(one)) }))
      case 'ticker/bookTicker':
        return oneOrAll(one => this.bookTicker(one))
    }
    if (!['depth', 'trades', 'aggTrades', 'klines'].includes(name)) return json({ code: -1, msg: 'Not found.' }, 404)
    if (listed === undefined) return failed(mandatory('symbol'))
    const limit = Math.min(Number(query.get('limit') ?? ROWS) || ROWS, ROWS_MAX)
    if (name === 'depth') return this.#depth(listed, Number(query.get('limit') ?? 100))
    if (name === 'klines') return this.#klines(listed, query, limit)
    const since = Number(query.get('startTime') ?? 0) * MICROS_PER_MS
    const trades = this.#context.tape.trades(listed).filter(({ at }) => at >= since)
    const page = query.has('startTime') ? trades.slice(0, limit) : trades.slice(-limit)
    return json(page.map(trade => (name === 'trades' ? tradeInfo(listed, trade) : aggregateInfo(listed, trade))))
  }

  #depth(listed: SimulatedInstrument, limit: number): SimulatedAnswer {
    const { sequence, bids, asks } = this.#context.feed(BOOK_LEVELS).picture(listed)
    const most = Math.max(1, Math.min(limit || 100, BOOK_LEVELS))
    return json({
      lastUpdateId: lastUpdateId(sequence),
      bids: rows(listed, bids.slice(0, most)),
      asks: rows(listed, asks.slice(0, most)),
    })
  }

  #klines(listed: SimulatedInstrument, query: URLSearchParams, limit: number): SimulatedAnswer {
    const interval = INTERVALS[query.get('interval') ?? '']
    if (interval === undefined) return failed({ code: -1120, msg: 'Invalid interval.' })
    const start = Number(query.get('startTime') ?? 0) * MICROS_PER_MS
    const end = Number(query.get('endTime') ?? Number.POSITIVE_INFINITY) * MICROS_PER_MS
    const candles = this.#candles(listed, interval).filter(({ openAt }) => openAt >= start && openAt <= end)
    const page = query.has('startTime') ? candles.slice(0, limit) : candles.slice(-limit)
    return json(page.map(candle => klineRow(listed, candle, interval)))
  }

  /** The candle that forms now, as a row of `klines`. */
  klineRow(listed: SimulatedInstrument, interval: string) {
    const length = INTERVALS[interval]!
    return klineRow(listed, this.#candles(listed, length).at(-1)!, length)
  }

  #candles(listed: SimulatedInstrument, interval: Micros): Candle[] {
    return this.#context.tape.candles(listed, interval, this.#context.market.now)
  }

  bookTicker(listed: SimulatedInstrument) {
    const { bids, asks } = this.#context.market.levels(listed, 1)
    const [bid, ask] = [bids[0] ?? [0, 0], asks[0] ?? [0, 0]]
    return {
      symbol: listed.symbol,
      bidPrice: price(listed, bid[0]),
      bidQty: quantity(listed, bid[1]),
      askPrice: price(listed, ask[0]),
      askQty: quantity(listed, ask[1]),
    }
  }

  dayTicker(listed: SimulatedInstrument) {
    const { tape, market } = this.#context
    const day = tape.day(listed, market.now)
    const trades = tape.trades(listed)
    const last = trades.at(-1)
    const change = (day.last / Math.max(1, day.open) - 1) * 100
    return {
      ...this.bookTicker(listed),
      priceChange: signed(listed, day.last - day.open),
      priceChangePercent: change.toFixed(3),
      weightedAvgPrice: price(listed, day.last),
      prevClosePrice: price(listed, day.open),
      lastPrice: price(listed, day.last),
      lastQty: quantity(listed, last?.quantity ?? 0),
      openPrice: price(listed, day.open),
      highPrice: price(listed, day.high),
      lowPrice: price(listed, day.low),
      volume: day.volume.toFixed(8),
      quoteVolume: (day.volume * priceFloat(listed.instrument, day.last)).toFixed(8),
      openTime: ms(market.now - MICROS_PER_DAY),
      closeTime: ms(market.now),
      firstId: trades[0]?.number ?? -1,
      lastId: last?.number ?? -1,
      count: day.trades,
    }
  }

  #last(listed: SimulatedInstrument): number {
    return this.#context.tape.trades(listed).at(-1)?.price ?? this.#context.market.reference(listed)
  }
}

const signed = (listed: SimulatedInstrument, ticks: number): string =>
  ticks < 0 ? `-${price(listed, -ticks)}` : price(listed, ticks)

const RATE_LIMITS = [
  { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000 },
  { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100 },
  { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200_000 },
  { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 61_000 },
]

const tradeInfo = (listed: SimulatedInstrument, trade: NumberedTrade) => ({
  id: trade.number,
  price: price(listed, trade.price),
  qty: quantity(listed, trade.quantity),
  quoteQty: (priceFloat(listed.instrument, trade.price) * Number(quantity(listed, trade.quantity))).toFixed(8),
  time: ms(trade.at),
  isBuyerMaker: trade.side === 'sell',
  isBestMatch: true,
})

const aggregateInfo = (listed: SimulatedInstrument, trade: NumberedTrade) => ({
  a: trade.number,
  p: price(listed, trade.price),
  q: quantity(listed, trade.quantity),
  f: trade.number,
  l: trade.number,
  T: ms(trade.at),
  m: trade.side === 'sell',
  M: true,
})

const klineRow = (listed: SimulatedInstrument, candle: Candle, interval: Micros) => [
  ms(candle.openAt),
  price(listed, candle.open),
  price(listed, candle.high),
  price(listed, candle.low),
  price(listed, candle.close),
  candle.volume.toFixed(8),
  ms(candle.openAt + interval) - 1,
  (candle.volume * priceFloat(listed.instrument, candle.close)).toFixed(8),
  1,
  (candle.volume / 2).toFixed(8),
  ((candle.volume * priceFloat(listed.instrument, candle.close)) / 2).toFixed(8),
  '0',
]
