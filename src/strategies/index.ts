export {
  Backtest,
  type BacktestResult,
  runBacktest,
} from './backtest/backtest.ts'
export { reportHtml } from './backtest/report-html.ts'
export { reportText } from './backtest/report-text.ts'
export { backtestJson } from './backtest/summary.ts'
export { BUILT_IN } from './built-in/index.ts'
export * from './statistics.ts'
