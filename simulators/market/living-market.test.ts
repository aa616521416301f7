import { describe, expect, test } from 'vitest'
import { type MarketInput, MICROS_PER_MINUTE, MICROS_PER_SECOND } from '../../src/kernel/index.ts'
import { DEMO_INSTRUMENTS, resolvePair } from '../../src/market/index.ts'
import { ADVANCE_MAX, BOOK_EVERY, createLivingMarket, restoreLivingMarket } from './index.ts'

const start = Date.UTC(2026, 0, 5) * 1_000
const minute = MICROS_PER_MINUTE
const options = { seed: 'test', start }

const run = (minutes: number, seed = 'test') => {
  const market = createLivingMarket({ seed, start })
  return Array.from({ length: minutes }, (_, i) => market.advance(start + (i + 1) * minute)).flat()
}
const hourOf = run(60)

describe('the living market', () => {
  test('the same seed gives the same market, another seed another', () => {
    expect(run(3)).toEqual(run(3))
    expect(run(3)).not.toEqual(run(3, 'other'))
  })

  test('it does not matter into how many calls the time is cut', () => {
    const market = createLivingMarket(options)
    const inputs: MarketInput[] = []
    for (let at = start; at < start + 2 * minute; ) {
      at = Math.min(start + 2 * minute, at + 37_003)
      inputs.push(...market.advance(at))
    }
    expect(inputs).toEqual(run(2))
  })

  test('a restart goes on from JSON as if nothing had happened', () => {
    const market = createLivingMarket(options)
    market.advance(start + 2 * minute)
    const restored = restoreLivingMarket(JSON.parse(JSON.stringify(market.snapshot())))
    expect(restored.now).toBe(start + 2 * minute)
    for (let i = 3; i < 8; i++) expect(restored.advance(start + i * minute)).toEqual(market.advance(start + i * minute))
    expect(restored.snapshot()).toEqual(market.snapshot())
  })

  test('inputs are in order of time and within the call', () => {
    const market = createLivingMarket(options)
    market.advance(start + minute)
    const inputs = market.advance(start + 2 * minute)
    for (const [i, input] of inputs.entries()) {
      expect(input.at).toBeGreaterThanOrEqual(inputs[i - 1]?.at ?? start + minute)
      expect(input.at).toBeLessThanOrEqual(start + 2 * minute)
      expect(Number.isSafeInteger(input.at)).toBe(true)
    }
  })

  test('time does not go back, and a call is bounded', () => {
    const market = createLivingMarket(options)
    market.advance(start + minute)
    expect(() => market.advance(start)).toThrow('does not go back')
    expect(() => market.advance(start + minute + ADVANCE_MAX + 1)).toThrow('at most')
  })
})

describe.each(DEMO_INSTRUMENTS.map(instrument => [instrument.pair, instrument] as const))(
  '%s over an hour',
  (pair, instrument) => {
    const own = hourOf.filter(input => input.instrument === instrument.id)
    const books = own.filter(input => input.kind === 'book')
    const trades = own.filter(input => input.kind === 'trade')

    test('books are sorted, never crossed, of at most 20 levels, and at least 100 ms apart', () => {
      for (const [i, { at, data }] of books.entries()) {
        expect(data.bids[0]![0]).toBeLessThan(data.asks[0]![0])
        expect(Math.max(data.bids.length, data.asks.length)).toBeLessThanOrEqual(20)
        const prices = [...data.bids.toReversed(), ...data.asks].map(level => level[0])
        expect(prices.every((price, rank) => rank === 0 || price > prices[rank - 1]!)).toBe(true)
        if (i > 0) expect(at - books[i - 1]!.at).toBeGreaterThanOrEqual(BOOK_EVERY)
        expect(data.sequence).toBe(i + 1)
      }
    })

    test('spread and depth are sane', () => {
      const spreads = books.map(({ data }) => ((data.asks[0]![0] - data.bids[0]![0]) / data.asks[0]![0]) * 10_000)
      const median = spreads.toSorted((a, b) => a - b)[spreads.length >> 1]!
      expect(median).toBeGreaterThan(0.2)
      expect(median).toBeLessThan(pair === 'BTC/USD' ? 5 : 6)
      const depths = books.map(({ data }) => Math.min(data.bids.length, data.asks.length)).toSorted((a, b) => a - b)
      expect(depths[Math.floor(depths.length / 100)]!).toBeGreaterThanOrEqual(10)
    })

    test('trades are of whole lots at positive prices, and there is about one every other second or more', () => {
      for (const { data } of trades) {
        expect(Number.isSafeInteger(data.price) && data.price > 0).toBe(true)
        expect(Number.isSafeInteger(data.quantity) && data.quantity > 0).toBe(true)
      }
      expect(trades.length).toBeGreaterThan(3_600 / 4)
    })
  },
)

test('all together there are several trades a second', () => {
  const trades = hourOf.filter(input => input.kind === 'trade').length
  expect(trades / 3_600).toBeGreaterThan(2)
  expect(trades / 3_600).toBeLessThan(40)
})

test('prices begin where they are told to', () => {
  const market = createLivingMarket({ ...options, instruments: [resolvePair('XRP/USD')], prices: { 'XRP/USD': 0.5 } })
  const first = market.advance(start + 10 * MICROS_PER_SECOND).find(input => input.kind === 'book')!
  expect(first.data.bids[0]![0]).toBeGreaterThan(4_900)
  expect(first.data.asks[0]![0]).toBeLessThan(5_100)
})
