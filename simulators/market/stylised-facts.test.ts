import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { MICROS_PER_HOUR, MICROS_PER_MINUTE } from '../../src/kernel/index.ts'
import {
  aggregateColumns,
  type CandleColumns,
  ColumnsBuilder,
  createCandleBuilder,
  importCandles,
  resolvePair,
  sliceColumns,
} from '../../src/market/index.ts'
import { createLivingMarket } from './index.ts'
import { autocorrelation, correlation, excessKurtosis, impactExponent, mean, returnsOf } from './statistics.ts'

/**
 * The facts that hold for the prices of all liquid markets (Cont 2001, "Empirical properties of asset returns: stylized
 * facts and statistical issues", Quantitative Finance 1), on the simulated market. Their bounds are measured here on real
 * candles, in windows as long as the simulation: one minute of DOGE/USDT, five minutes of XRP/USDT and one hour of
 * XRP/USDT and DOGE/USDT. A simulated figure must lie between the smallest real one divided, and the largest multiplied,
 * by `SLACK`.
 */
const DAYS = 5
const SLACK = 1.6

const LAGS = [1, 5, 10, 30] as const
type Fact = 'deviation' | 'kurtosis' | 'volume and move' | `clustering at lag ${(typeof LAGS)[number]}`
type Bounds = Record<Fact, readonly [least: number, most: number]>

/** What this file measured on the real candles on 2026-11-21: the bounds where those files are absent. */
const RECORDED: Record<'minute' | 'five minutes', Bounds> = {
  minute: {
    deviation: [0.000786, 0.00124],
    kurtosis: [4.7, 75.3],
    'volume and move': [0.43, 0.56],
    'clustering at lag 1': [0.229, 0.252],
    'clustering at lag 5': [0.156, 0.21],
    'clustering at lag 10': [0.131, 0.19],
    'clustering at lag 30': [0.0937, 0.15],
  },
  'five minutes': {
    deviation: [0.00131, 0.0041],
    kurtosis: [2.12, 28.9],
    'volume and move': [0.48, 0.71],
    'clustering at lag 1': [0.088, 0.393],
    'clustering at lag 5': [0.079, 0.361],
    'clustering at lag 10': [0.0652, 0.242],
    'clustering at lag 30': [-0.046, 0.241],
  },
}
/** Correlation of hourly returns of XRP and DOGE, 2021 to 2023, and of BTC and ETH, 2017 to 2019. */
const RECORDED_CORRELATION = [0.54, 0.73] as const

const shared = process.env.BOURSE_SHARED ?? join(import.meta.dirname, '../../../shared')
const folder = join(shared, 'data/candles')
const isThere = existsSync(folder)
const real = (name: string) => importCandles(join(folder, `${name}.csv.gz`)).then(({ candles }) => candles)

const start = Date.UTC(2026, 0, 5) * 1_000
const minute = MICROS_PER_MINUTE
const INTERVALS = { minute, 'five minutes': 5 * minute } as const

const closes = (candles: CandleColumns) => candles.close.subarray(0, candles.length)

function factsOf(candles: CandleColumns): Record<Fact, number> {
  const moves = returnsOf(closes(candles)).map(Math.abs)
  const clustering = Object.fromEntries(LAGS.map(lag => [`clustering at lag ${lag}`, autocorrelation(moves, lag)]))
  return {
    deviation: Math.sqrt(mean(moves.map(move => move * move))),
    kurtosis: excessKurtosis(returnsOf(closes(candles))),
    'volume and move': correlation(moves, candles.volume.subarray(1, candles.length)),
    ...clustering,
  } as Record<Fact, number>
}

/** Largest absolute autocorrelation of returns over lags 2 to 20. */
const memoryOf = (candles: CandleColumns): number => {
  const returns = returnsOf(closes(candles))
  return Math.max(...Array.from({ length: 19 }, (_, i) => Math.abs(autocorrelation(returns, i + 2))))
}

function windowsOf(candles: CandleColumns, length: number): CandleColumns[] {
  const count = Math.floor(candles.length / length)
  return Array.from({ length: count }, (_, i) => sliceColumns(candles, i * length, (i + 1) * length))
}

function boundsOf(windows: readonly CandleColumns[]): Bounds {
  const all = windows.map(factsOf)
  const names = Object.keys(all[0]!) as Fact[]
  const range = (name: Fact) => all.map(facts => facts[name]).sort((a, b) => a - b)
  return Object.fromEntries(names.map(name => [name, [range(name)[0]!, range(name).at(-1)!]])) as unknown as Bounds
}

function simulate(pairs: readonly string[], days: number): Map<string, CandleColumns> {
  const instruments = pairs.map(pair => resolvePair(pair))
  const market = createLivingMarket({ seed: 'facts', start, instruments, bookEvery: Number.POSITIVE_INFINITY })
  const columns = new Map(instruments.map(({ id }) => [id, new ColumnsBuilder(days * 1_440)]))
  const builders = new Map(
    instruments.map(instrument => {
      const add = columns.get(instrument.id)!
      const onCandle: Parameters<typeof createCandleBuilder>[0]['onCandle'] = c =>
        add.add(c.openAt, c.open, c.high, c.low, c.close, c.volume)
      return [instrument.id, createCandleBuilder({ instrument, interval: minute, onCandle })]
    }),
  )
  for (let hour = 1; hour <= days * 24; hour++)
    for (const input of market.advance(start + hour * MICROS_PER_HOUR))
      if (input.kind === 'trade') builders.get(input.instrument)!.add(input.data)
  return new Map(instruments.map(({ pair, id }) => [pair, columns.get(id)!.columns()]))
}

const PAIRS = ['XRP/USD', 'DOGE/USD']
let simulated = new Map<string, CandleColumns>()
const bounds = RECORDED
let memoryMost = { minute: 0.0666, 'five minutes': 0.115 }
let correlations: readonly number[] = RECORDED_CORRELATION

beforeAll(async () => {
  simulated = simulate(PAIRS, DAYS)
  if (!isThere) return
  const windows = {
    minute: windowsOf(await real('cobra_DOGEUSDT_1m_2025'), DAYS * 1_440),
    'five minutes': windowsOf(await real('cobra_XRPUSDT_5m_2025'), DAYS * 288),
  }
  for (const name of ['minute', 'five minutes'] as const) bounds[name] = boundsOf(windows[name])
  memoryMost = {
    minute: Math.max(...windows.minute.map(memoryOf)),
    'five minutes': Math.max(...windows['five minutes'].map(memoryOf)),
  }
  correlations = await Promise.all([
    hourlyCorrelation(await real('binance_XRPUSDT_1h'), await real('binance_DOGEUSDT_1h')),
    hourlyCorrelation(await real('kraken_BTCUSD_1h'), await real('kraken_ETHUSD_1h')),
  ])
}, 180_000)

/** Of hourly closes that both have. */
function hourlyCorrelation(a: CandleColumns, b: CandleColumns): number {
  const other = new Map(Array.from(b.openAt.subarray(0, b.length), (at, i) => [at, b.close[i]!]))
  const both = Array.from({ length: a.length }, (_, i) => i).filter(i => other.has(a.openAt[i]!))
  const [left, right] = [both.map(i => a.close[i]!), both.map(i => other.get(a.openAt[i]!)!)]
  return correlation(returnsOf(left), returnsOf(right))
}

const source = isThere ? 'measured on real candles' : 'recorded, as the shared candles are absent'
const cases = PAIRS.flatMap(pair => (['minute', 'five minutes'] as const).map(name => [pair, name] as const))

describe(`given five simulated days, bounds ${source}`, () => {
  test.each(cases)('%s by the %s: fat tails, clustering, and volume that follows moves', (pair, name) => {
    const candles = aggregateColumns(simulated.get(pair)!, minute, INTERVALS[name])
    const facts = factsOf(candles)
    for (const [fact, value] of Object.entries(facts) as [Fact, number][]) {
      const [least, most] = bounds[name][fact]
      expect(value, `${fact}, really ${least} to ${most}`).toBeGreaterThan(least > 0 ? least / SLACK : least * SLACK)
      expect(value, `${fact}, really ${least} to ${most}`).toBeLessThan(most * SLACK)
    }
  })

  test.each(cases)('%s by the %s: returns hardly remember', (pair, name) => {
    const candles = aggregateColumns(simulated.get(pair)!, minute, INTERVALS[name])
    expect(memoryOf(candles)).toBeLessThan(memoryMost[name] * SLACK)
    expect(Math.abs(autocorrelation(returnsOf(closes(candles)), 1))).toBeLessThan(0.12)
  })

  test.each(PAIRS)('%s: clustering decays slowly, and is still there after an hour', pair => {
    const moves = returnsOf(closes(simulated.get(pair)!)).map(Math.abs)
    const at = (lag: number) => autocorrelation(moves, lag)
    const hour = mean(Array.from({ length: 21 }, (_, i) => at(50 + i)))
    expect(at(1)).toBeGreaterThan(at(30))
    expect(hour).toBeGreaterThan(0.02)
    expect(hour).toBeGreaterThan(at(1) / 10)
  })

  test('instruments move together, as much as real ones', () => {
    const [xrp, doge] = PAIRS.map(pair => aggregateColumns(simulated.get(pair)!, minute, 60 * minute))
    const together = hourlyCorrelation(xrp!, doge!)
    expect(together).toBeGreaterThan(Math.min(...correlations) / SLACK)
    expect(together).toBeLessThan(0.95)
  })

  test('prices stay plausible: positive, and within a factor of two of where they began', () => {
    for (const [pair, candles] of simulated) {
      const first = candles.open[0]!
      expect(Math.min(...candles.low.subarray(0, candles.length)), pair).toBeGreaterThan(first / 2)
      expect(Math.max(...candles.high.subarray(0, candles.length)), pair).toBeLessThan(first * 2)
    }
  })
})

test('impact is concave: a trade ten times as large moves the price far less than ten times as much', () => {
  const market = createLivingMarket({ seed: 'impact', start, instruments: [resolvePair('BTC/USD')] })
  const mids: [at: number, mid: number][] = []
  const orders: { at: number; sign: number; size: number }[] = []
  for (let hour = 1; hour <= 8; hour++)
    for (const { kind, at, data } of market.advance(start + hour * MICROS_PER_HOUR)) {
      if (kind === 'book') mids.push([at, (data.bids[0]![0] + data.asks[0]![0]) / 2])
      if (kind !== 'trade') continue
      const sign = data.side === 'buy' ? 1 : -1
      const last = orders.at(-1)
      if (last !== undefined && last.at === at && last.sign === sign) last.size += data.quantity
      else orders.push({ at, sign, size: data.quantity })
    }
  let [before, after] = [0, 0]
  const moves = orders.map(({ at, sign }) => {
    while (before + 1 < mids.length && mids[before + 1]![0] < at) before += 1
    while (after + 1 < mids.length && mids[after + 1]![0] <= at + 1_000_000) after += 1
    return sign * Math.log(mids[after]![1] / mids[before]![1])
  })
  const exponent = impactExponent(
    orders.map(order => order.size),
    moves,
  )
  // Real: 0.07 to 0.13 within three seconds on ETH/USDT of 2024-08-08, and 0.5 over metaorders (Bouchaud et al. 2018).
  expect(exponent).toBeGreaterThan(0.05)
  expect(exponent).toBeLessThan(0.65)
  expect(mean(moves)).toBeGreaterThan(0)
}, 60_000)
