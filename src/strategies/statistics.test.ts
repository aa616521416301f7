import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  annualReturn,
  annualVolatility,
  calmar,
  cumulativeReturn,
  downsideRisk,
  drawdowns,
  maxDrawdown,
  omega,
  percentile,
  sharpe,
  sortino,
  stability,
  tailRatio,
} from './statistics.ts'

const file = join(
  process.env.BOURSE_SHARED ?? join(import.meta.dirname, '../../../shared'),
  'cases/risk/empyrical_values.json',
)
const isThere = existsSync(file)

type Expected = number | 'nan' | 'inf'
interface Values {
  decimals: number
  series_percent: Record<string, (number | null)[]>
  annualization: Record<'daily' | 'weekly' | 'monthly', number>
  expected: Record<string, Record<string, Expected> | (number | string)[][]>
}
const values: Values | null = isThere ? JSON.parse(readFileSync(file, 'utf8')) : null

const numberOf = (expected: Expected): number =>
  expected === 'nan' ? Number.NaN : expected === 'inf' ? Number.POSITIVE_INFINITY : expected

/** `mixed_returns/daily`, `mixed_returns` (daily) or `weekly`: the series and the periods in a year. */
function seriesOf({ series_percent, annualization }: Values, name: string): [number[], number] {
  const [key, period = key === 'weekly' || key === 'monthly' ? key : 'daily'] = name.split('/') as [string, string?]
  const percents = series_percent[key === 'weekly' || key === 'monthly' ? 'weekly_or_monthly_returns' : key]!
  return [
    percents.map(percent => (percent === null ? Number.NaN : percent / 100)),
    annualization[period as keyof typeof annualization],
  ]
}

/** Some are published with fewer decimals than the others. */
const decimalsOf = (expected: number): number =>
  Math.min(values!.decimals, String(expected).split('.')[1]?.length ?? values!.decimals)

interface Case {
  title: string
  actual: number
  expected: number
}

/** Every expectation of the file as a case. A group that is not known here fails. */
function casesOf(all: Values): Case[] {
  const series = (name: string) => seriesOf(all, name)[0]
  const single: Record<string, (returns: number[], periods: number) => number> = {
    max_drawdown: maxDrawdown,
    cum_returns_final: cumulativeReturn,
    annual_return: annualReturn,
    cagr: annualReturn,
    annual_volatility: annualVolatility,
    'sharpe(rf=0,daily)': sharpe,
    'sharpe(rf=simple_benchmark)': (returns, periods) => sharpe(returns, periods, series('simple_benchmark')),
    'sortino(req=0)': sortino,
    stability_of_timeseries: stability,
    'excess_sharpe(vs 0)': returns => sharpe(returns, 1),
    'excess_sharpe(vs flat_line_1)': returns => sharpe(returns, 1, series('flat_line_1')),
  }
  const rows: Record<string, (row: (number | string)[]) => number> = {
    'omega(rf,req)': ([name, free, required]) =>
      omega(series(name as string), 252, typeof free === 'string' ? series(free) : free, required as number),
    downside_risk: ([name, required, period]) =>
      downsideRisk(
        series(name as string),
        all.annualization[period as keyof typeof all.annualization],
        required as number,
      ),
  }
  return Object.entries(all.expected).flatMap(([group, expected]): Case[] =>
    Array.isArray(expected)
      ? expected.map(row => ({
          title: `${group} ${row.slice(0, -1).join(' ')}`,
          actual: rows[group]!(row),
          expected: numberOf(row.at(-1) as Expected),
        }))
      : Object.entries(expected).map(([name, one]) => ({
          title: `${group} ${name}`,
          actual: single[group]!(...seriesOf(all, name)),
          expected: numberOf(one),
        })),
  )
}

describe('the published values of empyrical', () => {
  test.skipIf(!isThere)('are all there (skipped where the shared cases are absent)', () => {
    expect(casesOf(values!).length).toBe(40)
  })

  test.skipIf(!isThere).each(values === null ? [{ title: '-', actual: 0, expected: 0 }] : casesOf(values))(
    '$title (skipped where the shared cases are absent)',
    ({ actual, expected }) => {
      if (Number.isFinite(expected)) expect(actual).toBeCloseTo(expected, decimalsOf(expected))
      else expect(actual).toBe(expected)
    },
  )

  const mixed = [Number.NaN, 0.01, 0.1, -0.04, 0.02, 0.03, 0.02, 0.01, -0.1]

  test('calmar', () => {
    expect(calmar(mixed, 252)).toBeCloseTo(19.135925373194233, 8)
  })

  test('tail ratio, whose published value is compared to one decimal there', () => {
    expect(tailRatio(mixed)).toBeCloseTo(0.9473684210526313, 1)
    // By hand, as empyrical leaves out what is no number: of eight values the 95th percentile is 3 + 0.65 × 7.
    expect(tailRatio(mixed)).toBeCloseTo(7.55 / 7.9, 12)
    expect(tailRatio([0.01])).toBe(1)
  })
})

// By hand: 1 → 1.1 → 0.99 → 1.089 → 0.5445 → 0.5445.
const falling = [0.1, -0.1, 0.1, -0.5, 0]

test('drawdowns are measured from the highest value so far; the start counts', () => {
  const expected = [0, 0.99 / 1.1 - 1, 1.089 / 1.1 - 1, 0.5445 / 1.1 - 1, 0.5445 / 1.1 - 1]
  drawdowns(falling).forEach((fall, i) => {
    expect(fall).toBeCloseTo(expected[i]!, 12)
  })
  expect(maxDrawdown(falling)).toBeCloseTo(-0.505, 12)
  expect(drawdowns([-0.2, 0.1])).toEqual([expect.closeTo(-0.2, 12), expect.closeTo(-0.12, 12)])
})

test('percentiles are interpolated between the values, in whatever order these come', () => {
  expect(percentile([4, 1, 3, 2], 0)).toBe(1)
  expect(percentile([4, 1, 3, 2], 100)).toBe(4)
  expect(percentile([4, 1, 3, 2], 50)).toBe(2.5)
  expect(percentile([4, 1, 3, 2], 95)).toBeCloseTo(3.85, 12)
  expect(percentile([10, 2, 33], 25)).toBe(6) // as text, 10 would come before 2
  expect(percentile([7], 5)).toBe(7)
  expect(() => percentile([], 50)).toThrow('percentile')
})

test('what is not defined is not a number, never zero', () => {
  expect(cumulativeReturn([])).toBeNaN()
  expect(annualReturn([], 365)).toBeNaN()
  expect(annualVolatility([0.1], 365)).toBeNaN()
  expect(sharpe([0.1], 365)).toBeNaN()
  expect(sortino([0.1], 365)).toBeNaN()
  expect(calmar([0.1, 0.2], 365)).toBeNaN()
  expect(omega([0.1, 0.2], 365)).toBeNaN()
  expect(tailRatio([])).toBeNaN()
  expect(stability([0.1])).toBeNaN()
  expect(downsideRisk([], 365)).toBeNaN()
})

test('steady growth is perfectly stable, and a single doubling in two halves of a year is a doubling a year', () => {
  expect(stability([0.01, 0.01, 0.01, 0.01])).toBeCloseTo(1, 12)
  expect(annualReturn([1, 0], 2)).toBeCloseTo(1, 12)
  expect(annualReturn([1], 2)).toBeCloseTo(3, 12)
})

test('a million returns are no problem', () => {
  expect(maxDrawdown(Array.from({ length: 1_000_000 }, (_, i) => (i === 500_000 ? -0.5 : 0)))).toBeCloseTo(-0.5, 12)
})
