import { expect, test } from 'vitest'
import { waitBefore } from './backoff.ts'
import { freshnessOf, worse } from './freshness.ts'

test('waits longer each time, never over 15 s, and never all at the same moment', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 60].map(attempt => waitBefore(attempt, 0.999_999))).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000,
  ])
  expect(waitBefore(1, 0)).toBe(250)
})

test('ages: a clock after 2 s, a tint after 5 s, last known after 30 s', () => {
  expect([0, 2_000, 2_001, 5_001, 30_001].map(freshnessOf)).toEqual(['live', 'live', 'late', 'stale', 'lost'])
  expect(worse('late', 'lost')).toBe('lost')
})
