import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sum } from '../../show/decimal.ts'
import { groupPrice, ladder } from './ladder.ts'

const options = { tick: '0.0001', lot: '0.1', count: 100 }

describe('the ladder', () => {
  test('bids group down and asks up', () => {
    expect(groupPrice('0.5237', '0.0001', 10, 'buy')).toBe('0.5230')
    expect(groupPrice('0.5231', '0.0001', 10, 'sell')).toBe('0.5240')
    expect(groupPrice('0.5240', '0.0001', 10, 'sell')).toBe('0.5240')
    expect(groupPrice('67234.5', '0.1', 1, 'sell')).toBe('67234.5')
  })

  test('a group holds the sum of its levels, and totals add up from the best', () => {
    const lines = ladder(
      [
        ['0.5239', '1.5'],
        ['0.5231', '2'],
        ['0.5229', '4'],
      ],
      { ...options, times: 10, side: 'buy' },
    )
    expect(lines.map(({ price, quantity, total }) => [price, quantity, total])).toEqual([
      ['0.5230', '3.5', '3.5'],
      ['0.5220', '4.0', '7.5'],
    ])
    expect(lines.at(-1)?.depth).toBe(1)
  })

  test('grouping loses nothing', () => {
    const level = fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 9_999 }))
    fc.assert(
      fc.property(
        fc.uniqueArray(level, { selector: ([tick]) => tick, maxLength: 80 }),
        fc.constantFrom(1, 10, 100),
        fc.constantFrom('buy' as const, 'sell' as const),
        (raw, times, side) => {
          const ordered = [...raw].sort(([a], [b]) => (side === 'buy' ? b - a : a - b))
          const levels = ordered.map(([tick, lots]) => [(tick / 10_000).toFixed(4), (lots / 10).toFixed(1)] as const)
          const lines = ladder(levels, { ...options, times, side })
          expect(Number(sum(lines.map(line => line.quantity)))).toBeCloseTo(
            Number(sum(levels.map(([, quantity]) => quantity))),
            6,
          )
          expect(new Set(lines.map(line => line.price)).size).toBe(lines.length)
        },
      ),
    )
  })
})
