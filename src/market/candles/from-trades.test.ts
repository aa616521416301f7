import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Candle, MICROS_PER_MINUTE, type Trade } from '../../kernel/index.ts'
import { createAggregator, createCandleBuilder, openOf, resolvePair } from '../index.ts'

const instrument = resolvePair('DOGE/USD')
const minute = MICROS_PER_MINUTE
const start = Date.UTC(2026, 0, 1) * 1_000

const trade = (at: number, price: number, quantity = 1): Trade => ({ at: start + at, price, quantity, side: 'buy' })

function built(...steps: (Trade | { now: number })[]) {
  const candles: Candle[] = []
  const gaps: number[][] = []
  const late: number[] = []
  const builder = createCandleBuilder({
    instrument,
    interval: minute,
    onCandle: candle => candles.push(candle),
    onGap: (from, to, bars) => gaps.push([(from - start) / minute, (to - start) / minute, bars]),
    onLate: at => late.push(at - start),
  })
  for (const step of steps) {
    if ('now' in step) builder.closeAt(start + step.now)
    else builder.add(step)
  }
  return { builder, candles, gaps, late, opens: candles.map(candle => (candle.openAt - start) / minute) }
}

describe('given trades, when the minute ends', () => {
  test('a trade at the last microsecond belongs to the minute, one at the boundary opens the next', () => {
    const { candles, builder } = built(trade(0, 10), trade(minute - 1, 12), trade(minute, 20))
    expect(candles).toEqual([{ openAt: start, open: 10, high: 12, low: 10, close: 12, volume: 2 }])
    expect(builder.forming()).toMatchObject({ openAt: start + minute, open: 20 })
  })

  test('time closes a candle at its end and not before', () => {
    expect(built(trade(5, 10), { now: minute - 1 }).candles).toEqual([])
    expect(built(trade(5, 10), { now: minute }).opens).toEqual([0])
  })

  test('a minute without trades gives no candle, and is told as a gap when the next one opens', () => {
    const { opens, gaps } = built(trade(0, 10), { now: 5 * minute }, trade(5 * minute, 11), trade(6 * minute, 12))
    expect(opens).toEqual([0, 5])
    expect(gaps).toEqual([[1, 5, 4]])
  })

  test('a late trade changes nothing and is counted and told', () => {
    const { candles, builder, late } = built(trade(0, 10), trade(minute, 20), trade(minute - 1, 99), {
      now: 2 * minute,
    })
    expect(candles.map(candle => candle.high)).toEqual([10, 20])
    expect(builder.lateTrades).toBe(1)
    expect(late).toEqual([minute - 1])
  })

  test('a trade of a minute that time has closed without trades is late too', () => {
    const { builder, candles } = built({ now: 3 * minute }, trade(minute, 10), trade(3 * minute, 11), {
      now: 4 * minute,
    })
    expect(builder.lateTrades).toBe(1)
    expect(candles.map(candle => candle.open)).toEqual([11])
  })

  test('volume is in the base asset', () => {
    const xrp = resolvePair('XRP/USD')
    const candles: Candle[] = []
    const builder = createCandleBuilder({ instrument: xrp, interval: minute, onCandle: candle => candles.push(candle) })
    builder.add(trade(0, 20_000, 25))
    builder.closeAt(start + minute)
    expect(candles[0]!.volume).toBeCloseTo(2.5, 12)
  })
})

const trades = fc
  .array(
    fc.record({
      wait: fc.nat(3 * minute),
      price: fc.integer({ min: 1, max: 1_000 }),
      quantity: fc.integer({ min: 1, max: 99 }),
    }),
    {
      minLength: 1,
      maxLength: 60,
    },
  )
  .map(list => {
    let at = 0
    return list.map(({ wait, price, quantity }) => {
      at += wait
      return trade(at, price, quantity)
    })
  })

/** What a candle is, said without a builder. */
const naive = (list: readonly Trade[]): Candle[] => {
  const opens = [...new Set(list.map(one => openOf(one.at, minute)))]
  return opens.map(openAt => {
    const own = list.filter(one => openOf(one.at, minute) === openAt)
    const prices = own.map(one => one.price)
    return {
      openAt,
      open: prices[0]!,
      high: Math.max(...prices),
      low: Math.min(...prices),
      close: prices.at(-1)!,
      volume: own.reduce((sum, one) => sum + one.quantity, 0),
    }
  })
}

describe('whatever trades come', () => {
  test('the candles are those of a naive grouping, also across a snapshot in the middle', () => {
    fc.assert(
      fc.property(trades, fc.nat(60), (list, cut) => {
        const candles: Candle[] = []
        const options = { instrument, interval: minute, onCandle: (candle: Candle) => candles.push(candle) }
        let builder = createCandleBuilder(options)
        list.forEach((one, i) => {
          if (i === cut)
            builder = createCandleBuilder({ ...options, state: JSON.parse(JSON.stringify(builder.snapshot())) })
          builder.add(one)
        })
        builder.closeAt(list.at(-1)!.at + minute)
        expect(candles).toEqual(naive(list))
      }),
    )
  })

  test('five minutes put together from minutes are those made from trades', () => {
    fc.assert(
      fc.property(trades, list => {
        const [direct, put]: Candle[][] = [[], []]
        const aggregator = createAggregator(minute, 5 * minute, candle => put!.push(candle))
        const small = createCandleBuilder({ instrument, interval: minute, onCandle: candle => aggregator.add(candle) })
        const large = createCandleBuilder({
          instrument,
          interval: 5 * minute,
          onCandle: candle => direct!.push(candle),
        })
        for (const builder of [small, large]) {
          builder.addTrade(start, 7, 1)
          for (const one of list) builder.add(one)
          builder.addTrade(list.at(-1)!.at + 10 * minute, 8, 1)
          builder.closeAt(list.at(-1)!.at + 11 * minute)
        }
        expect(put!.slice(0, direct!.length)).toEqual(direct!.slice(0, put!.length))
        expect(put!.length).toBeGreaterThanOrEqual(direct!.length)
      }),
    )
  })
})
