import type { ImportReport } from '../../market/index.ts'
import type { BacktestResult } from './backtest.ts'
import { RATIO_BASIS, summarise } from './summary.ts'

const percent = (value: number | null): string =>
  value === null ? '—' : `${value < 0 ? '−' : '+'}${(Math.abs(value) * 100).toFixed(2)} %`
const ratio = (value: number | null): string => (value === null ? '—' : value.toFixed(3).replace('-', '−'))
const day = (at: number): string => new Date(at / 1_000).toISOString().slice(0, 16).replace('T', ' ')
const amount = (text: string, asset: string): string => `${Number(text).toFixed(2)} ${asset}`

/** A backtest for a terminal: what was tested, what it earned, and how. */
export function reportText(result: BacktestResult, report: ImportReport | null): string {
  const figures = summarise(result)
  const { quote } = result.instrument
  const rows: [string, string][] = [
    ['Instrument', result.instrument.id],
    ['Period', `${day(result.from)} to ${day(result.to)} UTC, ${result.bars.toLocaleString('en')} bars`],
    ...(report === null ? [] : dataRows(report)),
    ['Strategy', `${result.strategy} ${JSON.stringify(result.parameters)}`],
    ['', ''],
    ['Equity', `${amount(result.allocation, quote)} → ${amount(result.finalEquity, quote)}`],
    ['Return', `${percent(figures.return)} (${percent(figures.annualReturn)} a year)`],
    ['Fees paid', amount(result.fees, quote)],
    ['Largest drawdown', percent(figures.maxDrawdown)],
    ['Volatility', `${percent(figures.annualVolatility).replace('+', '')} a year`],
    ['Sharpe / Sortino / Calmar', [figures.sharpe, figures.sortino, figures.calmar].map(ratio).join(' / ')],
    ['Omega / tail / stability', [figures.omega, figures.tailRatio, figures.stability].map(ratio).join(' / ')],
    ['', ''],
    [
      'Trades',
      `${result.roundTrips.length} round trips, ${result.fills.length} fills, ${result.orders.denied} orders denied`,
    ],
    [
      'Won',
      figures.winRate === null
        ? '—'
        : `${(figures.winRate * 100).toFixed(1)} %, profit factor ${ratio(figures.profitFactor)}`,
    ],
    ['In the market', `${(figures.exposure * 100).toFixed(1)} % of the time`],
    ['Trades hash', result.tradesHash],
  ]
  const lines = rows.map(([name, value]) => (name === '' ? '' : `${name.padEnd(27)}${value}`))
  if (result.error !== null) lines.push('', `The strategy failed: ${result.error}`)
  return [...lines, '', RATIO_BASIS].join('\n')
}

function dataRows(report: ImportReport): [string, string][] {
  const notes = [
    `${report.duplicates} duplicates`,
    `${report.gaps} gaps (${report.missingBars} bars)`,
    `${report.badRowCount} bad rows`,
    `${report.timeDisagreements} times in disagreement`,
  ]
  return [['Data', `${report.layout}, ${report.rows.toLocaleString('en')} rows: ${notes.join(', ')}`]]
}
