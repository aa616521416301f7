import { crc32 as crc32OfZlib } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { HouseOrderView, L2View } from '../../contract.ts'
import { GAP } from '../../feed/folds.ts'
import {
  checksumOf,
  crc32,
  foldBook,
  foldHouseFills,
  foldHouseOrders,
  type HouseBook,
  type Level,
} from './house-book.ts'

const start = {
  at: 1,
  sequence: 7,
  bids: [
    ['1.99', '5'],
    ['1.97', '8'],
  ] as Level[],
  asks: [
    ['2.01', '4'],
    ['2.02', '6'],
  ] as Level[],
}
const book = foldBook(undefined, { snapshot: { data: [start] }, updates: [] }) as HouseBook
const levels = (bids: Level[], asks: Level[]) => ({ bids, asks })
const changed = (
  sequence: number,
  change: { bids?: Level[]; asks?: Level[] },
  after: Parameters<typeof checksumOf>[0],
) => ({ at: sequence, sequence, checksum: checksumOf(after), bids: [], asks: [], ...change }) satisfies L2View

describe('the book of the exchange', () => {
  test('begins with a snapshot', () => {
    expect(book).toEqual(start)
  })

  test('levels come, change and go, each in its place', () => {
    const after = levels(
      [
        ['1.99', '2'],
        ['1.98', '3'],
      ],
      [
        ['2.00', '1'],
        ['2.01', '4'],
        ['2.02', '6'],
        ['2.03', '9'],
      ],
    )
    const update = changed(
      8,
      {
        bids: [
          ['1.99', '2'],
          ['1.98', '3'],
          ['1.97', '0'],
        ],
        asks: [
          ['2.03', '9'],
          ['2.00', '1'],
          ['2.04', '0'],
        ],
      },
      after,
    )
    expect(foldBook(book, { updates: [update] })).toEqual({ at: 8, sequence: 8, ...after })
    expect(book.bids).toHaveLength(2)
  })

  test('prices are ordered as numbers, not as texts', () => {
    const [bids, asks]: Level[][] = [
      [
        ['10.5', '1'],
        ['9.5', '1'],
      ],
      [['100.0', '1']],
    ]
    const from = { ...start, bids: [['9.5', '1']] as Level[], asks: asks! }
    const update = changed(8, { bids: [['10.5', '1']] }, levels(bids!, asks!))
    expect((foldBook(from, { updates: [update] }) as HouseBook).bids).toEqual(bids)
  })

  test('what the snapshot has already is passed over', () => {
    const old = { ...changed(7, { bids: [['1.99', '100']] }, start), checksum: 1 }
    expect(foldBook(undefined, { snapshot: { data: [start] }, updates: [old] })).toEqual(start)
  })

  test('a missing change is a gap, and so is a change before any snapshot', () => {
    const late = changed(9, { bids: [['1.99', '1']] }, start)
    expect(foldBook(book, { updates: [late] })).toBe(GAP)
    expect(foldBook(undefined, { updates: [late] })).toBe(GAP)
  })

  test('levels that the exchange does not have are a gap', () => {
    const wrong = { ...changed(8, { bids: [['1.99', '1']] }, start), checksum: 12_345 }
    expect(foldBook(book, { updates: [wrong] })).toBe(GAP)
  })

  test('the checksum is the CRC-32 that the exchange describes', () => {
    expect(crc32('123456789')).toBe(0xcb_f4_39_26)
    expect(checksumOf(levels([['1.99', '5']], start.asks))).toBe(crc32OfZlib('1.99:5:2.01:4:2.02:6'))
  })
})

const order = (id: string, updatedAt: number, state: HouseOrderView['state'] = 'open') =>
  ({ id, updatedAt, state }) as HouseOrderView

test('an order is never replaced by an older state of it', () => {
  const before = foldHouseOrders(undefined, { snapshot: { data: [order('0-1', 5), order('0-2', 6)] }, updates: [] })
  const after = foldHouseOrders(before, { updates: [order('0-1', 9, 'filled'), order('0-1', 7), [order('0-3', 8)]] })
  expect([...after.values()].map(({ id, state }) => `${id} ${state}`)).toEqual(['0-1 filled', '0-2 open', '0-3 open'])
})

test('a fill that is told twice is there once', () => {
  const fill = (id: string, of: string) => ({ id, order: of }) as never
  const before = foldHouseFills(undefined, { snapshot: { data: [fill('a', '0-1')] }, updates: [] })
  const after = foldHouseFills(before, { updates: [fill('a', '0-1'), fill('a', '0-2'), fill('b', '0-1')] })
  expect(after).toHaveLength(3)
})
