import { join } from 'node:path'
import type { Command } from 'commander'
import { createHistoryStore, importCandles, intervalName, intervalOf } from '../../market/index.ts'
import { loadConfig } from '../../platform/index.ts'
import { progressBar } from '../support.ts'

/** `bourse import`: candles from a file into the history. */
export function importCommand(program: Command): void {
  program
    .command('import <file>')
    .summary('bring candles from a file into the history')
    .description(
      'Recognises the layout of a candle file, reports what is wrong with it, and saves the rest as Parquet.',
    )
    .option('--instrument <pair>', 'what the file holds, e.g. kraken:XRP/USD')
    .option('--interval <name>', 'of the candles; for a file of trades, what to build (default 1m)')
    .option('--dry-run', 'report only, save nothing')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  bourse import XRPUSD_60.csv --instrument kraken:XRP/USD\n  bourse import trades.csv.gz --instrument kraken:XRP/USD --interval 5m --dry-run',
    )
    .action(
      async (file: string, options: { instrument?: string; interval?: string; dryRun?: boolean; json?: boolean }) => {
        const [venue, pair] = options.instrument?.includes(':')
          ? (options.instrument.split(':') as [string, string])
          : [undefined, options.instrument]
        const bar = progressBar('reading', options.json === true)
        const { instrument, interval, candles, report } = await importCandles(file, {
          venue,
          pair,
          interval: options.interval === undefined ? undefined : intervalOf(options.interval),
          onProgress: (done, total) => bar.set(!total ? 0 : done / total),
        }).finally(() => bar.stop())
        const saved =
          options.dryRun === true
            ? null
            : await createHistoryStore(join(loadConfig(process.env).dataDir, 'history')).save(
                instrument,
                interval,
                candles,
              )
        const result = { instrument: instrument.id, interval: intervalName(interval), ...report, saved }
        if (options.json === true) return console.log(JSON.stringify(result))
        console.log(`${instrument.id} ${result.interval}: ${report.layout}, ${report.rows} rows → ${report.bars} bars`)
        console.log(
          `${report.duplicates} duplicates, ${report.gaps} gaps (${report.missingBars} bars missing), ${report.badRowCount} bad rows, ${report.timeDisagreements} times in disagreement`,
        )
        for (const { line, reason } of report.badRows.slice(0, 10)) console.log(`  line ${line}: ${reason}`)
        if (saved !== null) console.log(`Saved: ${saved.added} new, ${saved.replaced} replaced, ${saved.bars} in all.`)
      },
    )
}
