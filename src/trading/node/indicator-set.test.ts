import { ATR, EMA, RSI } from 'trading-signals'
import { expect, test } from 'vitest'
import { type Candle, decodeJson, encodeJson, seededRandom } from '../../kernel/index.ts'
import { MINUTE, NOON, strategyOf } from '../fake.ts'
import { IndicatorSet, type IndicatorSetState } from './indicator-set.ts'

const WARMUP = 12

interface Indicators {
  readonly ema: EMA
  readonly atr: ATR
  readonly rsi: RSI
}

/** Indicators that remember all they have ever seen, so that a difference anywhere would show. */
const strategy = strategyOf(
  'measuring',
  {},
  {
    warmup: () => WARMUP,
    indicators: (): Indicators => ({ ema: new EMA(5), atr: new ATR(4), rsi: new RSI(6) }),
    feed({ ema, atr, rsi }: Indicators, candle) {
      ema.add(candle.close)
      atr.add(candle)
      rsi.add(candle.close)
    },
  },
)

function candles(count: number, seed = 1): Candle[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, i) => {
    const [open, close] = [900 + random.below(200), 900 + random.below(200)]
    const [high, low] = [Math.max(open, close) + random.below(9), Math.min(open, close) - random.below(9)]
    return { openAt: NOON + i * MINUTE, open, high, low, close, volume: random.next() }
  })
}

const valuesOf = (set: IndicatorSet): (number | null)[] => {
  const { ema, atr, rsi } = set.indicators as Indicators
  return [ema.getResult(), atr.getResult(), rsi.getResult()].map(value => (value === null ? null : Number(value)))
}
const restored = (set: IndicatorSet): IndicatorSet =>
  new IndicatorSet(strategy, {}, decodeJson<IndicatorSetState>(encodeJson(set.snapshot())))

// An epoch is four warm-ups: 48 candles. 160 candles cross three of its borders.
const all = candles(160)

test('restored before any candle, the values are those of the uninterrupted set, to the bit', () => {
  const whole = new IndicatorSet(strategy, {})
  const expected = all.map(candle => {
    whole.add(candle)
    return valuesOf(whole)
  })
  for (let point = 0; point < all.length; point++) {
    let set = new IndicatorSet(strategy, {})
    all.forEach((candle, i) => {
      if (i === point) set = restored(set)
      set.add(candle)
      if (i >= point) expect(valuesOf(set)).toEqual(expected[i])
    })
  }
})

test('also when restored before every single candle', () => {
  const whole = new IndicatorSet(strategy, {})
  let set = new IndicatorSet(strategy, {})
  for (const candle of all) {
    whole.add(candle)
    set = restored(set)
    set.add(candle)
    expect(valuesOf(set)).toEqual(valuesOf(whole))
    expect(set.isWarm).toBe(whole.isWarm)
    expect(set.snapshot()).toEqual(whole.snapshot())
  }
})

test('until the first border the values are simply those of the indicators', () => {
  const set = new IndicatorSet(strategy, {})
  const ema = new EMA(5)
  for (const candle of all.slice(0, 48)) {
    set.add(candle)
    ema.add(candle.close)
    expect(valuesOf(set)[0]).toBe(ema.getResult() === null ? null : Number(ema.getResult()))
  }
})

test('after a border they are those of indicators that have seen the warm-up and what came since', () => {
  const set = new IndicatorSet(strategy, {})
  for (const candle of all.slice(0, 60)) set.add(candle)
  const ema = new EMA(5)
  for (const candle of all.slice(48 - WARMUP, 60)) ema.add(candle.close)
  expect(valuesOf(set)[0]).toBe(Number(ema.getResult()))
})

test('history is the last candles, oldest first, and never more than the warm-up', () => {
  const set = new IndicatorSet(strategy, {})
  expect(set.history(5)).toEqual([])
  all.forEach((candle, i) => {
    set.add(candle)
    expect(set.history(3)).toEqual(all.slice(Math.max(0, i - 2), i + 1))
    expect(set.history(1_000)).toEqual(all.slice(Math.max(0, i + 1 - WARMUP), i + 1))
    expect(set.history(0)).toEqual([])
    expect(set.history(-1)).toEqual([])
    expect(set.isWarm).toBe(i + 1 >= WARMUP)
  })
})

test('what it keeps is bounded: five warm-ups at most, however many candles come', () => {
  const set = new IndicatorSet(strategy, {})
  let largest = 0
  for (const candle of candles(1_000, 2)) {
    set.add(candle)
    largest = Math.max(largest, set.snapshot().window.length)
  }
  expect(largest).toBe(5 * WARMUP)
})
