import {
  type Candle,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  type Micros,
} from '../../../src/kernel/index.ts'
import {
  type BookPicture,
  bestLevels,
  json,
  type NumberedTrade,
  type SimulatedAnswer,
  type SimulatedInstrument,
  type SimulatedRequest,
  type VenueContext,
} from '../core/index.ts'
import { ms, pageOf, price, quantity } from './answers.ts'
import { failed, INVALID_SYMBOL, parameter } from './errors.ts'
import { BITFINEX_PAIRS, pairNamed } from './instruments.ts'

/** https://docs.bitfinex.com/reference/rest-public-ticker and its neighbours */

const BOOK_LENGTHS = [1, 25, 100, 250]
/** From where orders are counted: an id is the sum of it and the order's number. */
export const ORDER_ID = 139_658_000_000
const CROWD_ID = 130_000_000_000
const ROWS = { usual: 120, most: 10_000 }

const INTERVALS: Readonly<Record<string, Micros>> = {
  '1m': MICROS_PER_MINUTE,
  '5m': 5 * MICROS_PER_MINUTE,
  '15m': 15 * MICROS_PER_MINUTE,
  '30m': 30 * MICROS_PER_MINUTE,
  '1h': MICROS_PER_HOUR,
  '3h': 3 * MICROS_PER_HOUR,
  '6h': 6 * MICROS_PER_HOUR,
  '12h': 12 * MICROS_PER_HOUR,
  '1D': MICROS_PER_DAY,
}

/** Price, count of orders, amount: bids above zero, asks below. How many orders there are is not known here. */
export function bookRows(listed: SimulatedInstrument, { bids, asks }: BookPicture): number[][] {
  const rows = (levels: BookPicture['bids'], sign: 1 | -1) =>
    levels.map(([ticks, lots]) => [price(listed, ticks), 1, sign * quantity(listed, lots)])
  return [...rows(bids, 1), ...rows(asks, -1)]
}

export const tradeRow = (listed: SimulatedInstrument, trade: NumberedTrade): readonly number[] => [
  trade.number,
  ms(trade.at),
  (trade.side === 'buy' ? 1 : -1) * quantity(listed, trade.quantity),
  price(listed, trade.price),
]

const candleRow = (listed: SimulatedInstrument, { openAt, open, close, high, low, volume }: Candle) => [
  ms(openAt),
  ...[open, close, high, low].map(ticks => price(listed, ticks)),
  Number(volume.toFixed(8)),
]

export class BitfinexMarket {
  readonly #context: VenueContext

  constructor(context: VenueContext) {
    this.#context = context
  }

  answer({ method, path, query }: SimulatedRequest): SimulatedAnswer {
    const [, version, what = '', first = '', second = ''] = path.split('/')
    if (method !== 'GET' || version !== 'v2') return failed(parameter('path'), 404)
    if (what === 'platform') return json([1])
    if (what === 'conf') return json(first.split(',').map(configuration))
    if (what === 'tickers') {
      const wanted = query.get('symbols')?.split(',') ?? []
      const listed = wanted.includes('ALL') ? BITFINEX_PAIRS : wanted.flatMap(name => pairNamed(name) ?? [])
      return json(listed.map(one => [one.symbol, ...this.ticker(one)]))
    }
    if (what === 'candles') return this.#candlesAnswer(first, second, query)
    const listed = pairNamed(first)
    if (listed === undefined) return failed(INVALID_SYMBOL)
    if (what === 'ticker') return json(this.ticker(listed))
    if (what === 'book') {
      const length = Number(query.get('len') ?? 25)
      if (!BOOK_LENGTHS.includes(length)) return failed(parameter('len'))
      if (second === 'R0') return json(this.#orders(listed, length))
      if (second !== 'P0') return failed(parameter('prec'))
      return json(bookRows(listed, this.#context.feed(length).picture(listed)))
    }
    if (what !== 'trades') return failed(parameter('path'), 404)
    const trades = this.#context.tape.trades(listed)
    return json(pageOf(trades, Object.fromEntries(query), ROWS, ({ at }) => at).map(trade => tradeRow(listed, trade)))
  }

  /** The raw book: order by order. */
  #orders(listed: SimulatedInstrument, length: number): number[][] {
    const rows = (side: 'buy' | 'sell', sign: 1 | -1) =>
      this.#context.market
        .orders(listed, side)
        .slice(0, length)
        .map(order => [bookIdOf(order.id), price(listed, order.price), sign * quantity(listed, order.quantity)])
    return [...rows('buy', 1), ...rows('sell', -1)]
  }

  /** `trade:1m:tXRPUSD`, and `hist` or `last`. */
  #candlesAnswer(key: string, section: string, query: URLSearchParams): SimulatedAnswer {
    const asked = candleKey(key)
    if (asked === null) return failed(parameter('key'))
    const candles = this.candles(asked.listed, asked.interval)
    if (section === 'last') return json(candles.slice(-1).flatMap(candle => candleRow(asked.listed, candle)))
    return json(
      pageOf(candles, Object.fromEntries(query), ROWS, ({ openAt }) => openAt).map(candle =>
        candleRow(asked.listed, candle),
      ),
    )
  }

  candles(listed: SimulatedInstrument, interval: Micros): Candle[] {
    return this.#context.tape.candles(listed, interval, this.#context.market.now)
  }

  candleRows(listed: SimulatedInstrument, interval: Micros, count: number): number[][] {
    return this.candles(listed, interval)
      .slice(-count)
      .reverse()
      .map(candle => candleRow(listed, candle))
  }

  ticker(listed: SimulatedInstrument): readonly number[] {
    const { tape, market } = this.#context
    const { bid, ask } = bestLevels(this.#context, listed)
    const day = tape.day(listed, market.now)
    // A pair is never without a last price; before the first trade it is that between the best ones.
    const last = day.last === 0 ? market.reference(listed) : day.last
    return [
      price(listed, bid[0]),
      quantity(listed, bid[1]),
      price(listed, ask[0]),
      quantity(listed, ask[1]),
      price(listed, day.last - day.open),
      Number((day.last / Math.max(1, day.open) - 1).toFixed(6)),
      price(listed, last),
      Number(day.volume.toFixed(8)),
      price(listed, day.high),
      price(listed, day.low),
    ]
  }
}

/** Ids of the crowd's orders are apart from those of clients. */
const bookIdOf = (id: number): number => (id < 0 ? ORDER_ID - id : CROWD_ID + id)

export function candleKey(key: string): { listed: SimulatedInstrument; interval: Micros } | null {
  const [, name = '', symbol = ''] = /^trade:([^:]+):(.+)$/.exec(key) ?? []
  const [listed, interval] = [pairNamed(symbol), INTERVALS[name]]
  return listed === undefined || interval === undefined ? null : { listed, interval }
}

const nameOf = ({ symbol }: SimulatedInstrument): string => symbol.slice(1)

/** https://docs.bitfinex.com/reference/rest-public-conf */
function configuration(label: string): readonly unknown[] {
  switch (label) {
    case 'pub:info:pair':
      return BITFINEX_PAIRS.map(one => [
        nameOf(one),
        [
          null,
          null,
          null,
          String(quantity(one, one.instrument.quantityMin)),
          String(quantity(one, one.instrument.quantityMax)),
          null,
          null,
          null,
          null,
          null,
          null,
          null,
        ],
      ])
    case 'pub:list:pair:exchange':
      return BITFINEX_PAIRS.map(nameOf)
    case 'pub:list:currency':
      return [...new Set(BITFINEX_PAIRS.flatMap(({ instrument }) => [instrument.base, instrument.quote]))]
    default:
      return []
  }
}
