import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Candle, MICROS_PER_DAY, MICROS_PER_HOUR, seededRandom } from '../../kernel/index.ts'
import { type CandleColumns, columnsOf, importCandles, sliceColumns } from '../../market/index.ts'
import { ABC, FREE, MINUTE, NOON, strategyOf } from '../../trading/fake.ts'
import type { AnyStrategy } from '../../trading/index.ts'
import { BUILT_IN } from '../built-in/index.ts'
import { type BacktestResult, runBacktest } from './backtest.ts'
import { reportHtml } from './report-html.ts'
import { reportText } from './report-text.ts'
import { backtestJson } from './summary.ts'

const DAY = MICROS_PER_DAY
const FIRST = Math.floor(NOON / DAY) * DAY

/** A strategy that does one thing at each of the given candles. */
const doing = (acts: Record<number, 'buy' | 'sell'>): AnyStrategy =>
  strategyOf('doing', {
    onCandle(candle, context) {
      const side = acts[(candle.openAt - FIRST) / DAY]
      if (side !== undefined) context.place({ side, quantity: 10, reason: 'by hand' })
    },
  })

const day = (n: number, open: number, high: number, low: number, close: number): Candle => ({
  openAt: FIRST + n * DAY,
  open,
  high,
  low,
  close,
  volume: 3_000,
})
const five = columnsOf([
  day(0, 100, 101, 99, 100),
  day(1, 110, 120, 105, 115),
  day(2, 115, 131, 114, 130),
  day(3, 130, 132, 88, 90),
  day(4, 91, 102, 90, 100),
])
const run = (strategy: AnyStrategy, candles = five): BacktestResult =>
  runBacktest({
    instrument: ABC,
    interval: DAY,
    strategy,
    allocation: '10000',
    paper: { ...FREE, takerFeePpm: 10_000 },
    candles,
  })

describe('five candles, by hand', () => {
  test('bought at the first close: it fills at the next open, and every equity follows', () => {
    const result = run(doing({ 0: 'buy' }))
    // 10 at 110 with a fee of 1 % leave 10,000 − 1,100 − 11 = 8,889.
    expect(result.daily).toEqual([
      { at: FIRST + DAY, equity: 10_000 },
      { at: FIRST + 2 * DAY, equity: 8_889 + 1_150 },
      { at: FIRST + 3 * DAY, equity: 8_889 + 1_300 },
      { at: FIRST + 4 * DAY, equity: 8_889 + 900 },
      { at: FIRST + 5 * DAY, equity: 8_889 + 1_000 },
    ])
    expect(result).toMatchObject({
      finalEquity: '9889',
      fees: '11',
      bars: 5,
      exposure: 0.8,
      orders: { placed: 1, denied: 0, filled: 1, canceled: 0 },
      roundTrips: [],
      error: null,
    })
    const line = `${FIRST + DAY},000000000001-1,buy,110,10,11\n`
    expect(result.tradesHash).toBe(createHash('sha256').update(line).digest('hex'))
  })

  test('and sold two days later: one round trip, net of both fees', () => {
    const result = run(doing({ 0: 'buy', 2: 'sell' }))
    expect(result.roundTrips).toEqual([
      { side: 'long', openedAt: FIRST + DAY, closedAt: FIRST + 3 * DAY, quantity: 10, profit: 176, fees: 24 },
    ])
    expect(result.finalEquity).toBe('10176')
    const json = backtestJson(result, null, 1)
    expect(json).toMatchObject({
      trades: 1,
      fills: 2,
      winRate: 1,
      profitFactor: null,
      finalEquity: '10176',
      fees: '24',
    })
    expect(json.return).toBeCloseTo(0.0176, 12)
    // The highest close was 10,189; it fell to 10,176 as the sale at 130 paid its fee.
    expect(json.maxDrawdown).toBeCloseTo(10_176 / 10_189 - 1, 12)
  })

  test('what cannot be sold is denied, and counted', () => {
    expect(run(doing({ 0: 'sell' })).orders).toEqual({ placed: 1, denied: 1, filled: 0, canceled: 0 })
  })

  test('a gap of days leaves out those days, not a day of equity that never was', () => {
    const gapped = columnsOf([day(0, 100, 101, 99, 100), day(4, 91, 102, 90, 100)])
    expect(run(doing({}), gapped).daily.map(({ at }) => (at - FIRST) / DAY)).toEqual([1, 5])
  })

  test('nothing gives nothing', () => {
    expect(() => run(doing({}), sliceColumns(five, 0, 0))).toThrow('at least one candle')
  })

  test('a strategy that throws is told in the result', () => {
    const failing = strategyOf('failing', {
      onCandle() {
        throw new Error('<img src=x onerror=alert(1)> & "more"')
      },
    })
    const result = run(failing)
    expect(result.error).toContain('<img')
    const html = reportHtml(result, null, five)
    expect(html).not.toContain('<img')
    expect(html).toContain('&#60;img src=x onerror=alert(1)&#62; &#38; &#34;more&#34;')
  })
})

function wandering(count: number, seed: number): CandleColumns {
  const random = seededRandom(seed)
  let close = 100_000
  return columnsOf(
    Array.from({ length: count }, (_, i) => {
      const open = close
      close = Math.max(1_000, Math.round(close * (1 + random.normal() * 0.01)))
      const [top, bottom] = [Math.max(open, close), Math.min(open, close)]
      return {
        openAt: FIRST + i * MICROS_PER_HOUR,
        open,
        high: top + random.below(300),
        low: bottom - random.below(300),
        close,
        volume: 1_000 * random.exponential(),
      }
    }),
  )
}
const PARAMETERS: Record<string, Record<string, unknown>> = {
  trend: { fast: 4, slow: 12, atr: 8 },
  'mean-reversion': { length: 10, atr: 8, deviations: 1.5 },
}
const wander = (strategy: AnyStrategy, candles: CandleColumns, seed = '1') =>
  runBacktest({
    instrument: ABC,
    interval: MICROS_PER_HOUR,
    strategy,
    parameters: PARAMETERS[strategy.name],
    allocation: '10000000',
    candles,
    seed,
  })

describe.each(BUILT_IN.map(strategy => [strategy.name, strategy] as const))('%s', (_, strategy) => {
  const candles = wandering(2_000, 7)

  test('gives the same bytes for the same input', () => {
    const [first, second] = [wander(strategy, candles), wander(strategy, candles)]
    expect(first.fills.length).toBeGreaterThan(20)
    expect(JSON.stringify(backtestJson(second, null, 5))).toBe(JSON.stringify(backtestJson(first, null, 5)))
    expect(reportHtml(second, null, candles)).toBe(reportHtml(first, null, candles))
    expect(reportText(second, null)).toBe(reportText(first, null))
  })

  test('does until any moment what it would do if the market had ended there', () => {
    const whole = wander(strategy, candles)
    for (const length of [100, 500, 777, 1_500]) {
      const cut = wander(strategy, sliceColumns(candles, 0, length))
      expect(cut.fills).toEqual(whole.fills.slice(0, cut.fills.length))
      const end = candles.openAt[length]!
      // A resting order may fill at the very end of the last candle.
      expect(whole.fills.filter(fill => fill.at < end).length).toBeLessThanOrEqual(cut.fills.length)
    }
  })

  test('cash, position and fees add up to the final equity', () => {
    const result = wander(strategy, candles)
    let [cash, position] = [10_000_000n, 0n]
    for (const { side, price, quantity, fee } of result.fills) {
      const signed = side === 'buy' ? BigInt(quantity) : -BigInt(quantity)
      cash -= signed * BigInt(price) + fee
      position += signed
    }
    expect(result.finalEquity).toBe(String(cash + position * BigInt(candles.close[candles.length - 1]!)))
  })
})

test('a strategy cannot see a candle before it has closed, whatever it asks for', () => {
  let seen = 0
  const peeking = strategyOf(
    'peeking',
    {
      onCandle(candle, context) {
        const known = context.history(1_000_000)
        seen += 1
        expect(context.now).toBe(candle.openAt + MICROS_PER_HOUR)
        expect(known.at(-1)).toEqual(candle)
        for (const one of known) expect(one.openAt + MICROS_PER_HOUR).toBeLessThanOrEqual(context.now)
        expect(context.lastPrice).toBe(candle.close)
      },
    },
    { warmup: () => 20 },
  )
  const result = wander(peeking, wandering(200, 3))
  expect([result.error, seen]).toEqual([null, 200])
})

test('the seed is all that chance depends on', () => {
  const chancy = strategyOf('chancy', {
    onCandle(_, context) {
      if (context.random.next() < 0.1) context.place({ side: 'buy', quantity: 1, reason: 'luck' })
    },
  })
  const candles = wandering(200, 4)
  expect(wander(chancy, candles, 'a').tradesHash).toBe(wander(chancy, candles, 'a').tradesHash)
  expect(wander(chancy, candles, 'b').tradesHash).not.toBe(wander(chancy, candles, 'a').tradesHash)
})

test('a report is one file that asks for nothing and runs nothing, and its texts are escaped', () => {
  const candles = wandering(600, 5)
  const strategy = strategyOf(
    'noted',
    { onCandle: (_, context) => void context.place({ side: 'buy', quantity: 1, reason: 'x' }) },
    { parameters: z.strictObject({ note: z.string() }) },
  )
  const result = runBacktest({
    instrument: ABC,
    interval: MICROS_PER_HOUR,
    strategy,
    parameters: { note: '</td><script>alert("1")</script>' },
    allocation: '10000000',
    candles,
  })
  for (const html of [reportHtml(result, null, candles), reportHtml(wander(BUILT_IN[0]!, candles), null, null)]) {
    expect(html).not.toMatch(/<script|<link|<iframe|javascript:|https?:\/\/|\bsrc=|\bhref=|url\(|@import|\bon\w+=/i)
    expect(html.startsWith('<!doctype html>')).toBe(true)
    expect(html.match(/<svg/g)!.length).toBe(html.match(/<\/svg>/g)!.length)
    expect(html).not.toMatch(/NaN|undefined|Infinity/)
  }
  expect(reportHtml(result, null, candles)).toContain('&#60;script&#62;')
})

const folder = join(process.env.BOURSE_SHARED ?? join(import.meta.dirname, '../../../../shared'), 'data/candles')
const files = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.csv.gz')) : []

test.skipIf(files.length === 0).each(files.length === 0 ? ['none'] : files)(
  '%s runs, twice to the same trades (skipped where the shared data is absent)',
  async file => {
    const { instrument, interval, candles, report } = await importCandles(join(folder, file))
    expect(interval % MINUTE).toBe(0)
    for (const strategy of BUILT_IN) {
      const options = { instrument, interval, strategy, allocation: '10000', candles }
      const [first, second] = [runBacktest(options), runBacktest(options)]
      expect([first.error, first.bars]).toEqual([null, report.bars])
      expect(first.fills.length).toBeGreaterThan(0)
      expect(second.tradesHash).toBe(first.tradesHash)
      expect(Number(first.finalEquity)).toBeGreaterThan(0)
    }
  },
)
