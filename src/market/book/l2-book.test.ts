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
