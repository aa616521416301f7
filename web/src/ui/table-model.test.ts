import { expect, test } from 'vitest'
import { nextSort, parseSort, sorted, sortText, visibleRange } from './table-model.ts'

test('sorting goes up, down and back to the own order, and survives the address', () => {
  const up = nextSort(undefined, 'price')
  const down = nextSort(up, 'price')
  expect([sortText(up), sortText(down), sortText(nextSort(down, 'price'))]).toEqual(['price', '-price', undefined])
  expect(parseSort('-price')).toEqual({ key: 'price', descending: true })
  expect(parseSort(undefined)).toBeUndefined()
})

test('decimal texts sort by value, and what is not known comes last either way', () => {
  const rows = ['10', null, '9.5', '100']
  const by = (descending: boolean) => sorted(rows, row => row, { key: 'x', descending })
  expect(by(false)).toEqual(['9.5', '10', '100', null])
  expect(by(true)).toEqual(['100', '10', '9.5', null])
})

test('equal rows keep their order', () => {
  const rows = [
    { k: 'a', n: 1 },
    { k: 'a', n: 2 },
    { k: 'a', n: 3 },
  ]
  expect(sorted(rows, row => row.k, { key: 'k', descending: true }).map(row => row.n)).toEqual([1, 2, 3])
})

test('of many rows those in view and a few around them are in the page', () => {
  expect(visibleRange(100_000, 32_000, 640, 32)).toEqual([992, 1_028])
  expect(visibleRange(10, 0, 640, 32)).toEqual([0, 10])
})
