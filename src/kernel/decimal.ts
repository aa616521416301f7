import { assert } from './assert.ts'
import { AppError } from './errors.ts'
import { DECIMAL_LENGTH_MAX } from './limits.ts'

/**
 * Decimals are scaled integers: `value = units / 10^scale`. On the wire they are plain decimal strings;
 * no exponent, no sign but a leading '-', no NaN. Nothing here rounds unless it says so.
 */
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/

const POWERS: readonly bigint[] = Array.from({ length: 60 }, (_, i) => 10n ** BigInt(i))

/** 10^exponent as a bigint, for 0 ≤ exponent < 60. */
export function powerOfTen(exponent: number): bigint {
  const power = POWERS[exponent]
  assert(power !== undefined, `powerOfTen(${exponent}) is out of range`)
  return power
}

/** Whether the text is a plain decimal, e.g. `-12.50`. */
export const isDecimal = (text: string): boolean => text.length <= DECIMAL_LENGTH_MAX && DECIMAL.test(text)

/** Digits after the point, trailing zeros not counted: `scaleOf('1.2500') === 2`. */
export function scaleOf(text: string): number {
  const match = DECIMAL.exec(text)
  if (!match) throw notDecimal('value', text)
  return (match[3] ?? '').replace(/0+$/, '').length
}

const notDecimal = (field: string, text: string) =>
  new AppError('request.invalid', {
    field,
    rule: `must be a plain decimal of at most ${DECIMAL_LENGTH_MAX} characters`,
    value: text.slice(0, 80),
  })

/**
 * Units of `10^-scale` in `text`, exactly.
 * @throws AppError `request.invalid` naming `field` when it is no decimal or has more than `scale` decimals.
 * @example parseDecimal('1.25', 4) // 12500n
 */
export function parseDecimal(text: string, scale: number, field = 'value'): bigint {
  const match = text.length <= DECIMAL_LENGTH_MAX ? DECIMAL.exec(text) : null
  if (!match) throw notDecimal(field, text)
  const fraction = (match[3] ?? '').replace(/0+$/, '')
  if (fraction.length > scale)
    throw new AppError('request.invalid', { field, rule: `has at most ${scale} decimals`, value: text })
  const units = BigInt(match[2]! + fraction.padEnd(scale, '0'))
  return match[1] === '-' ? -units : units
}

/**
 * The decimal string of `units / 10^scale`, always with `scale` decimals.
 * @example formatDecimal(12500n, 4) // '1.2500'
 */
export function formatDecimal(units: bigint, scale: number): string {
  const negative = units < 0n
  const digits = (negative ? -units : units).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const text = scale === 0 ? whole : `${whole}.${digits.slice(digits.length - scale)}`
  return negative ? `-${text}` : text
}

/** The same value without trailing zeros: `trimDecimal('1.2500') === '1.25'`. */
export const trimDecimal = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)

/** Division that rounds away from zero: what a fee does, so that it is never too small. */
export function divideUp(numerator: bigint, denominator: bigint): bigint {
  assert(denominator > 0n, 'divideUp needs a positive denominator')
  const quotient = numerator / denominator
  if (quotient * denominator === numerator) return quotient
  return numerator < 0n ? quotient - 1n : quotient + 1n
}

/** Division that rounds half away from zero. */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  assert(denominator > 0n, 'divideHalfUp needs a positive denominator')
  const doubled = numerator * 2n
  return doubled < 0n ? -((-doubled + denominator) / (denominator * 2n)) : (doubled + denominator) / (denominator * 2n)
}

/** Scale change; going to fewer decimals rounds half away from zero. */
export function rescale(units: bigint, from: number, to: number): bigint {
  if (to >= from) return units * powerOfTen(to - from)
  return divideHalfUp(units, powerOfTen(from - to))
}

/** For analytics and charts only, never for money: the nearest floating point number. */
export const toFloat = (units: bigint, scale: number): number => Number(units) / 10 ** scale

/** 10^0 to 10^22: the powers of ten that a floating point number holds exactly. */
const EXACT_POWERS: readonly number[] = Array.from({ length: 23 }, (_, i) => Number(powerOfTen(i)))

/**
 * Below this, units found by rounding a floating point number are the only ones it can mean: two halves of an ulp
 * (one from reading the decimal, one from multiplying) stay under half a unit.
 */
const UNITS_FROM_FLOAT_MAX = 2 ** 51

const ZERO = 48
const POINT = 46
const MINUS = 45

/**
 * The same as {@link parseDecimal} divided by `step`, as a safe integer and without bigint: for decoders of streams.
 * NaN, never a rounded number, when the text is no decimal, lies between two steps or does not fit.
 * @example readSteps('0.50230', 4, 1) // 5023
 */
export const readSteps = (text: string, scale: number, step: number): number => parseSteps(text, scale, step, false)

/** The same, but what is above zero and lies between two steps is the lower one: for quantities of which a rest can be left out. */
export const readStepsDown = (text: string, scale: number, step: number): number => parseSteps(text, scale, step, true)

function parseSteps(text: string, scale: number, step: number, isDown: boolean): number {
  const { length } = text
  if (length > DECIMAL_LENGTH_MAX) return Number.NaN
  const start = text.charCodeAt(0) === MINUS ? 1 : 0
  let units = 0
  let i = start
  for (; i < length; i++) {
    const digit = text.charCodeAt(i) - ZERO
    if (digit < 0 || digit > 9) break
    units = units * 10 + digit
  }
  if (i === start) return Number.NaN
  let missing = scale
  if (i < length) {
    if (text.charCodeAt(i) !== POINT || ++i === length) return Number.NaN
    for (; i < length; i++) {
      const digit = text.charCodeAt(i) - ZERO
      if (digit < 0 || digit > 9) return Number.NaN
      if (missing > 0) {
        units = units * 10 + digit
        missing -= 1
      } else if (digit !== 0 && !isDown) return Number.NaN
    }
  }
  if (units === 0) return 0
  if (missing > 0) units *= EXACT_POWERS[missing] ?? Number.NaN
  if (!(units <= Number.MAX_SAFE_INTEGER)) return Number.NaN
  if (start === 1) return isDown ? Number.NaN : wholeSteps(-units, step)
  return isDown ? Math.floor(units / step) : wholeSteps(units, step)
}

/**
 * Steps in a JSON number, which a venue wrote as a decimal of at most `scale` digits after the point. NaN unless
 * exactly one number of units is written so: then rounding finds it, and dividing gives the same number back.
 */
export function readStepsOfNumber(value: number, scale: number, step: number): number {
  const power = EXACT_POWERS[scale] ?? Number.NaN
  const units = Math.round(value * power)
  if (!(units < UNITS_FROM_FLOAT_MAX && units > -UNITS_FROM_FLOAT_MAX) || units / power !== value) return Number.NaN
  return units === 0 ? 0 : wholeSteps(units, step)
}

/** The same, but what lies between two steps is the lower one; NaN for what is negative or too large. */
export function readStepsOfNumberDown(value: number, scale: number, step: number): number {
  const exact = readStepsOfNumber(value, scale, 1)
  if (exact >= 0) return Math.floor(exact / step)
  const power = EXACT_POWERS[scale] ?? Number.NaN
  const units = Math.floor(value * power)
  if (!(units >= 0 && units < UNITS_FROM_FLOAT_MAX)) return Number.NaN
  // The product may have been rounded up to a whole number that is above the value.
  return Math.floor((units / power > value ? units - 1 : units) / step)
}

function wholeSteps(units: number, step: number): number {
  if (step === 1) return units
  const steps = Math.round(units / step)
  return steps * step === units ? steps : Number.NaN
}
