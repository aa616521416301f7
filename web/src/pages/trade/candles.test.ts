import { expect, test } from 'vitest'
import type { CandleView, FillView } from '../../contract.ts'
import { bars, intervalOf, marks } from './candles.ts'

const candle = (minute: number) =>
  ({ openAt: minute * 60_000_000, open: '1', high: '2', low: '1', close: '2', volume: '3', closed: true }) as CandleView
const fill = (minute: number, side: 'buy' | 'sell') => ({ at: minute * 60_000_000 + 5, side }) as FillView

test('missing candles are empty places', () => {
  expect(bars([candle(1), candle(4)], '1m', 0)).toEqual([
    { time: 60, open: 1, high: 2, low: 1, close: 2 },
    { time: 120 },
    { time: 180 },
    { time: 240, open: 1, high: 2, low: 1, close: 2 },
  ])
})

test('fills of one candle and side are one mark; neighbours have no words to run into each other', () => {
  const made = marks(
    [fill(1, 'buy'), fill(1, 'buy'), fill(2, 'buy'), fill(2, 'sell'), fill(0, 'buy')],
    [candle(1), candle(2)],
    '1m',
    0,
  )
  expect(made).toEqual([
    { time: 60, side: 'buy', count: 2, worded: false },
    { time: 120, side: 'sell', count: 1, worded: true },
    { time: 120, side: 'buy', count: 1, worded: true },
  ])
})

test('an interval that there is not is the shortest', () => {
  expect([intervalOf('1h'), intervalOf('7m'), intervalOf(undefined)]).toEqual(['1h', '1m', '1m'])
})
