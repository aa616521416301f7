/** Digits that a double carries for certain: a decimal of at most so many survives the way there and back. */
export const EXACT_DIGITS = 15

const DIGIT_0 = 48
const DIGIT_9 = 57

/** The number in a cell, or NaN: what JavaScript would take for a number but is none here (blank, hex, Infinity) is NaN too. */
export function numberOf(cell: string | undefined): number {
  if (cell === undefined || cell.length === 0) return Number.NaN
  const first = cell.charCodeAt(0)
  if ((first < DIGIT_0 || first > DIGIT_9) && first !== 45 && first !== 46) return Number.NaN
  const second = cell.charCodeAt(1)
  if (second > DIGIT_9 && second !== 101 && second !== 69) return Number.NaN
  const value = Number(cell)
  return Number.isFinite(value) ? value : Number.NaN
}

/**
 * Decimals of a number's text, trailing zeros not counted; `1e-5` has 5. Infinity when it has more digits than a double
 * carries, so that it cannot be kept exactly.
 */
export function decimalsOf(cell: string): number {
  const exponentAt = cell.search(/[eE]/)
  const mantissa = exponentAt < 0 ? cell : cell.slice(0, exponentAt)
  const point = mantissa.indexOf('.')
  let end = mantissa.length
  if (point >= 0) while (end > point + 1 && mantissa.charCodeAt(end - 1) === DIGIT_0) end -= 1
  const decimals = point < 0 ? 0 : end - point - 1
  if (end > EXACT_DIGITS && significantDigits(mantissa.slice(0, end)) > EXACT_DIGITS) return Number.POSITIVE_INFINITY
  return exponentAt < 0 ? decimals : Math.max(0, decimals - Number(cell.slice(exponentAt + 1)))
}

const significantDigits = (mantissa: string): number => mantissa.replace(/[-.]/g, '').replace(/^0+/, '').length
