import { expect, test } from 'vitest'
import type { EquityPoint, RunView } from '../../contract.ts'
import { deepestFall, joined, momentsOf, thinned } from './equity.ts'

const point = (run: string | null, at: number, equity: string): EquityPoint => ({ run, at, equity })
const runs = [
  { id: 'a', allocation: '100' },
  { id: 'b', allocation: '50' },
] as RunView[]

test('a run that begins later brings in money, not gain', () => {
  const points = [
    point('a', 1, '101'),
    point(null, 1, '101'),
    point('a', 2, '102'),
    point('b', 2, '50.5'),
    point(null, 2, '152.5'),
  ]
  expect(momentsOf(points, runs, null)).toEqual([
    { at: 1, equity: '101', gain: '1' },
    { at: 2, equity: '152.5', gain: '2.5' },
  ])
  expect(momentsOf(points, runs, 'b')).toEqual([{ at: 2, equity: '50.5', gain: '0.5' }])
})

test('a run that is silent for a moment counts with what it was worth', () => {
  const points = [point('a', 1, '100'), point('b', 1, '50'), point('a', 2, '103'), point('b', 3, '49')]
  expect(momentsOf(points, runs, null).map(({ gain }) => gain)).toEqual(['0', '3', '2'])
})

test('what was read and what streamed join without doubles', () => {
  const read = [point('a', 1, '1'), point('a', 2, '2')]
  expect(joined(read, [point('a', 2, '2'), point('a', 3, '3')], 2).map(({ at }) => at)).toEqual([2, 3])
})

test('the deepest fall is from a peak', () => {
  const fall = (...gains: string[]): string => deepestFall(gains.map(gain => ({ gain })))
  expect(fall('0', '5', '2', '6', '1.5', '9')).toBe('-4.5')
  expect(fall('1', '2')).toBe('0')
})

test('thinning keeps the last', () => {
  const items = Array.from({ length: 1_001 }, (_, index) => index)
  const few = thinned(items, 100)
  expect(few.length).toBeLessThanOrEqual(101)
  expect(few.at(-1)).toBe(1_000)
})
