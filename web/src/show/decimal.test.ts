import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  compare,
  decimalsOf,
  divide,
  glanceStep,
  minus,
  parseDecimal,
  rescale,
  signOf,
  sum,
  textOf,
  times,
} from './decimal.ts'

describe('decimal texts', () => {
  test('sums what floats cannot', () => {
    expect(sum(['0.1', '0.2'])).toBe('0.3')
    expect(sum(['9007199254740993', '0.000000000000000001'])).toBe('9007199254740993.000000000000000001')
    expect(sum([])).toBe('0')
  })

  test('reads scientific notation and refuses what is no number', () => {
    expect(textOf(parseDecimal('1.5e3')!)).toBe('1500')
    expect(textOf(parseDecimal('25e-4')!)).toBe('0.0025')
    for (const text of ['', '-', '1.', '.5', 'NaN', '0x1', '1,000', '1e9999'])
      expect(parseDecimal(text)).toBeUndefined()
  })

  test('rounds half away from zero', () => {
    const round = (text: string, scale: number): string => textOf(rescale(parseDecimal(text)!, scale))
    expect(round('0.125', 2)).toBe('0.13')
    expect(round('-0.125', 2)).toBe('-0.13')
    expect(round('0.1249', 2)).toBe('0.12')
    expect(round('-0.004', 2)).toBe('0.00')
    expect(round('5', 2)).toBe('5.00')
  })

  test('tells sign, order and decimals', () => {
    expect([signOf('-0.1'), signOf('0.000'), signOf('3')]).toEqual([-1, 0, 1])
    expect(compare('0.10', '0.1')).toBe(0)
    expect(compare('-2', '1')).toBe(-1)
    expect([decimalsOf('0.0001'), decimalsOf('10'), decimalsOf('0.50')]).toEqual([4, 0, 1])
  })

  test('divides to the decimals wished for, and not by zero', () => {
    expect(divide('1', '3', 4)).toBe('0.3333')
    expect(divide('2', '3', 4)).toBe('0.6667')
    expect(divide('0.0002e4', '0.5234', 1)).toBe('3.8')
    expect(divide('1', '0', 2)).toBeUndefined()
  })

  test('adding and taking away agree with integers', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.nat(9),
        (a, b, scale) => {
          const x = textOf({ digits: a, scale })
          const y = textOf({ digits: b, scale })
          expect(parseDecimal(sum([x, y]))!.digits).toBe(a + b)
          expect(parseDecimal(minus(x, y))!.digits).toBe(a - b)
          expect(parseDecimal(times(x, y))!.digits).toBe(a * b)
        },
      ),
    )
  })
})

test.each([
  ['0.00000001', '2.3005', '0.01'],
  ['0.00000001', '93120.1', '0.000001'],
  ['0.00000001', '0.15', '0.1'],
  ['0.001', '0.15', '0.1'],
  ['1', '0.15', '1'],
  ['0.01', '93120.1', '0.01'],
  ['0.00000001', undefined, '0.00000001'],
])('lots of %s at a price of %s are shown in steps of %s', (lot, price, step) => {
  expect(glanceStep(lot, price)).toBe(step)
})
