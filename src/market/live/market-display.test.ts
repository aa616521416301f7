import { describe, expect, test } from 'vitest'
import {
  type Candle,
  defineInstrument,
  type Level,
  type MarketInput,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  type Micros,
} from '../../kernel/index.ts'
import { columnsOf } from '../candles/columns.ts'
import { INTERVALS } from '../intervals.ts'
import { BookView, CandleView, TickerView, TradeView } from '../views.ts'
import { MarketDisplay } from './market-display.ts'

const instrument = defineInstrument({ venue: 'paper', pair: 'ABC/USD', tick: '0.01', lot: '0.1' })
const { id } = instrument
/** Midnight, so that every interval begins here. */
const START: Micros = 1_763_683_200_000_000
const SECOND = MICROS_PER_SECOND
const MINUTE = MICROS_PER_MINUTE

const trade = (at: Micros, price: number, quantity = 10): MarketInput => ({
  kind: 'trade',
  instrument: id,
  at,
  data: { at, price, quantity, side: 'buy' },
})
const book = (at: Micros, bids: readonly Level[], asks: readonly Level[]): MarketInput => ({
  kind: 'book',
  instrument: id,
  at,
  data: { at, sequence: 7, bids, asks },
})
const minute = (n: number, price: number, volume = 1): Candle => ({
  openAt: START + n * MINUTE,
  open: price,
  high: price + 2,
  low: price - 2,
  close: price + 1,
  volume,
})

function open() {
  const told: [string, unknown][] = []
  const display = new MarketDisplay([instrument], (topic, data) => told.push([topic, data]))
  return {
    display,
    told: (topic: string) => told.filter(([name]) => name === topic).map(([, data]) => data),
    feed: (...inputs: readonly MarketInput[]) => {
      for (const input of inputs) display.onInput(input)
    },
  }
}

describe('books, trades and tickers', () => {
  test('are shown in decimals, as their schemas say', () => {
    const { display, feed, told } = open()
    feed(trade(START, 10_050, 25), book(START + 1, [[10_049, 30]], [[10_051, 4]]))
    expect(TradeView.array().parse(display.trades(id))).toEqual([
      { instrument: id, at: START, price: '100.50', quantity: '2.5', side: 'buy' },
    ])
    expect(BookView.parse(display.book(id))).toEqual({
      instrument: id,
      at: START + 1,
      sequence: 7,
      bids: [['100.49', '3.0']],
      asks: [['100.51', '0.4']],
    })
    const ticker = {
      instrument: id,
      at: START + 1,
      last: '100.50',
      bid: '100.49',
      ask: '100.51',
      change24h: null,
      volume24h: null,
    }
    expect(TickerView.array().parse(display.ticker())).toEqual([ticker])
    expect(told('ticker').at(-1)).toEqual(ticker)
    expect([told(`trades:${id}`).length, told(`book:${id}`).length]).toEqual([1, 1])
  })

  test('are bounded: a hundred trades, twenty levels of each side', () => {
    const { display, feed } = open()
    for (let i = 0; i < 250; i++) feed(trade(START + i, 10_000 + i))
    expect(display.trades(id).length).toBe(100)
    expect(display.trades(id)[0]!.price).toBe('101.50')
    const levels = (from: number, step: number) => Array.from({ length: 50 }, (_, i): Level => [from + i * step, 1])
    feed(book(START + 300, levels(9_999, -1), levels(10_001, 1)))
    const shown = display.book(id)!
    expect([shown.bids.length, shown.asks.length, shown.bids[19]![0]]).toEqual([20, 20, '99.80'])
  })

  test('a position is valued at the middle of the book, or at the last trade where there is none', () => {
    const { display, feed } = open()
    expect(display.mark(id)).toBeNull()
    feed(trade(START, 10_000))
    expect(display.mark(id)).toEqual({ price: 10_000, at: START })
    feed(book(START + 1, [[10_010, 1]], [[10_020, 1]]))
    expect(display.mark(id)).toEqual({ price: 10_015, at: START + 1 })
    feed(book(START + 2, [[10_010, 1]], []))
    expect(display.mark(id)).toEqual({ price: 10_000, at: START + 2 })
  })

  test('of what is not shown there is nothing, and nothing happens', () => {
    const { display, told } = open()
    display.onInput({ ...trade(START, 1), instrument: 'paper:XYZ/USD' as typeof id })
    display.preload('paper:XYZ/USD' as typeof id, columnsOf([minute(0, 1)]))
    expect([
      display.book('x'),
      display.trades('x'),
      display.candles('x', '1m', 9),
      display.history('x', MINUTE, 9),
    ]).toEqual([null, [], [], []])
    expect([display.candles(id, '7m', 9), display.mark('x'), display.lastAt, told('ticker')]).toEqual([[], null, 0, []])
  })
})

describe('candles', () => {
  test('the forming one is shown as such, and told only when it has moved', () => {
    const { display, feed, told } = open()
    feed(trade(START, 10_000), trade(START + SECOND, 10_010))
    const forming = {
      openAt: START,
      open: '100.00',
      high: '100.10',
      low: '100.00',
      close: '100.10',
      volume: '2.0',
      closed: false,
    }
    expect(CandleView.array().parse(display.candles(id, '1m', 10))).toEqual([forming])
    expect(told(`candles:${id}:1m`)).toEqual([])
    display.publishForming()
    display.publishForming()
    expect(told(`candles:${id}:1m`)).toEqual([forming])
  })

  test('closes when its time is over, by a book as well as by a trade, and is told once', () => {
    const { display, feed, told } = open()
    feed(trade(START, 10_000), book(START + 5 * SECOND, [[9_999, 1]], [[10_001, 1]]))
    expect(told(`candles:${id}:5s`)).toMatchObject([{ openAt: START, closed: true }])
    expect(display.candles(id, '15s', 9)).toMatchObject([{ closed: false }])
    feed(trade(START + 15 * SECOND, 10_020))
    expect(display.candles(id, '15s', 9)).toMatchObject([
      { openAt: START, close: '100.00', closed: true },
      { openAt: START + 15 * SECOND, close: '100.20', closed: false },
    ])
    expect(display.candles(id, '15s', 1)).toMatchObject([{ openAt: START + 15 * SECOND }])
  })

  test('are bounded: 1,500 closed ones of each interval', () => {
    const { display, feed } = open()
    for (let i = 0; i < 2_000; i++) feed(trade(START + i * 5 * SECOND, 10_000 + i))
    expect(display.candles(id, '5s', 10_000).length).toBe(1_501)
    expect(display.history(id, INTERVALS['5s'], 10_000).length).toBe(1_500)
  })

  test('one-minute candles are handed over once to be saved, and dropped after a day if nobody comes', () => {
    const { display, feed } = open()
    feed(trade(START, 10_000), trade(START + MINUTE, 10_010), trade(START + 2 * MINUTE, 10_020))
    const [first] = display.takeUnsaved()
    expect([first!.interval, [...first!.candles.close.slice(0, first!.candles.length)]]).toEqual([
      MINUTE,
      [10_000, 10_010],
    ])
    expect(display.takeUnsaved()[0]!.candles.length).toBe(0)
    for (let i = 3; i < 3_500; i++) feed(trade(START + i * MINUTE, 10_000))
    expect(display.takeUnsaved()[0]!.candles.length).toBeLessThanOrEqual(1_500)
  })
})

describe('history', () => {
  test('of saved minutes makes the larger intervals, whole ones only; smaller ones stay empty', () => {
    const { display } = open()
    display.preload(id, columnsOf(Array.from({ length: 12 }, (_, n) => minute(n, 10_000 + 10 * n))))
    expect(display.history(id, INTERVALS['1m'], 3).map(one => one.open)).toEqual([10_090, 10_100, 10_110])
    expect(display.history(id, INTERVALS['5m'], 9)).toEqual([
      { openAt: START, open: 10_000, high: 10_042, low: 9_998, close: 10_041, volume: 5 },
      { openAt: START + 5 * MINUTE, open: 10_050, high: 10_092, low: 10_048, close: 10_091, volume: 5 },
    ])
    expect(display.history(id, INTERVALS['15s'], 9)).toEqual([])
    expect(display.ticker()[0]!.last).toBe('101.11')
  })

  test.each(['5s', '15s', '1m', '5m'] as const)('of %s is the closed candles of live trades, newest last', interval => {
    const { display, feed } = open()
    for (let i = 0; i < 1_000; i++) feed(trade(START + i * SECOND, 10_000 + i))
    const length = INTERVALS[interval] / SECOND
    const history = display.history(id, INTERVALS[interval], 1_000)
    expect(history.length).toBe(Math.floor(999 / length))
    expect(history.at(-1)).toMatchObject({ close: 10_000 + history.length * length - 1, volume: length })
    expect(display.history(id, INTERVALS[interval], 2)).toEqual(history.slice(-2))
    expect(display.history(id, INTERVALS[interval], 0)).toEqual([])
  })

  test('of an interval that is not kept is put together from the largest that divides it', () => {
    const { display } = open()
    display.preload(id, columnsOf(Array.from({ length: 600 }, (_, n) => minute(n, 10_000 + n))))
    expect(display.history(id, INTERVALS['4h'], 9)).toMatchObject([
      { openAt: START, open: 10_000, close: 10_240 },
      { openAt: START + 4 * MICROS_PER_HOUR, open: 10_240, close: 10_480 },
    ])
    expect(display.history(id, 7 * SECOND, 9)).toEqual([])
  })
})

describe('the change over a day', () => {
  const day = (from: number, to: number) =>
    columnsOf(Array.from({ length: to - from }, (_, i) => minute(from + i, 10_000, 2)))
  const tickerAt = (minutes: ReturnType<typeof day>, at: Micros) => {
    const { display, feed } = open()
    display.preload(id, minutes)
    feed(trade(at, 11_000))
    return display.ticker()[0]!
  }

  test('is not told until nine tenths of a day are known', () => {
    const end = START + MICROS_PER_DAY
    expect(tickerAt(day(145, 1_440), end)).toMatchObject({ change24h: null, volume24h: null })
    // 1,296 minutes of 2 each; from 100.00 to 110.00 is a tenth.
    expect(tickerAt(day(144, 1_440), end)).toMatchObject({ change24h: '0.100000', volume24h: '2592.0' })
  })

  test('is over a day, whatever came before', () => {
    const { display, feed } = open()
    display.preload(id, columnsOf(Array.from({ length: 1_500 }, (_, n) => minute(n, n < 60 ? 5_000 : 10_000, 2))))
    feed(trade(START + 1_500 * MINUTE, 11_000))
    expect(display.ticker()[0]).toMatchObject({ change24h: '0.100000', volume24h: '2880.0' })
  })

  test('is not told after an interruption, until a day is known again', () => {
    // A day of minutes, then two days of nothing.
    expect(tickerAt(day(0, 1_440), START + 3 * MICROS_PER_DAY)).toMatchObject({ change24h: null, volume24h: null })
  })
})
