/** Digits that a double carries for certain: a decimal of at most so many survives the way there and back. */
const EXACT_DIGITS = 15

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
  if (cell.length <= EXACT_DIGITS) {
    const point = cell.indexOf('.')
    if (point < 0 && !hasExponent(cell)) return 0
    if (point >= 0 && !hasExponent(cell)) return lastDigitAt(cell, point) - point
  }
  return decimalsOfLong(cell)
}

const hasExponent = (cell: string): boolean => cell.includes('e') || cell.includes('E')

/** Position of the last decimal that is not a trailing zero; that of the point when there is none. */
function lastDigitAt(mantissa: string, point: number): number {
  let last = mantissa.length - 1
  while (last > point && mantissa.charCodeAt(last) === DIGIT_0) last -= 1
  return last
}

function decimalsOfLong(cell: string): number {
  const exponentAt = cell.search(/[eE]/)
  const mantissa = exponentAt < 0 ? cell : cell.slice(0, exponentAt)
  const point = mantissa.indexOf('.')
  const end = point < 0 ? mantissa.length : lastDigitAt(mantissa, point) + 1
  if (significantDigits(mantissa.slice(0, end)) > EXACT_DIGITS) return Number.POSITIVE_INFINITY
  const decimals = point < 0 ? 0 : end - point - 1
  return exponentAt < 0 ? decimals : Math.max(0, decimals - Number(cell.slice(exponentAt + 1)))
}

const significantDigits = (mantissa: string): number => mantissa.replace(/[-.]/g, '').replace(/^0+/, '').length
