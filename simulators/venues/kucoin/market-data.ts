import {
  type Candle,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  type Micros,
  priceFloat,
} from '../../../src/kernel/index.ts'
import {
  type BookPicture,
  bestLevels,
  lastPrice,
  type NumberedTrade,
  type SimulatedAnswer,
  type SimulatedInstrument,
  type SimulatedRequest,
  shortQuantity,
  turnoverOf,
  type VenueContext,
} from '../core/index.ts'
import { ms, nanos, price, rate, symbolInfo } from './answers.ts'
import { failed, ok, parameter, UNKNOWN_SYMBOL, UNKNOWN_URL } from './errors.ts'
import { instrumentNamed, KUCOIN_INSTRUMENTS } from './instruments.ts'

/** https://www.kucoin.com/docs-new/rest/spot-trading/market-data/introduction */

/** Levels of a side that the whole book has at most. */
export const DEPTH = 5_000
const TRADES_TOLD = 100
const CANDLES_MAX = 1_500
/** Numbers that one telling of a book uses up: each change of a level has its own, and those of a level are told as one. */
const NUMBERS_PER_CHANGE = 1_000

export const lastNumber = (sequence: number): number => sequence * NUMBERS_PER_CHANGE
export const firstNumber = (sequence: number): number => lastNumber(sequence - 1) + 1

export const INTERVALS: Readonly<Record<string, Micros>> = {
  '1min': MICROS_PER_MINUTE,
  '3min': 3 * MICROS_PER_MINUTE,
  '5min': 5 * MICROS_PER_MINUTE,
  '15min': 15 * MICROS_PER_MINUTE,
  '30min': 30 * MICROS_PER_MINUTE,
  '1hour': MICROS_PER_HOUR,
  '2hour': 2 * MICROS_PER_HOUR,
  '4hour': 4 * MICROS_PER_HOUR,
  '1day': MICROS_PER_DAY,
}

export const rows = (listed: SimulatedInstrument, levels: BookPicture['bids']): string[][] =>
  levels.map(([ticks, lots]) => [price(listed, ticks), shortQuantity(listed, lots)])

export class KucoinMarket {
  readonly #context: VenueContext

  constructor(context: VenueContext) {
    this.#context = context
  }

  /** What anybody may ask; `path` is without `/api`. */
  answer({ method, query }: SimulatedRequest, path: string): SimulatedAnswer {
    const now = this.#context.now()
    if (method !== 'GET') return failed(UNKNOWN_URL)
    switch (path) {
      case '/v1/timestamp':
        return ok(ms(now))
      case '/v1/status':
        return ok({ status: 'open', msg: '' })
      case '/v2/symbols':
        return ok(KUCOIN_INSTRUMENTS.map(symbolInfo))
      case '/v3/currencies':
        return ok(CURRENCIES.map(currencyInfo))
      case '/v1/market/allTickers':
        return ok({ time: ms(now), ticker: KUCOIN_INSTRUMENTS.map(one => this.#stats(one)) })
    }
    const listed = instrumentNamed(query.get('symbol'))
    if (listed === undefined) return failed(path.startsWith('/v1/market/') ? UNKNOWN_SYMBOL : UNKNOWN_URL)
    switch (path) {
      case '/v1/market/stats':
        return ok(this.#stats(listed))
      case '/v1/market/orderbook/level1':
        return ok({ ...this.best(listed), time: ms(now) })
      case '/v1/market/orderbook/level2_20':
        return this.book(listed, 20)
      case '/v1/market/orderbook/level2_100':
        return this.book(listed, 100)
      case '/v1/market/histories':
        return ok(
          this.#context.tape
            .trades(listed)
            .slice(-TRADES_TOLD)
            .map(trade => ({
              sequence: tradeNumber(trade),
              price: price(listed, trade.price),
              size: shortQuantity(listed, trade.quantity),
              side: trade.side,
              time: nanos(trade.at),
            })),
        )
      case '/v1/market/candles':
        return this.#candles(listed, query)
    }
    return failed(UNKNOWN_URL)
  }

  book(listed: SimulatedInstrument, levels: number): SimulatedAnswer {
    const { bids, asks, at, sequence } = this.#context.feed(DEPTH).picture(listed)
    return ok({
      time: ms(at),
      sequence: String(lastNumber(sequence)),
      bids: rows(listed, bids.slice(0, levels)),
      asks: rows(listed, asks.slice(0, levels)),
    })
  }

  /** Best prices and the last trade, as the ticker tells them. */
  best(listed: SimulatedInstrument) {
    const { tape } = this.#context
    const { bid, ask } = bestLevels(this.#context, listed)
    const last = tape.trades(listed).at(-1)
    return {
      bestAsk: price(listed, ask[0]),
      bestAskSize: shortQuantity(listed, ask[1]),
      bestBid: price(listed, bid[0]),
      bestBidSize: shortQuantity(listed, bid[1]),
      price: price(listed, lastPrice(this.#context, listed)),
      sequence: String(lastNumber(this.#context.feed(DEPTH).picture(listed).sequence)),
      size: shortQuantity(listed, last?.quantity ?? 0),
      time: ms(this.#context.now()),
    }
  }

  #stats(listed: SimulatedInstrument) {
    const { tape, market } = this.#context
    const { symbol, instrument, makerPpm, takerPpm } = listed
    const day = tape.day(listed, market.now)
    const best = this.best(listed)
    return {
      time: ms(this.#context.now()),
      symbol,
      symbolName: symbol,
      buy: best.bestBid,
      bestBidSize: best.bestBidSize,
      sell: best.bestAsk,
      bestAskSize: best.bestAskSize,
      changeRate: day.open === 0 ? '0' : (day.last / day.open - 1).toFixed(4),
      changePrice: price(listed, day.last - day.open),
      high: price(listed, day.high),
      low: price(listed, day.low),
      vol: day.volume.toFixed(8),
      volValue: (day.volume * priceFloat(instrument, day.last)).toFixed(8),
      last: price(listed, day.last),
      averagePrice: price(listed, day.last),
      takerFeeRate: rate(takerPpm),
      makerFeeRate: rate(makerPpm),
      takerCoefficient: '1',
      makerCoefficient: '1',
    }
  }

  /** Newest first, of the times between, which are seconds. */
  #candles(listed: SimulatedInstrument, query: URLSearchParams): SimulatedAnswer {
    const length = INTERVALS[query.get('type') ?? '']
    if (length === undefined) return failed(parameter('type'))
    const since = Number(query.get('startAt') ?? 0) * MICROS_PER_SECOND
    const until = Number(query.get('endAt') || Number.POSITIVE_INFINITY) * MICROS_PER_SECOND
    const candles = this.#context.tape
      .candles(listed, length, this.#context.market.now)
      .filter(({ openAt }) => openAt >= since && openAt <= until)
    return ok(
      candles
        .slice(-CANDLES_MAX)
        .reverse()
        .map(candle => candleRow(listed, candle)),
    )
  }

  /** The candle that forms now. */
  forming(listed: SimulatedInstrument, interval: string): readonly string[] | null {
    const candle = this.#context.tape.candles(listed, INTERVALS[interval]!, this.#context.market.now).at(-1)
    return candle === undefined ? null : candleRow(listed, candle)
  }
}

/** Opening comes before closing, and both before the extremes. */
function candleRow(listed: SimulatedInstrument, candle: Candle): readonly string[] {
  const { openAt, open, close, high, low, volume } = candle
  const prices = [open, close, high, low].map(ticks => price(listed, ticks))
  return [String(openAt / MICROS_PER_SECOND), ...prices, volume.toFixed(8), turnoverOf(listed, candle).toFixed(8)]
}

export const tradeNumber = ({ number }: NumberedTrade): string => String(11_000_000_000 + number)

const CURRENCIES = ['USDT', ...KUCOIN_INSTRUMENTS.map(({ instrument }) => instrument.base)]

/** Nothing is paid in or out here: no chain is open. */
const currencyInfo = (currency: string) => ({
  currency,
  name: currency,
  fullName: currency,
  precision: 8,
  confirms: null,
  contractAddress: null,
  isMarginEnabled: false,
  isDebitEnabled: false,
  chains: [{ chainName: currency, chainId: currency.toLowerCase(), isDepositEnabled: false, isWithdrawEnabled: false }],
})
