import { describe, expect, test } from 'vitest'
import { compare } from '../../show/decimal.ts'
import { affordable, cut, estimate, feeOn, isMultiple, protectedPrice, type Question, toStep } from './estimate.ts'

const rules = { tick: '0.01', lot: '0.1', notionalMin: '5.000000', protectionRate: '0.050000' }
const fees = { makerRate: '0.001', takerRate: '0.002' }
const book = {
  at: 1,
  sequence: 1,
  bids: [
    ['1.98', '10.0'],
    ['1.95', '40.0'],
  ],
  asks: [
    ['2.00', '20.0'],
    ['2.10', '50.0'],
    ['2.11', '9.0'],
  ],
} as const
const asked = (change: Partial<Question>): Question => ({
  side: 'buy',
  type: 'market',
  quantity: '30.0',
  price: '',
  trigger: '',
  mayRest: false,
  book,
  rules,
  fees,
  ...change,
})
const same = (actual: string | null, expected: string): void => expect(compare(actual!, expected)).toBe(0)

describe('what an order comes to', () => {
  test('a market buy takes level after level', () => {
    const { averagePrice, worstPrice, taken, left, fee, total, worstTotal } = estimate(asked({}))
    // 20 × 2.00 = 40 and 10 × 2.10 = 21; 61 / 30 = 2.0333; 0.2 % of 40 is 0.08 and of 21 is 0.042.
    expect(averagePrice).toBe('2.0333')
    same(worstPrice, '2.10')
    same(taken, '30')
    same(left, '0')
    same(fee, '0.122')
    same(total, '61.122')
    // The exchange lets it go to 2.00 + 5 % = 2.10: 63, and 0.126 on it.
    same(worstTotal, '63.126')
  })

  test('a market order ends where its protection does, and the rest is not bought', () => {
    // 20 at 2.00 and 50 at 2.10; 2.11 is past it.
    const { taken, left, worstPrice } = estimate(asked({ quantity: '75.0' }))
    same(taken, '70')
    same(left, '5')
    same(worstPrice, '2.10')
  })

  test('a market sell brings in what is left of it after the fee', () => {
    // 10 × 1.98 = 19.80 and 5 × 1.95 = 9.75: 29.55; the fees are 0.0396 and 0.0195.
    const { total, fee, averagePrice } = estimate(asked({ side: 'sell', quantity: '15.0' }))
    same(fee, '0.0591')
    same(total, '29.4909')
    expect(averagePrice).toBe('1.9700')
  })

  test('a limit order pays the taker for what crosses and the maker for what rests', () => {
    const { taken, left, worstPrice, fee, total } = estimate(
      asked({ type: 'limit', price: '2.05', quantity: '30.0', mayRest: true }),
    )
    same(taken, '20')
    same(left, '10')
    same(worstPrice, '2.05')
    // 40 × 0.2 % = 0.08 and 20.50 × 0.1 % = 0.0205.
    same(fee, '0.1005')
    same(total, '60.6005')
  })

  test('a stop is only known by how far it may go from its trigger', () => {
    const stop = estimate(asked({ type: 'stop', side: 'sell', trigger: '1.90', quantity: '10.0' }))
    // 5 % of 1.90 is 0.095, which is 0.09 in ticks.
    same(stop.worstPrice, '1.81')
    expect(stop.averagePrice).toBeNull()
    expect(stop.total).toBeNull()
    // 18.10 − 0.0362.
    same(stop.worstTotal, '18.0638')
    same(estimate(asked({ type: 'stop_limit', trigger: '2.2', price: '2.25' })).worstPrice, '2.25')
  })

  test('without a book or a price there is nothing to say', () => {
    expect(estimate(asked({ book: undefined }))).toMatchObject({ worstPrice: null, total: null, fee: null })
    expect(estimate(asked({ type: 'limit' })).worstPrice).toBeNull()
  })
})

describe('how much one can order', () => {
  test('a part of what there is to sell, in whole lots', () => {
    expect(affordable('0.25', '10.7', asked({ side: 'sell' }))).toBe('2.6')
  })

  test('a buy leaves room for the fee, and for the way of a market order', () => {
    // 100 / (2.00 × 1.002) = 49.9001…
    expect(affordable('1', '100', asked({ type: 'limit', price: '2.00' }))).toBe('49.9')
    // At most 2.10 for each: 100 / 2.1042 = 47.5239…
    expect(affordable('1', '100', asked({}))).toBe('47.5')
    expect(affordable('1', '100', asked({ type: 'limit' }))).toBeUndefined()
  })
})

test('fees are rounded up, steps down', () => {
  expect(feeOn('0.333333', '0.002', rules)).toBe('0.000667')
  expect(cut('1.2345', 2)).toBe('1.23')
  expect(toStep('2.37', '0.05')).toBe('2.35')
  expect(toStep('1234', '100')).toBe('1200')
  expect(isMultiple('2.300', '0.1')).toBe(true)
  expect(isMultiple('2.35', '0.1')).toBe(false)
  expect(protectedPrice(rules, 'sell', '0.01')).toBe('0.01')
})
