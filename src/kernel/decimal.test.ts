import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  AppError,
  divideHalfUp,
  divideUp,
  formatDecimal,
  isDecimal,
  parseDecimal,
  readSteps,
  readStepsDown,
  readStepsOfNumber,
  readStepsOfNumberDown,
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

describe('steps without bigint', () => {
  const oracle = (text: string, digits: number, step: number): number => {
    try {
      const value = parseDecimal(text, digits)
      if (value % BigInt(step) !== 0n) return Number.NaN
      const steps = Number(value / BigInt(step))
      return Number.isSafeInteger(Number(value)) ? steps : Number.NaN
    } catch {
      return Number.NaN
    }
  }
  const step = fc.constantFrom(1, 1, 2, 5, 25, 1_000)
  const decimal = fc
    .tuple(fc.constantFrom('', '', '-'), fc.nat(), fc.nat(), fc.nat(8), fc.nat(3))
    .map(([sign, whole, part, zeros, more]) =>
      `${sign}${whole}.${String(part)}${'0'.repeat(zeros)}`.slice(0, 60 - more),
    )
  const noise = fc.string({ unit: fc.constantFrom('0', '1', '9', '.', '-', 'e', ' '), maxLength: 24 })

  test('they are those of parseDecimal, or NaN where it refuses or the number is not safe', () => {
    fc.assert(
      fc.property(fc.oneof(decimal, noise), scale, step, (text, digits, by) => {
        expect(readSteps(text, digits, by)).toBe(oracle(text, digits, by))
      }),
      { numRuns: 2_000 },
    )
  })

  test('every number of units that is safe is read back from its text', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), scale, (value, digits) => {
        expect(readSteps(formatDecimal(BigInt(value), digits), digits, 1)).toBe(value)
      }),
    )
  })

  test.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', Number.NaN],
    ['0.1', Number.NaN],
    ['1.', Number.NaN],
    ['', Number.NaN],
    ['-', Number.NaN],
    ['-0', 0],
    ['000012', 12],
  ])('%j at scale 0 is %d', (text, units) => expect(readSteps(text, 0, 1)).toBe(units))

  test('a JSON number gives the units of the decimal it was written as', () => {
    const few = fc.integer({ min: -(2 ** 51) + 1, max: 2 ** 51 - 1 })
    fc.assert(
      fc.property(few, scale, step, (value, digits, by) => {
        const text = formatDecimal(BigInt(value), digits)
        expect(readStepsOfNumber(JSON.parse(text), digits, by)).toBe(oracle(text, digits, by))
      }),
      { numRuns: 2_000 },
    )
  })

  test('a JSON number between two steps, too large or none is NaN', () => {
    for (const [value, digits] of [
      [0.15, 1],
      [2 ** 51, 0],
      [1e300, 2],
      [Number.POSITIVE_INFINITY, 2],
      [Number.NaN, 2],
      [0.1 + 0.2, 8],
    ] as const)
      expect(readStepsOfNumber(value, digits, 1)).toBeNaN()
  })

  test('going down gives the steps that are whole, of text and of a JSON number', () => {
    const few = fc.integer({ min: 0, max: 2 ** 50 })
    fc.assert(
      fc.property(few, fc.nat(6), fc.nat(3), step, (value, digits, more, by) => {
        const text = formatDecimal(BigInt(value), digits + more)
        const down = Number(BigInt(value) / 10n ** BigInt(more) / BigInt(by))
        expect(readStepsDown(text, digits, by)).toBe(down)
        expect(readStepsOfNumberDown(Number(text), digits, by)).toBe(down)
      }),
      { numRuns: 2_000 },
    )
    for (const text of ['-1', '', 'x', '1.x', '9007199254740993']) expect(readStepsDown(text, 0, 1)).toBeNaN()
    for (const value of [-1, Number.NaN, 2 ** 52]) expect(readStepsOfNumberDown(value, 0, 1)).toBeNaN()
  })
})
