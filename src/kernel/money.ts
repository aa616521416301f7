import { divideHalfUp, formatDecimal, powerOfTen } from './decimal.ts'

/** `units` of scale `scale` as decimal text with `decimals` places, rounded half away from zero: for showing. */
export function roundedText(units: bigint, scale: number, decimals: number): string {
  if (decimals >= scale) return formatDecimal(units * powerOfTen(decimals - scale), decimals)
  return formatDecimal(divideHalfUp(units, powerOfTen(scale - decimals)), decimals)
}
