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
import { instrumentInfo, ms, price } from './answers.ts'
import { failed, NOT_FOUND, ok, parameter, UNKNOWN_INSTRUMENT } from './errors.ts'
import { instrumentNamed, OKX_INSTRUMENTS } from './instruments.ts'

/** https://www.okx.com/docs-v5/en/#order-book-trading-market-data */

/** Levels of the channel `books`, and of the book over REST. */
export const DEPTH = 400
const TRADES_MAX = 500
const CANDLES = 100
const CANDLES_MAX = 300
/** Sequence numbers grow, and not by one. */
const SEQUENCE_STEP = 7

export const sequenceId = (sequence: number): number => sequence * SEQUENCE_STEP

export const BARS: Readonly<Record<string, Micros>> = {
  '1m': MICROS_PER_MINUTE,
  '3m': 3 * MICROS_PER_MINUTE,
  '5m': 5 * MICROS_PER_MINUTE,
  '15m': 15 * MICROS_PER_MINUTE,
  '30m': 30 * MICROS_PER_MINUTE,
  '1H': MICROS_PER_HOUR,
  '2H': 2 * MICROS_PER_HOUR,
  '4H': 4 * MICROS_PER_HOUR,
  '1Dutc': MICROS_PER_DAY,
}

/** Price and quantity of each level; the third is of no use any more, the fourth counts orders, which is not known here. */
export const rows = (listed: SimulatedInstrument, levels: BookPicture['bids']): string[][] =>
  levels.map(([ticks, lots]) => [price(listed, ticks), shortQuantity(listed, lots), '0', '1'])

export class OkxMarket {
  readonly #context: VenueContext

  constructor(context: VenueContext) {
    this.#context = context
  }

  answer({ method, path, query }: SimulatedRequest): SimulatedAnswer {
    if (method !== 'GET') return NOT_FOUND
    const name = path.slice('/api/v5/'.length)
    if (name === 'public/time') return ok([{ ts: ms(this.#context.now()) }])
    if (name === 'system/status') return ok([])
    if (name === 'public/instruments' || name === 'market/tickers') {
      const kind = query.get('instType')
      if (!['SPOT', 'MARGIN', 'SWAP', 'FUTURES', 'OPTION'].includes(kind ?? '')) return failed(parameter('instType'))
      // Derivatives are other markets: none of them is listed here.
      const listed = kind === 'SPOT' ? OKX_INSTRUMENTS : []
      return ok(listed.map(one => (name === 'market/tickers' ? this.ticker(one) : instrumentInfo(one))))
    }
    const listed = instrumentNamed(query.get('instId'))
    if (listed === undefined) return name.startsWith('market/') ? failed(UNKNOWN_INSTRUMENT) : NOT_FOUND
    switch (name) {
      case 'market/ticker':
        return ok([this.ticker(listed)])
      case 'market/books': {
        const { bids, asks, at, sequence } = this.#context.feed(DEPTH).picture(listed)
        const count = countOf(query.get('sz'), 1, DEPTH)
        return ok([
          {
            asks: rows(listed, asks.slice(0, count)),
            bids: rows(listed, bids.slice(0, count)),
            ts: ms(at),
            seqId: sequenceId(sequence),
          },
        ])
      }
      case 'market/trades': {
        const count = countOf(query.get('limit'), CANDLES, TRADES_MAX)
        const trades = this.#context.tape.trades(listed).slice(-count).reverse()
        return ok(trades.map(trade => tradeInfo(listed, trade)))
      }
      case 'market/candles':
      case 'market/history-candles':
        return this.#candlesAnswer(listed, query)
    }
    return NOT_FOUND
  }

  /** Newest first: those before `after` and after `before`. */
  #candlesAnswer(listed: SimulatedInstrument, query: URLSearchParams): SimulatedAnswer {
    const length = BARS[query.get('bar') ?? '1m']
    if (length === undefined) return failed(parameter('bar'))
    const until = Number(query.get('after') ?? Number.POSITIVE_INFINITY) * MICROS_PER_MS
    const since = Number(query.get('before') ?? 0) * MICROS_PER_MS
    const candles = this.#candles(listed, length).filter(({ openAt }) => openAt < until && openAt > since)
    const limit = countOf(query.get('limit'), CANDLES, CANDLES_MAX)
    const now = this.#context.market.now
    return ok(
      candles
        .slice(-limit)
        .reverse()
        .map(candle => row(listed, candle, candle.openAt + length <= now)),
    )
  }

  #candles(listed: SimulatedInstrument, length: Micros): Candle[] {
    return this.#context.tape.candles(listed, length, this.#context.market.now)
  }

  /** The candle that forms now, as channels tell it. */
  forming(listed: SimulatedInstrument, bar: string): readonly string[] | null {
    const candle = this.#candles(listed, BARS[bar]!).at(-1)
    return candle === undefined ? null : row(listed, candle, false)
  }

  ticker(listed: SimulatedInstrument) {
    const { tape, market } = this.#context
    const { bid, ask } = bestLevels(this.#context, listed)
    const day = tape.day(listed, market.now)
    const last = tape.trades(listed).at(-1)
    return {
      instType: 'SPOT',
      instId: listed.symbol,
      last: price(listed, day.last),
      lastSz: shortQuantity(listed, last?.quantity ?? 0),
      askPx: price(listed, ask[0]),
      askSz: shortQuantity(listed, ask[1]),
      bidPx: price(listed, bid[0]),
      bidSz: shortQuantity(listed, bid[1]),
      open24h: price(listed, day.open),
      high24h: price(listed, day.high),
      low24h: price(listed, day.low),
      volCcy24h: (day.volume * priceFloat(listed.instrument, day.last)).toFixed(6),
      vol24h: day.volume.toFixed(6),
      sodUtc0: price(listed, day.open),
      sodUtc8: price(listed, day.open),
      ts: ms(this.#context.now()),
    }
  }
}

function row(listed: SimulatedInstrument, candle: Candle, isClosed: boolean): readonly string[] {
  const { openAt, open, high, low, close, volume } = candle
  const inQuote = turnoverOf(listed, candle).toFixed(6)
  const prices = [open, high, low, close].map(ticks => price(listed, ticks))
  return [ms(openAt), ...prices, volume.toFixed(6), inQuote, inQuote, isClosed ? '1' : '0']
}

export const tradeInfo = (listed: SimulatedInstrument, trade: NumberedTrade) => ({
  instId: listed.symbol,
  tradeId: String(trade.number),
  px: price(listed, trade.price),
  sz: shortQuantity(listed, trade.quantity),
  side: trade.side,
  ts: ms(trade.at),
})
