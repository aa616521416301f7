import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  AppError,
  divideHalfUp,
  divideUp,
  formatDecimal,
  isDecimal,
  parseDecimal,
  rescale,
  scaleOf,
  trimDecimal,
} from './index.ts'

const units = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n })
const scale = fc.integer({ min: 0, max: 18 })

describe('decimals', () => {
  test('what is formatted parses to the same units', () => {
    fc.assert(
      fc.property(units, scale, (value, digits) => {
        expect(parseDecimal(formatDecimal(value, digits), digits)).toBe(value)
      }),
    )
  })

  test('trailing zeros change nothing, and trimming them keeps the value', () => {
    fc.assert(
      fc.property(units, scale, (value, digits) => {
        const text = formatDecimal(value, digits)
        const trimmed = trimDecimal(text)
        expect(isDecimal(trimmed)).toBe(true)
        expect(parseDecimal(trimmed, digits)).toBe(value)
        expect(scaleOf(text)).toBe(scaleOf(trimmed))
        expect(scaleOf(trimmed)).toBeLessThanOrEqual(digits)
      }),
    )
  })

  test('more decimals than the scale are refused, never rounded', () => {
    fc.assert(
      fc.property(units, scale, (value, digits) => {
        const text = formatDecimal(value * 10n + 1n, digits + 1)
        expect(() => parseDecimal(text, digits, 'price')).toThrow(AppError)
      }),
    )
  })

  test.each([
    '',
    ' 1',
    '1 ',
    '+1',
    '1e5',
    '.5',
    '5.',
    '--1',
    'NaN',
    'Infinity',
    '0x10',
    '1,5',
    '1_000',
    '٣',
    '9'.repeat(61),
  ])('%j is no decimal', text => {
    expect(isDecimal(text)).toBe(false)
    expect(() => parseDecimal(text, 8)).toThrow('plain decimal')
  })

  test('division up is the smallest whole number not nearer to zero; half up is off by at most a half', () => {
    const divisor = fc.bigInt({ min: 1n, max: 10n ** 12n })
    fc.assert(
      fc.property(units, divisor, (value, by) => {
        const up = divideUp(value, by)
        const size = value < 0n ? -value : value
        const upSize = up < 0n ? -up : up
        expect(upSize * by >= size && (upSize - 1n) * by < size).toBe(true)
        const off = divideHalfUp(value, by) * by - value
        expect((off < 0n ? -off : off) * 2n <= by).toBe(true)
        expect(divideHalfUp(-value, by)).toBe(-divideHalfUp(value, by))
      }),
    )
  })

  test('a larger scale and back is the same', () => {
    fc.assert(
      fc.property(units, scale, scale, (value, from, more) => {
        expect(rescale(rescale(value, from, from + more), from + more, from)).toBe(value)
      }),
    )
  })
})
