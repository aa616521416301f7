import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  defineInstrument,
  lotsFromFloat,
  lotsOf,
  lotText,
  notionalOf,
  notionalScale,
  parseDecimal,
  priceFloat,
  priceText,
  quantityFloat,
  quantityText,
  ticksFromFloat,
  ticksOf,
  tickText,
} from './index.ts'

const step = fc.constantFrom('1', '5', '0.5', '0.25', '0.1', '0.01', '0.0001', '0.00001', '0.00000001')
const instrument = fc
  .record({ tick: step, lot: step })
  .map(({ tick, lot }) => defineInstrument({ venue: 'paper', pair: 'XRP/USD', tick, lot }))
const count = fc.integer({ min: 0, max: 1_000_000_000 })

describe('instruments', () => {
  test('ticks and lots go to text and back', () => {
    fc.assert(
      fc.property(instrument, count, (one, steps) => {
        expect(ticksOf(one, priceText(one, steps))).toBe(steps)
        expect(lotsOf(one, quantityText(one, steps))).toBe(steps)
        expect([tickText(one), lotText(one)]).toEqual([priceText(one, 1), quantityText(one, 1)])
      }),
    )
  })

  test('price × quantity is exact', () => {
    fc.assert(
      fc.property(instrument, count, count, (one, price, quantity) => {
        const a = parseDecimal(priceText(one, price), one.priceScale)
        const b = parseDecimal(quantityText(one, quantity), one.quantityScale)
        expect(notionalOf(one, price, quantity)).toBe(a * b)
        expect(notionalScale(one)).toBe(one.priceScale + one.quantityScale)
      }),
    )
  })

  test('floating prices come back to the tick they came from', () => {
    fc.assert(
      fc.property(instrument, count, (one, steps) => {
        expect(ticksFromFloat(one, priceFloat(one, steps))).toBe(steps)
        expect(Math.abs(lotsFromFloat(one, quantityFloat(one, steps)) - steps)).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('off the tick, no decimal, or of no pair: refused, and the field is named', () => {
    const xrp = defineInstrument({ venue: 'paper', pair: 'XRP/USD', tick: '0.5', lot: '0.1' })
    expect(() => ticksOf(xrp, '1.3')).toThrow('price: is a multiple of the tick 0.5')
    expect(() => ticksOf(xrp, '1.25')).toThrow('price: has at most 1 decimals')
    expect(() => lotsOf(xrp, 'x')).toThrow('quantity: must be a plain decimal')
    expect(() => defineInstrument({ venue: 'paper', pair: 'XRPUSD', tick: '1', lot: '1' })).toThrow(
      'pair: looks like XRP/USD',
    )
    expect(() => defineInstrument({ venue: 'paper', pair: 'XRP/USD', tick: '0', lot: '1' })).toThrow(
      'tick: is above zero',
    )
  })
})
