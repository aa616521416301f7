import { expect, test } from 'vitest'
import { depthOf, outline } from './depth.ts'
import type { Level } from './house-book.ts'

const bids: Level[] = [
  ['9', '1'],
  ['8', '3'],
]
const asks: Level[] = [
  ['11', '2'],
  ['14', '6'],
]

test('quantities add up outwards, and both sides reach as far as the farther one', () => {
  expect(depthOf({ bids, asks })).toEqual({
    bids: [
      { price: 9, total: 1 },
      { price: 8, total: 4 },
    ],
    asks: [
      { price: 11, total: 2 },
      { price: 14, total: 8 },
    ],
    middle: 10,
    reach: 4,
    most: 8,
  })
  expect(depthOf({ bids: [], asks })).toBeUndefined()
})

test('a side is drawn in steps, and to the edge', () => {
  const depth = depthOf({ bids, asks })!
  expect(outline(depth.bids, depth)).toBe('M37.5 100H37.5V88.25H25V53H0V100Z')
  expect(outline(depth.asks, depth)).toBe('M62.5 100H62.5V76.5H100V6H100V100Z')
})
