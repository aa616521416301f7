import { expect, test } from 'vitest'
import {
  aggregateColumns,
  type CandleColumns,
  candleAt,
  columnsOf,
  INTERVALS,
  intervalName,
  intervalOf,
} from './index.ts'

const minute = INTERVALS['1m']
const bars = (...minutes: number[]): CandleColumns =>
  columnsOf(
    minutes.map(m => ({ openAt: m * minute, open: m + 10, high: m + 12, low: m + 8, close: m + 11, volume: 1 })),
  )

test('intervals have names, and names intervals', () => {
  expect(intervalOf('4h')).toBe(14_400_000_000)
  expect(intervalName(INTERVALS['15m'])).toBe('15m')
  expect(intervalName(30_000_000)).toBe('30s')
  expect(() => intervalOf('7m')).toThrow('1m, 5m, 15m, 1h, 4h, 1d')
})

test('a large candle has the first open, the last close, the extremes and the sum', () => {
  const large = aggregateColumns(bars(0, 1, 2, 3, 4), minute, 5 * minute)
  expect(candleAt(large, 0)).toEqual({ openAt: 0, open: 10, high: 16, low: 8, close: 15, volume: 5 })
})

test('a first candle that is half there and a last that is not over are left out', () => {
  const large = aggregateColumns(bars(3, 4, 5, 6, 7, 8, 9, 10, 11), minute, 5 * minute)
  expect(Array.from(large.openAt)).toEqual([5 * minute])
})

test('a gap over a boundary closes both candles that it touches', () => {
  const large = aggregateColumns(bars(0, 1, 9), minute, 5 * minute)
  expect(Array.from(large.openAt)).toEqual([0, 5 * minute])
})
