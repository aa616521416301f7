import type { ImportReport } from '../../market/index.ts'
import * as statistics from '../statistics.ts'
import { DAYS_PER_YEAR } from '../statistics.ts'
import type { BacktestResult } from './backtest.ts'

/** How the ratios are made, said wherever they are shown. */
export const RATIO_BASIS = 'Ratios come from daily UTC equity, annualised over 365 days; risk-free rate 0.'

/** The figures of a backtest. Fractions, not percent; null where a figure is not defined. */
export interface BacktestSummary {
  readonly return: number
  readonly annualReturn: number | null
  readonly annualVolatility: number | null
  readonly sharpe: number | null
  readonly sortino: number | null
  readonly calmar: number | null
  readonly maxDrawdown: number
  readonly tailRatio: number | null
  readonly omega: number | null
  readonly stability: number | null
  readonly exposure: number
  readonly winRate: number | null
  readonly profitFactor: number | null
  readonly months: readonly { readonly month: string; readonly return: number }[]
}

const defined = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** Simple returns from one daily equity to the next; the allocation stands before the first. */
export function dailyReturns(result: BacktestResult): number[] {
  let before = Number(result.allocation)
  return result.daily.map(({ equity }) => {
    const change = before === 0 ? 0 : equity / before - 1
    before = equity
    return change
  })
}

export function summarise(result: BacktestResult): BacktestSummary {
  const returns = dailyReturns(result)
  const gains = result.roundTrips.filter(trip => trip.profit > 0)
  const losses = result.roundTrips.filter(trip => trip.profit < 0)
  const sum = (trips: typeof gains) => trips.reduce((total, trip) => total + trip.profit, 0)
  return {
    return: Number(result.finalEquity) / Number(result.allocation) - 1,
    annualReturn: defined(statistics.annualReturn(returns, DAYS_PER_YEAR)),
    annualVolatility: defined(statistics.annualVolatility(returns, DAYS_PER_YEAR)),
    sharpe: defined(statistics.sharpe(returns, DAYS_PER_YEAR)),
    sortino: defined(statistics.sortino(returns, DAYS_PER_YEAR)),
    calmar: defined(statistics.calmar(returns, DAYS_PER_YEAR)),
    maxDrawdown: statistics.maxDrawdown(returns),
    tailRatio: defined(statistics.tailRatio(returns)),
    omega: defined(statistics.omega(returns, DAYS_PER_YEAR)),
    stability: defined(statistics.stability(returns)),
    exposure: result.exposure,
    winRate: result.roundTrips.length === 0 ? null : gains.length / result.roundTrips.length,
    profitFactor: losses.length === 0 ? null : defined(sum(gains) / -sum(losses)),
    months: monthlyReturns(result),
  }
}

function monthlyReturns(result: BacktestResult): { month: string; return: number }[] {
  const months = new Map<string, number>()
  for (const { at, equity } of result.daily) {
    // The end of a day belongs to that day: a microsecond before midnight.
    months.set(new Date((at - 1) / 1_000).toISOString().slice(0, 7), equity)
  }
  let before = Number(result.allocation)
  return [...months].map(([month, equity]) => {
    const change = before === 0 ? 0 : equity / before - 1
    before = equity
    return { month, return: change }
  })
}

/** What `bourse backtest --json` prints: the same for the same input, but for `barsPerSecond`. */
export function backtestJson(result: BacktestResult, report: ImportReport | null, barsPerSecond: number) {
  const { months: _, ...figures } = summarise(result)
  return {
    instrument: result.instrument.id,
    strategy: result.strategy,
    parameters: result.parameters,
    from: new Date(result.from / 1_000).toISOString(),
    to: new Date(result.to / 1_000).toISOString(),
    bars: result.bars,
    gaps: report?.gaps ?? 0,
    missingBars: report?.missingBars ?? 0,
    duplicates: report?.duplicates ?? 0,
    conflictingDuplicates: report?.conflictingDuplicates ?? 0,
    badRows: report?.badRowCount ?? 0,
    timeDisagreements: report?.timeDisagreements ?? 0,
    trades: result.roundTrips.length,
    orders: result.orders,
    fills: result.fills.length,
    allocation: result.allocation,
    finalEquity: result.finalEquity,
    fees: result.fees,
    ...figures,
    basis: RATIO_BASIS,
    tradesHash: result.tradesHash,
    error: result.error,
    barsPerSecond: Math.round(barsPerSecond),
  }
}
