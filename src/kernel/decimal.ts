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
