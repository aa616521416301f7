import { assert } from '../kernel/index.ts'

/**
 * Performance statistics over simple periodic returns (0.01 = +1 %). Definitions are those of empyrical 0.5
 * (Quantopian, stats.py), so that the figures can be compared. `periods` is the number of periods in a year: 365 for
 * daily returns of a market that never closes. Where a figure is not defined it is NaN, never zero.
 */
export const DAYS_PER_YEAR = 365

/** Growth of 1 over all returns, minus 1. */
export function cumulativeReturn(returns: readonly number[]): number {
  if (returns.length === 0) return Number.NaN
  let growth = 1
  for (const r of returns) growth *= 1 + (Number.isNaN(r) ? 0 : r)
  return growth - 1
}

/** Largest fall from a peak, as a fraction ≤ 0; the start counts as a peak. */
export function maxDrawdown(returns: readonly number[]): number {
  if (returns.length === 0) return Number.NaN
  return drawdowns(returns).reduce((worst, fall) => Math.min(worst, fall), 0)
}

/** Fall from the highest value so far, after every return; ≤ 0. */
export function drawdowns(returns: readonly number[]): number[] {
  let value = 1
  let peak = 1
  return returns.map(r => {
    value *= 1 + (Number.isNaN(r) ? 0 : r)
    if (value > peak) peak = value
    return value / peak - 1
  })
}

/** Compound annual growth rate. */
export function annualReturn(returns: readonly number[], periods: number): number {
  if (returns.length === 0) return Number.NaN
  const growth = 1 + cumulativeReturn(returns)
  return growth ** (periods / returns.length) - 1
}

/** Standard deviation (n − 1) scaled by the root of the periods. */
export const annualVolatility = (returns: readonly number[], periods: number): number =>
  returns.length < 2 ? Number.NaN : deviation(returns) * Math.sqrt(periods)

/** Mean excess return over its standard deviation (n − 1), annualised. A straight line gives ±Infinity. */
export function sharpe(returns: readonly number[], periods: number, riskFree: number | readonly number[] = 0): number {
  if (returns.length < 2) return Number.NaN
  const excess = less(returns, riskFree)
  return (mean(excess) / deviation(excess)) * Math.sqrt(periods)
}

/** Root mean square of what falls short of `required`, annualised. */
export function downsideRisk(
  returns: readonly number[],
  periods: number,
  required: number | readonly number[] = 0,
): number {
  if (returns.length === 0) return Number.NaN
  const short = less(returns, required).map(r => Math.min(r, 0))
  return Math.sqrt(mean(short.map(r => r * r))) * Math.sqrt(periods)
}

/** Mean excess return, annualised, over the downside risk. */
export function sortino(returns: readonly number[], periods: number, required: number | readonly number[] = 0): number {
  if (returns.length < 2) return Number.NaN
  return (mean(less(returns, required)) * periods) / downsideRisk(returns, periods, required)
}

/** Annual return over the largest drawdown; NaN when there was none. */
export function calmar(returns: readonly number[], periods: number): number {
  const worst = maxDrawdown(returns)
  return worst < 0 ? annualReturn(returns, periods) / Math.abs(worst) : Number.NaN
}

/**
 * Gains over losses around a threshold (Keating and Shadwick 2002). `required` is an annual rate, brought to one period.
 * NaN when nothing lies below.
 */
export function omega(
  returns: readonly number[],
  periods: number,
  riskFree: number | readonly number[] = 0,
  required = 0,
): number {
  if (returns.length < 2 || required <= -1) return Number.NaN
  const threshold = periods === 1 ? required : (1 + required) ** (1 / periods) - 1
  const excess = less(returns, riskFree).map(r => r - threshold)
  let above = 0
  let below = 0
  for (const r of excess) {
    if (r > 0) above += r
    else if (r < 0) below -= r
  }
  return below > 0 ? above / below : Number.NaN
}

/** 95th percentile over the size of the 5th: how the good tail compares with the bad one. */
export function tailRatio(returns: readonly number[]): number {
  const known = returns.filter(r => !Number.isNaN(r))
  if (known.length === 0) return Number.NaN
  return Math.abs(percentile(known, 95)) / Math.abs(percentile(known, 5))
}

/** R² of a straight line through the cumulative logarithmic returns: 1 is perfectly steady growth. */
export function stability(returns: readonly number[]): number {
  const known = returns.filter(r => !Number.isNaN(r))
  if (known.length < 2) return Number.NaN
  let total = 0
  const curve = known.map(r => {
    total += Math.log1p(r)
    return total
  })
  return (
    correlation(
      curve.map((_, i) => i),
      curve,
    ) ** 2
  )
}

/** Percentile with linear interpolation between order statistics (NumPy's default). */
export function percentile(values: readonly number[], percent: number): number {
  assert(values.length > 0 && percent >= 0 && percent <= 100, 'percentile needs values and 0 to 100')
  const sorted = [...values].sort((a, b) => a - b)
  const rank = ((sorted.length - 1) * percent) / 100
  const low = Math.floor(rank)
  const high = Math.ceil(rank)
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (rank - low)
}

const known = (values: readonly number[]): number[] => values.filter(value => !Number.isNaN(value))

function mean(values: readonly number[]): number {
  const those = known(values)
  return those.reduce((sum, value) => sum + value, 0) / those.length
}

function deviation(values: readonly number[]): number {
  const those = known(values)
  const center = mean(those)
  return Math.sqrt(those.reduce((sum, value) => sum + (value - center) ** 2, 0) / (those.length - 1))
}

const less = (returns: readonly number[], by: number | readonly number[]): number[] =>
  returns.map((r, i) => r - (typeof by === 'number' ? by : by[i]!))

function correlation(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [mean(x), mean(y)]
  let [sxy, sxx, syy] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [x[i]! - mx, y[i]! - my]
    sxy += dx * dy
    sxx += dx * dx
    syy += dy * dy
  }
  return sxy / Math.sqrt(sxx * syy)
}
