export {
  Backtest,
  type BacktestOptions,
  type BacktestResult,
  type CandleBacktestOptions,
  type RoundTrip,
  runBacktest,
} from './backtest/backtest.ts'
export { BUILT_IN } from './built-in/index.ts'
export * from './statistics.ts'
