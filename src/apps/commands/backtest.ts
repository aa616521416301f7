import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { AppError, type MarketInput, parseDecimal } from '../../kernel/index.ts'
import { type ImportReport, importCandles, intervalOf } from '../../market/index.ts'
import { monotonicMs } from '../../platform/index.ts'
import {
  Backtest,
  type BacktestResult,
  backtestJson,
  reportHtml,
  reportText,
  runBacktest,
} from '../../strategies/index.ts'
import { marketOf, recordedInstrument } from '../../trading/index.ts'
import { linesOf, numberOption, progressBar, strategyNamed } from '../support.ts'

interface Options {
  data?: string
  recording?: string
  instrument?: string
  interval?: string
  strategy: string
  param: string[]
  allocation: string
  makerFee?: string
  takerFee?: string
  latency?: string
  slippage?: string
  participation?: string
  seed: string
  json?: boolean
  html?: string
}

/** `bourse backtest`: a strategy over candles, or over a recorded market. */
export function backtestCommand(program: Command): void {
  program
    .command('backtest')
    .summary('run a strategy over past candles or a recorded market')
    .description(
      'Runs a strategy over a candle file of any known layout, or over the market of a recording, and reports.',
    )
    .option('--data <file>', 'candles: CSV or Parquet, plain or gzip; the layout is recognised')
    .option('--recording <file>', 'a recorded market, of a node or of `bourse record`, instead of --data')
    .option('--instrument <pair>', 'what the file holds, e.g. XRP/USD or kraken:XRP/USD')
    .option('--interval <name>', 'of the candles, e.g. 1h; for a recording 5s, 1m, …')
    .requiredOption('--strategy <name>', 'see `bourse strategies`')
    .option(
      '--param <name=value>',
      'a parameter of the strategy; repeat for more',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option('--allocation <amount>', 'cash to start with, in the quote asset', '10000')
    .option('--maker-fee <percent>', 'default 0.16')
    .option('--taker-fee <percent>', 'default 0.26')
    .option('--latency <ms>', 'from decision to venue, default 80')
    .option('--slippage <percent>', 'of a taker against the candle path, default 0.02')
    .option('--participation <share>', "of a candle's volume that may be taken, default 0.1")
    .option('--seed <text>', 'for strategies that draw numbers', '1')
    .option('--json', 'print one JSON object')
    .option('--html <file>', 'write a report in one self-contained HTML file')
    .addHelpText(
      'after',
      `
Examples:
  bourse backtest --data XRPUSD_60.csv --instrument XRP/USD --strategy trend
  bourse backtest --data candles.csv.gz --instrument BTC/USD --strategy mean-reversion --param length=30 --html report.html
  bourse backtest --recording data/recording.jsonl --instrument kraken:XRP/USD --interval 5s --strategy trend --json`,
    )
    .action(run)
}

async function run(options: Options): Promise<void> {
  const strategy = strategyNamed(options.strategy)
  const parameters = parametersOf(options.param)
  const common = {
    strategy,
    parameters,
    allocation: allocationOf(options.allocation),
    paper: paperOf(options),
    seed: options.seed,
  }
  const quiet = options.json === true
  const { result, report, candles, barsPerSecond } = await (options.recording !== undefined
    ? overRecording(options, common)
    : overCandles(options, common, quiet))
  if (options.html !== undefined) await writeFile(options.html, reportHtml(result, report, candles))
  console.log(quiet ? JSON.stringify(backtestJson(result, report, barsPerSecond)) : reportText(result, report))
  if (options.html !== undefined && !quiet) console.log(`\nReport: ${options.html}`)
  if (result.error !== null) process.exitCode = 1
}

type Common = Pick<
  ConstructorParameters<typeof Backtest>[0],
  'strategy' | 'parameters' | 'allocation' | 'paper' | 'seed'
>

async function overCandles(options: Options, common: Common, quiet: boolean) {
  if (options.data === undefined)
    throw new AppError('request.invalid', { field: '--data', rule: 'names a candle file, unless --recording is given' })
  const [venue, pair] = venueAndPair(options.instrument)
  const reading = progressBar('reading', quiet)
  const { instrument, interval, candles, report } = await importCandles(options.data, {
    venue,
    pair,
    interval: options.interval === undefined ? undefined : intervalOf(options.interval),
    onProgress: (done, total) => reading.set(!total ? 0 : done / total),
  }).finally(() => reading.stop())
  const testing = progressBar('testing', quiet)
  const started = monotonicMs()
  const result = runBacktest({ ...common, instrument, interval, candles, onProgress: share => testing.set(share) })
  const seconds = (monotonicMs() - started) / 1_000
  testing.stop()
  return { result, report, candles, barsPerSecond: result.bars / seconds }
}

async function overRecording(options: Options, common: Common) {
  if (options.instrument === undefined)
    throw new AppError('request.invalid', {
      field: '--instrument',
      rule: 'names the instrument of the recording to trade',
    })
  if (options.interval === undefined)
    throw new AppError('request.invalid', {
      field: '--interval',
      rule: 'names the candles to build from the recording, e.g. 5s',
    })
  const instrument = await recordedInstrument(linesOf(options.recording!), options.instrument)
  const backtest = new Backtest({ ...common, instrument, interval: intervalOf(options.interval) })
  const started = monotonicMs()
  for await (const input of marketOf(linesOf(options.recording!))) if (isOf(input, instrument.id)) backtest.feed(input)
  const result: BacktestResult = backtest.result()
  const report: ImportReport | null = null
  return { result, report, candles: null, barsPerSecond: result.bars / ((monotonicMs() - started) / 1_000) }
}

const isOf = (input: MarketInput, instrument: string): boolean => input.instrument === instrument

function venueAndPair(text: string | undefined): [string | undefined, string | undefined] {
  if (text === undefined) return [undefined, undefined]
  const colon = text.indexOf(':')
  return colon < 0 ? [undefined, text] : [text.slice(0, colon), text.slice(colon + 1)]
}

/** `name=value` pairs; numbers and booleans are read as such. */
function parametersOf(pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map(pair => {
      const equals = pair.indexOf('=')
      if (equals < 1)
        throw new AppError('request.invalid', { field: '--param', rule: 'looks like name=value', value: pair })
      const text = pair.slice(equals + 1)
      const value =
        text === 'true'
          ? true
          : text === 'false'
            ? false
            : text !== '' && !Number.isNaN(Number(text))
              ? Number(text)
              : text
      return [pair.slice(0, equals), value]
    }),
  )
}

function allocationOf(text: string): string {
  if (parseDecimal(text, 2, '--allocation') <= 0n)
    throw new AppError('request.invalid', { field: '--allocation', rule: 'is above zero' })
  return text
}

const paperOf = (options: Options) => ({
  makerFeePpm: numberOption('--maker-fee', options.makerFee, { min: -1, max: 10, scale: 10_000 }),
  takerFeePpm: numberOption('--taker-fee', options.takerFee, { min: 0, max: 10, scale: 10_000 }),
  latency: numberOption('--latency', options.latency, { min: 0, max: 60_000, scale: 1_000 }),
  slippagePpm: numberOption('--slippage', options.slippage, { min: 0, max: 10, scale: 10_000 }),
  participation: numberOption('--participation', options.participation, { min: 0.000001, max: 1 }),
})
