import type { CandleView, FillView } from '../../contract.ts'

export type ChartFill = Pick<FillView, 'at' | 'side'>

/** Lightweight-charts wants seconds and numbers; this is a picture, so floats are enough. */
export interface Bar {
  readonly time: number
  readonly open?: number
  readonly high?: number
  readonly low?: number
  readonly close?: number
}

export const INTERVALS = ['1m', '5m', '15m', '1h'] as const
export type Interval = (typeof INTERVALS)[number]
export const intervalOf = (text: string | undefined): Interval => INTERVALS.find(known => known === text) ?? '1m'
const SECONDS: Readonly<Record<Interval, number>> = { '1m': 60, '5m': 300, '15m': 900, '1h': 3_600 }

/** A hole in the data longer than this many intervals is one hole, not that many empty places. */
const GAP_BARS_MAX = 200

/** Seconds since 1970, moved by the zone's offset, since the chart itself knows UTC only. */
const timeOf = (at: number, shift: number): number => Math.floor(at / 1_000_000) + shift

/** The candles as bars, with empty places where candles are missing, so that a gap looks like one. */
export function bars(candles: readonly CandleView[], interval: Interval, shift: number): Bar[] {
  const step = SECONDS[interval]
  const result: Bar[] = []
  for (const candle of candles) {
    const time = timeOf(candle.openAt, shift)
    const last = result.at(-1)?.time
    if (last !== undefined)
      for (let hole = last + step, count = 0; hole < time && count < GAP_BARS_MAX; hole += step, count++)
        result.push({ time: hole })
    result.push(barOf(candle, shift))
  }
  return result
}

export const barOf = (candle: CandleView, shift: number): Required<Bar> => ({
  time: timeOf(candle.openAt, shift),
  open: Number(candle.open),
  high: Number(candle.high),
  low: Number(candle.low),
  close: Number(candle.close),
})

export interface Mark {
  readonly time: number
  readonly side: 'buy' | 'sell'
  readonly count: number
  /** Only where the words of neighbours do not run into each other; the arrow always says the side. */
  readonly worded: boolean
}

/** Bars that a word takes. */
const WORD_BARS = 7

/** Our fills by candle and side: three buys in one candle are one mark that says so. */
export function marks(
  fills: readonly ChartFill[],
  candles: readonly CandleView[],
  interval: Interval,
  shift: number,
): Mark[] {
  const first = candles[0]?.openAt
  if (first === undefined) return []
  const step = SECONDS[interval] * 1_000_000
  const counts = new Map<string, Mark>()
  for (const fill of fills) {
    if (fill.at < first) continue
    const time = timeOf(Math.floor(fill.at / step) * step, shift)
    const key = `${time}${fill.side}`
    counts.set(key, { time, side: fill.side, count: (counts.get(key)?.count ?? 0) + 1, worded: true })
  }
  const room = WORD_BARS * SECONDS[interval]
  const wordedAt = { buy: Number.POSITIVE_INFINITY, sell: Number.POSITIVE_INFINITY }
  const newestFirst = [...counts.values()].sort((a, b) => b.time - a.time)
  const placed = newestFirst.map(mark => {
    const worded = wordedAt[mark.side] - mark.time >= room
    if (worded) wordedAt[mark.side] = mark.time
    return { ...mark, worded }
  })
  return placed.reverse()
}
