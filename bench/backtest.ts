import { defineInstrument, type Instrument } from '../src/kernel/index.ts'
import { type CandleColumns, ColumnsBuilder, importCandles } from '../src/market/index.ts'
import { BUILT_IN, runBacktest } from '../src/strategies/index.ts'
import { inChild } from './child.ts'
import type { Figure } from './report.ts'
import { sharedFile } from './shared.ts'

/**
 * Trend over the Kraken XRP/USD hours, repeated with shifted times to a million bars, through the whole node: indicators,
 * strategy, risk, the order's full life, paper venue with path, fees and latency, daily equity. Cold: the first run of a
 * new process, compilation included; reading the file is not. The peer is grademark on the same bars in the same run, in a
 * new process too, at its best: the clock runs for its loop alone, over a baked series that holds the same indicators
 * already, without fees, risk, orders or partial fills, which it does not have. With its series and indicators it is
 * several times slower; that is the second figure.
 */
const BARS = 1_000_000

export async function run(): Promise<readonly Figure[]> {
  const ours = await inChild<number>(import.meta.url, 'ours')
  const theirs = await inChild<{ whole: number; loop: number }>(import.meta.url, 'grademark')
  const peer = 'grademark 0.3.0'
  return [
    {
      metric: 'barsPerSecond',
      value: ours,
      unit: 'bars/s',
      goal: 1_000_000,
      ratioGoal: 2,
      peer,
      peerValue: theirs.loop,
    },
    {
      metric: 'barsToTradesPerSecond',
      value: ours,
      unit: 'bars/s',
      peer: `${peer} from bars`,
      peerValue: theirs.whole,
    },
  ]
}

/** It takes orders of any size: after thirty repetitions of a market that costs fees little is left to trade with. */
const instrument: Instrument = defineInstrument({
  venue: 'kraken',
  pair: 'XRP/USD',
  tick: '0.00001',
  lot: '0.00000001',
})

async function bars(): Promise<{ candles: CandleColumns; interval: number }> {
  const file = sharedFile('data/candles/kraken_XRPUSD_1h.csv.gz')
  const { candles, interval } = await importCandles(file, { instrument })
  const builder = new ColumnsBuilder(BARS)
  const span = candles.openAt[candles.length - 1]! + interval - candles.openAt[0]!
  for (let i = 0; i < BARS; i++) {
    const j = i % candles.length
    const at = candles.openAt[j]! + Math.floor(i / candles.length) * span
    builder.add(at, candles.open[j]!, candles.high[j]!, candles.low[j]!, candles.close[j]!, candles.volume[j]!)
  }
  return { candles: builder.columns(), interval }
}

export async function ours(): Promise<number> {
  const { candles, interval } = await bars()
  const strategy = BUILT_IN.find(({ name }) => name === 'trend')!
  const started = performance.now()
  const result = runBacktest({
    instrument,
    interval,
    candles,
    strategy,
    allocation: '10000',
    paper: { participation: 1 },
  })
  const seconds = (performance.now() - started) / 1_000
  if (result.orders.filled < 5_000)
    throw new Error(`only ${result.orders.filled} orders filled: this would be no bench`)
  return BARS / seconds
}

export async function grademark(): Promise<{ whole: number; loop: number }> {
  const { candles } = await bars()
  const { DataFrame } = await import('data-forge')
  const { backtest } = await import('grademark')
  const { ATR, EMA } = await import('trading-signals')
  const input = Array.from({ length: BARS }, (_, i) => ({
    time: new Date(candles.openAt[i]! / 1_000),
    open: candles.open[i]!,
    high: candles.high[i]!,
    low: candles.low[i]!,
    close: candles.close[i]!,
    volume: candles.volume[i]!,
  }))
  const started = performance.now()
  const [fast, slow, atr] = [new EMA(24), new EMA(96), new ATR(14)]
  const rows = input.map(bar => ({ ...bar, fast: fast.add(bar.close), slow: slow.add(bar.close), atr: atr.add(bar) }))
  const series = new DataFrame({ values: rows }).setIndex('time').bake()
  type Rule = { bar: (typeof rows)[number]; entryPrice: number }
  const strategy = {
    entryRule: (enter: () => void, { bar }: Rule) => {
      if (bar.fast! - bar.slow! > 0.25 * bar.atr!) enter()
    },
    exitRule: (exit: () => void, { bar }: Rule) => {
      if (bar.fast! < bar.slow!) exit()
    },
    trailingStopLoss: ({ bar }: Rule) => bar.atr! * 4,
  }
  const looped = performance.now()
  const trades = backtest(strategy as never, series as never) as readonly unknown[]
  const ended = performance.now()
  if (trades.length < 1_000) throw new Error(`grademark made only ${trades.length} trades`)
  return { whole: (BARS * 1_000) / (ended - started), loop: (BARS * 1_000) / (ended - looped) }
}
