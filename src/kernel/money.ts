import { assert } from './assert.ts'
import { divideHalfUp, formatDecimal, parseDecimal, powerOfTen } from './decimal.ts'

/** An asset and the scale in which all its amounts are kept, fixed for good. */
export interface Asset {
  readonly code: string
  /** Decimals of the smallest unit: 8 for BTC. */
  readonly scale: number
}

/** An exact amount: `units / 10^asset.scale` of the asset. */
export interface Money {
  readonly asset: Asset
  readonly units: bigint
}

export const money = (asset: Asset, text: string): Money => ({
  asset,
  units: parseDecimal(text, asset.scale, asset.code),
})
export const zero = (asset: Asset): Money => ({ asset, units: 0n })
export const moneyText = (amount: Money): string => formatDecimal(amount.units, amount.asset.scale)

export function add(a: Money, b: Money): Money {
  assert(
    a.asset.code === b.asset.code && a.asset.scale === b.asset.scale,
    `${a.asset.code} and ${b.asset.code} do not add`,
  )
  return { asset: a.asset, units: a.units + b.units }
}

export const subtract = (a: Money, b: Money): Money => add(a, { asset: b.asset, units: -b.units })

/** `units` of scale `scale` as decimal text with `decimals` places, rounded half away from zero: for showing. */
export function roundedText(units: bigint, scale: number, decimals: number): string {
  if (decimals >= scale) return formatDecimal(units * powerOfTen(decimals - scale), decimals)
  return formatDecimal(divideHalfUp(units, powerOfTen(scale - decimals)), decimals)
}
