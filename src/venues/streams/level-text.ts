import { formatDecimal, trimDecimal } from '../../kernel/index.ts'

/** From here on JavaScript writes a number without an exponent. */
const PLAIN_MIN = 1e-6
/** Up to here every number of units has a floating point number of its own whose shortest text is the decimal itself. */
const EXACT_MAX = 1e15

/** The decimal of whole units without trailing zeros, as venues write it: `plainText(50230, 5) === '0.5023'`. */
export function plainText(units: number, scale: number): string {
  const value = units / 10 ** scale
  return units <= EXACT_MAX && value >= PLAIN_MIN ? String(value) : trimDecimal(formatDecimal(BigInt(units), scale))
}
