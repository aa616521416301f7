import { describe, expect, test } from 'vitest'
import type { CandleView, FillView, OrderView } from '../contract.ts'
import { fold, foldCandles, isOpen, type TopicData, unseen } from './folds.ts'

const order = (id: string, updatedAt: number, state: OrderView['state'] = 'accepted') =>
  ({ id, updatedAt, state }) as OrderView
const candle = (openAt: number, close: string) => ({ openAt, close }) as CandleView
const entry = (topic: string, updates: unknown[], snapshot?: unknown) => ({
  topic,
  updates,
  at: 1,
  ...(snapshot === undefined ? {} : { snapshot: { data: snapshot } }),
})

describe('what topics amount to', () => {
  test('a forming candle is replaced, a new one appended, a late one put in its place', () => {
    let candles = foldCandles([], [candle(1, 'a'), candle(3, 'b')])
    candles = foldCandles(candles, [candle(3, 'c'), candle(4, 'd'), candle(2, 'x')])
    expect(candles.map(({ openAt, close }) => `${openAt}${close}`)).toEqual(['1a', '2x', '3c', '4d'])
  })

  test('an older state of an order never replaces a newer one', () => {
    const state = fold(undefined, entry('orders', [order('o', 2, 'filled'), order('o', 1)], [])) as TopicData['orders']
    expect(state.get('o')?.state).toBe('filled')
  })

  test('a snapshot replaces what was there', () => {
    const before = fold(undefined, entry('orders', [], [order('gone', 1)]))
    const after = fold(before, entry('orders', [order('b', 1)], [order('a', 1)])) as TopicData['orders']
    expect([...after.keys()]).toEqual(['a', 'b'])
  })

  test('a fill that comes twice is one fill', () => {
    const fill = { id: 'f' } as FillView
    const before = fold(undefined, entry('fills', [], [fill]))
    expect(fold(before, entry('fills', [fill]))).toHaveLength(1)
  })

  test('single data and lists are the same', () => {
    expect(fold(undefined, entry('trades:x', [[{ at: 1 }, { at: 2 }], { at: 3 }], []))).toEqual([
      { at: 1 },
      { at: 2 },
      { at: 3 },
    ])
  })

  test('what is whole is taken as it is', () => {
    expect(fold(undefined, entry('positions', [[{ run: 'a' }]]))).toEqual([{ run: 'a' }])
    expect(fold('before', entry('health', []))).toBe('before')
  })

  test('a kill switch that is told again stays the same, and one that changes does not', () => {
    const off = { active: false, reason: null }
    const told = (data: unknown) => ({ topic: 'kill-switch', updates: [data], at: 1 })
    expect(fold(off, told({ ...off }))).toBe(off)
    expect(fold(off, told({ ...off, active: true }))).toEqual({ ...off, active: true })
    expect(fold(undefined, told(off))).toEqual(off)
  })

  test('what a new snapshot has that was not known counts as missed', () => {
    const before = new Map([
      ['a', order('a', 1)],
      ['b', order('b', 1)],
    ])
    const after = new Map([
      ['a', order('a', 1)],
      ['b', order('b', 2)],
      ['c', order('c', 2)],
    ])
    expect(unseen('orders', before, after)).toBe(2)
    expect(unseen('fills', [{ id: '1' }], [{ id: '1' }, { id: '2' }])).toBe(1)
    expect(unseen('ticker', 1, 2)).toBe(0)
  })

  test('open is what can still be filled', () => {
    expect(
      ['accepted', 'unknown', 'pending_cancel', 'partially_filled'].every(state => isOpen({ state } as OrderView)),
    ).toBe(true)
    expect(['filled', 'canceled', 'denied', 'rejected', 'expired'].some(state => isOpen({ state } as OrderView))).toBe(
      false,
    )
  })
})
