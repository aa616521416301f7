import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defineInstrument, type Side, type VenueFill } from '../../kernel/index.ts'
import { applyFill, cashOf, equityOf, FLAT, type Position, unrealisedOf } from './position.ts'

/** A tick is 0.01 and a lot 0.1: price × quantity is counted in thousandths. */
const instrument = defineInstrument({ venue: 'paper', pair: 'ABC/USD', tick: '0.01', lot: '0.1' })

type Step = readonly [side: Side, price: number, quantity: number, fee?: bigint]
const fillOf = ([, price, quantity, fee = 0n]: Step): VenueFill => ({
  id: 'f',
  price,
  quantity,
  liquidity: 'taker',
  fee,
})
const run = (...steps: readonly Step[]): Position =>
  steps.reduce((position, step) => applyFill(instrument, position, step[0], fillOf(step)), FLAT)

// By hand: 100 ticks are 1.00 USD, 10 lots are 1 ABC; 100 × 10 = 1,000 thousandths = 1.000 USD.

test('adding moves the average', () => {
  expect(run(['buy', 100, 10], ['buy', 200, 30])).toEqual({ quantity: 40, cost: 7_000n, realised: 0n, fees: 0n })
})

test('reducing realises against the average and leaves it', () => {
  // 40 lots at an average of 175; 10 sold at 300 gain (300 − 175) × 10.
  const position = run(['buy', 100, 10], ['buy', 200, 30], ['sell', 300, 10])
  expect(position).toEqual({ quantity: 30, cost: 5_250n, realised: 1_250n, fees: 0n })
})

test('closing leaves nothing open; fees are apart from profit', () => {
  const position = run(['buy', 100, 10, 3n], ['buy', 200, 30, 16n], ['sell', 300, 40, 31n])
  expect(position).toEqual({ quantity: 0, cost: 0n, realised: 5_000n, fees: 50n })
  expect(cashOf(1_000_000n, position)).toBe(1_004_950n)
})

test('a short gains when it is bought back lower', () => {
  expect(run(['sell', 200, 10])).toEqual({ quantity: -10, cost: 2_000n, realised: 0n, fees: 0n })
  expect(run(['sell', 200, 10], ['buy', 150, 4])).toEqual({ quantity: -6, cost: 1_200n, realised: 200n, fees: 0n })
})

test('crossing zero closes at the average and opens the rest at the fill’s price', () => {
  const short = run(['buy', 100, 10], ['sell', 120, 25, 7n])
  expect(short).toEqual({ quantity: -15, cost: 1_800n, realised: 200n, fees: 7n })
  const long = run(['sell', 100, 10], ['buy', 90, 30])
  expect(long).toEqual({ quantity: 20, cost: 1_800n, realised: 100n, fees: 0n })
})

test('parts that do not divide leave no unit behind', () => {
  // 3 lots for 100 + 100 + 101 = 301: thirds of it are not whole.
  const open = run(['buy', 100, 2], ['buy', 101, 1])
  const first = applyFill(instrument, open, 'sell', fillOf(['sell', 110, 1]))
  expect([first.cost, first.realised]).toEqual([201n, 10n]) // 100⅓ rounded to 100
  const second = applyFill(instrument, first, 'sell', fillOf(['sell', 110, 1]))
  expect([second.cost, second.realised]).toEqual([100n, 19n]) // 100½ rounded up to 101
  const last = applyFill(instrument, second, 'sell', fillOf(['sell', 110, 1]))
  expect(last).toEqual({ quantity: 0, cost: 0n, realised: 29n, fees: 0n }) // 330 − 301
})

test('what is open is valued at the mark, in both directions', () => {
  expect(unrealisedOf(instrument, run(['buy', 100, 10]), 130)).toBe(300n)
  expect(unrealisedOf(instrument, run(['sell', 100, 10]), 130)).toBe(-300n)
  expect(unrealisedOf(instrument, FLAT, 130)).toBe(0n)
  expect(equityOf(instrument, 5_000n, run(['buy', 100, 10, 2n]), 130)).toBe(5_298n)
  expect(equityOf(instrument, 5_000n, run(['buy', 100, 10, 2n]), null)).toBe(4_998n)
})

test('a rebate is a negative fee: it adds to cash', () => {
  expect(cashOf(5_000n, run(['buy', 100, 10, -1n]))).toBe(4_001n)
})

/** The naive way: exact fractions, no rounding anywhere. */
class Fraction {
  readonly n: bigint
  readonly d: bigint
  constructor(n: bigint, d = 1n) {
    this.n = d < 0n ? -n : n
    this.d = d < 0n ? -d : d
  }
  plus(other: Fraction): Fraction {
    return new Fraction(this.n * other.d + other.n * this.d, this.d * other.d)
  }
  times(n: bigint, d = 1n): Fraction {
    return new Fraction(this.n * n, this.d * d)
  }
  /** |this − whole| × 2 ≤ twice */
  isWithinHalves(whole: bigint, halves: bigint): boolean {
    const distance = this.n - whole * this.d
    return (distance < 0n ? -distance : distance) * 2n <= halves * this.d
  }
}

const steps = fc.array(
  fc.tuple(
    fc.constantFrom<Side>('buy', 'sell'),
    fc.integer({ min: 1, max: 1_000_000 }),
    fc.integer({ min: 1, max: 100_000 }),
    fc.bigInt({ min: -50n, max: 1_000n }),
  ),
  { maxLength: 30 },
)

test('whatever is traded, cash and value add up to the unit, and the average is that of exact fractions', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 1_000_000 }), (fills, mark) => {
      const allocation = 1_000_000_000n
      let cash = allocation
      let quantity = 0n
      let cost = new Fraction(0n)
      let reductions = 0n
      let position = FLAT
      for (const step of fills) {
        const [side, price, lots, fee] = step
        const signed = side === 'buy' ? BigInt(lots) : -BigInt(lots)
        cash -= signed * BigInt(price) + fee
        const before = quantity
        quantity += signed
        const size = (n: bigint) => (n < 0n ? -n : n)
        if (before === 0n || before > 0n === signed > 0n) cost = cost.plus(new Fraction(BigInt(price) * size(signed)))
        else if (size(signed) > size(before)) {
          cost = new Fraction(BigInt(price) * size(quantity))
          reductions = 0n
        } else {
          cost = cost.times(size(quantity), size(before))
          reductions += 1n
        }
        position = applyFill(instrument, position, side, fillOf(step))
        expect(BigInt(position.quantity)).toBe(quantity)
        expect(position.cost >= 0n).toBe(true)
        if (quantity === 0n) expect(position.cost).toBe(0n)
        expect(cost.isWithinHalves(position.cost, reductions)).toBe(true)
        expect(cashOf(allocation, position)).toBe(cash)
        const value = quantity * BigInt(mark)
        expect(equityOf(instrument, allocation, position, mark)).toBe(cash + value)
        const { realised, fees } = position
        expect(allocation + realised + unrealisedOf(instrument, position, mark) - fees).toBe(cash + value)
      }
    }),
    { numRuns: 400 },
  )
})

describe('a fee in the base asset', () => {
  // A lot is 0.1 XRP, bought at 0.5: amounts are in units of 0.00001 USD.
  const XRP = defineInstrument({ venue: 'binance', pair: 'XRP/USDT', tick: '0.0001', lot: '0.1' })
  const bought = (amount: string, quantity = 1_000): VenueFill => ({
    id: 'f',
    price: 5_000,
    quantity,
    liquidity: 'taker',
    fee: 0n,
    feeIn: { asset: 'XRP', amount },
  })

  test('takes lots out of the position at their cost; what was paid has left the cash, and no more', () => {
    const position = applyFill(XRP, FLAT, 'buy', bought('0.1'))
    expect(position).toMatchObject({ quantity: 999, cost: 4_995_000n, fees: 5_000n })
    // 100 XRP for 50 USD: 1,000 USD less 50.
    expect(cashOf(100_000_000n, position)).toBe(95_000_000n)
  })

  test('of a part of a lot takes a whole one, and the next takes what is left of it first', () => {
    const once = applyFill(XRP, FLAT, 'buy', bought('0.04'))
    expect([once.quantity, once.baseFeeLots]).toEqual([999, 1])
    const twice = applyFill(XRP, once, 'buy', bought('0.06'))
    expect([twice.quantity, twice.baseFeeLots]).toEqual([1_999, 1])
    const thrice = applyFill(XRP, twice, 'buy', bought('0.0000001'))
    expect([thrice.quantity, thrice.baseFeeLots]).toEqual([2_998, 2])
  })

  test('of a sale is taken from what is left', () => {
    const held = applyFill(XRP, FLAT, 'buy', bought('0'))
    const sold = applyFill(XRP, held, 'sell', { ...bought('0.1', 1_000), price: 6_000 })
    expect(sold).toMatchObject({ quantity: 0, cost: 0n, baseFeeLots: 0 })
    // The lot that is owed is taken from what is bought next.
    expect(applyFill(XRP, sold, 'buy', bought('0')).quantity).toBe(999)
  })
})
