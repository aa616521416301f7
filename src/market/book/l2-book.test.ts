import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Level } from '../../kernel/index.ts'
import { L2Book } from '../index.ts'

const book = (bids: Level[], asks: Level[], depth?: number) => {
  const made = new L2Book(depth)
  made.snapshot({ at: 1, sequence: 10, bids, asks })
  return made
}
const usual = () =>
  book(
    [
      [99, 5],
      [98, 7],
    ],
    [
      [101, 4],
      [102, 6],
    ],
  )

describe('given a snapshot, when changes come', () => {
  test('levels are set, changed and removed', () => {
    const given = usual()
    expect(
      given.apply({
        at: 2,
        sequence: 11,
        bids: [
          [99, 0],
          [97, 3],
        ],
        asks: [
          [101, 9],
          [100, 1],
        ],
      }),
    ).toBe('applied')
    expect(given.levels(9)).toEqual({
      bids: [
        [98, 7],
        [97, 3],
      ],
      asks: [
        [100, 1],
        [101, 9],
        [102, 6],
      ],
    })
    expect([given.best('buy'), given.best('sell'), given.mid()]).toEqual([98, 100, 99])
  })

  test('a change that is not newer is ignored', () => {
    const given = usual()
    expect(given.apply({ at: 2, sequence: 10, bids: [[99, 0]], asks: [] })).toBe('old')
    expect(given.best('buy')).toBe(99)
  })

  test('a hole makes the book stale until a snapshot', () => {
    const given = usual()
    expect(given.apply({ at: 2, sequence: 12, bids: [[99, 0]], asks: [] })).toBe('gap')
    expect(given.apply({ at: 3, sequence: 13, bids: [], asks: [] })).toBe('gap')
    expect(given.staleness).toBe('gap')
    expect(given.snapshot({ at: 4, sequence: 20, bids: [[90, 1]], asks: [[91, 1]] })).toBe('applied')
    expect(given.staleness).toBeNull()
  })

  test('numbers with holes are followed through the number before', () => {
    expect(usual().apply({ at: 2, sequence: 15, previous: 10, bids: [], asks: [] })).toBe('applied')
    expect(usual().apply({ at: 2, sequence: 15, previous: 11, bids: [], asks: [] })).toBe('gap')
  })

  test('a crossed book is stale', () => {
    const given = usual()
    expect(given.apply({ at: 2, sequence: 11, bids: [[101, 1]], asks: [] })).toBe('crossed')
    expect(given.staleness).toBe('crossed')
  })
})

test('taking walks the other side', () => {
  expect(usual().take('buy', 6)).toEqual({ quantity: 6, vwap: (4 * 101 + 2 * 102) / 6, worst: 102 })
  expect(usual().take('sell', 100)).toEqual({ quantity: 12, vwap: (5 * 99 + 7 * 98) / 12, worst: 98 })
  expect(usual().depthTo('sell', 101)).toBe(4)
  expect(usual().depthTo('buy', 98)).toBe(12)
})

test('an empty book is stale and has no prices', () => {
  const given = new L2Book()
  expect(given.staleness).toBe('empty')
  expect(given.apply({ at: 1, sequence: 1, bids: [], asks: [] })).toBe('empty')
  expect(given.mid()).toBeNaN()
  expect(given.take('buy', 1)).toMatchObject({ quantity: 0 })
})

test('whatever changes come, the levels are those of a sorted map cut to the depth', () => {
  const level = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(3))
  fc.assert(
    fc.property(fc.array(level, { maxLength: 200 }), fc.integer({ min: 2, max: 70 }), (changes, depth) => {
      const made = new L2Book(depth)
      made.snapshot({ at: 0, sequence: 0, bids: [], asks: [] })
      let oracle: [number, number][] = []
      changes.forEach(([price, quantity], i) => {
        made.apply({ at: i, sequence: i + 1, bids: [[price, quantity]], asks: [] })
        oracle = oracle.filter(one => one[0] !== price)
        if (quantity > 0) oracle.push([price, quantity])
        oracle = oracle.sort((a, b) => b[0] - a[0]).slice(0, depth)
      })
      expect(made.levels(depth).bids).toEqual(oracle)
    }),
  )
})

test('a change may push a level out and let it in again: only the whole of it is cut', () => {
  const given = book(
    [
      [9, 1],
      [8, 1],
    ],
    [[20, 1]],
    2,
  )
  given.apply({
    at: 1,
    sequence: 11,
    bids: [
      [10, 1],
      [10, 0],
    ],
    asks: [],
  })
  expect(given.levels(9).bids).toEqual([
    [9, 1],
    [8, 1],
  ])
})

describe('when it is written level by level', () => {
  test('it is stale from the begin of a snapshot to its commit', () => {
    const given = usual()
    given.begin()
    expect(given.staleness).toBe('resubscribing')
    given.set('buy', 7, 1)
    given.set('sell', 9, 2)
    expect(given.commit(50, 3)).toBe('applied')
    expect(given.toSnapshot(5)).toEqual({ at: 3, sequence: 50, bids: [[7, 1]], asks: [[9, 2]] })
  })

  test('a stale book stays so whatever changes come', () => {
    const given = usual()
    given.invalidate('checksum')
    given.set('buy', 97, 1)
    expect(given.commit(11, 2)).toBe('checksum')
  })

  test.each([
    [Number.NaN, 1],
    [0, 1],
    [-1, 1],
    [50, Number.NaN],
    [50, -1],
  ])('a level of price %d and quantity %d is kept out and makes it unreadable until a snapshot', (price, quantity) => {
    const given = usual()
    given.set('buy', price, quantity)
    expect(given.commit(11, 2)).toBe('unreadable')
    expect(given.count('buy')).toBe(2)
    expect(given.snapshot({ at: 4, sequence: 20, bids: [[90, 1]], asks: [] })).toBe('applied')
  })

  test('a snapshot says how deep the venue keeps it', () => {
    const given = new L2Book()
    given.begin(1)
    for (const price of [3, 5, 4]) given.set('buy', price, 1)
    given.commit(1, 1)
    expect(given.levels(9).bids).toEqual([[5, 1]])
  })
})

test('a book of which three quarters are gone asks for a snapshot, unless it was small from the start', () => {
  const levels = (count: number): Level[] => Array.from({ length: count }, (_, i) => [1_000 - i, 1])
  for (const [count, end] of [
    [100, 'thin'],
    [99, null],
  ] as const) {
    const given = book(levels(count), [[2_000, 1]])
    for (let i = 0; i < 75; i++) given.apply({ at: i, sequence: 11 + i, bids: [[1_000 - i, 0]], asks: [] })
    expect(given.staleness).toBeNull()
    given.apply({ at: 99, sequence: 86, bids: [[925, 0]], asks: [] })
    expect(given.staleness).toBe(end)
  }
})

test('the texts of levels are always those of the levels', () => {
  const textOf = (price: number, quantity: number) => `${price}:${quantity}`
  const level = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(3))
  const depth = fc.integer({ min: 2, max: 40 })
  fc.assert(
    fc.property(fc.array(fc.array(level, { maxLength: 4 }), { maxLength: 80 }), depth, (changes, kept) => {
      const made = new L2Book(kept)
      made.snapshot({ at: 0, sequence: 0, bids: [], asks: [] })
      changes.forEach((levels, i) => {
        for (const [price, quantity] of levels) made.set('sell', price, quantity)
        made.commit(i + 1, i)
        const texts = Array.from({ length: made.count('sell') }, (_, rank) => made.text('sell', rank, textOf))
        expect(texts).toEqual(made.levels(100).asks.map(([price, quantity]) => textOf(price, quantity)))
      })
    }),
  )
})
