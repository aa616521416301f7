import { AppError, type Instrument, MICROS_PER_MINUTE, type Micros } from '../../../kernel/index.ts'
import type { CandleColumns } from '../../candles/columns.ts'
import { inferInstrument } from './infer.ts'
import { LAYOUT_LINES, type Layout, recogniseLayout, withHeader } from './layout.ts'
import { cellsOf, eachLine } from './lines.ts'
import { eachParquetRow } from './parquet.ts'
import type { ImportReport } from './report.ts'
import { RowReader, TradeBars } from './rows.ts'
import { settle, toTicks } from './settle.ts'
import { type ImportProgress, type ImportSource, type OpenedSource, openSource } from './source.ts'

export interface ImportOptions {
  /** Prices become ticks of it, and rows off its tick are bad. Without it the tick is taken from the data. */
  readonly instrument?: Instrument
  /** What the file's interval must be; for a file of trades, the interval of the candles (a minute unless told). */
  readonly interval?: Micros
  /** For the instrument that is inferred; otherwise from the file's symbol and name, or `file`. */
  readonly venue?: string
  readonly pair?: string
  readonly onProgress?: ImportProgress
}

export interface ImportedCandles {
  readonly instrument: Instrument
  readonly interval: Micros
  readonly candles: CandleColumns
  readonly report: ImportReport
}

/**
 * Candles from a file of any known layout, gzip or plain, newest or oldest first. Memory is that of the bars, not of the
 * file. Nothing is repaired: what is wrong is left out, counted and reported.
 * @throws AppError `import.unrecognised`, `import.empty`, or `request.invalid` naming the option that is needed
 * @example const { candles, report } = await importCandles('kraken_XRPUSD_1h.csv.gz')
 */
export async function importCandles(source: ImportSource, options: ImportOptions = {}): Promise<ImportedCandles> {
  const opened = await openSource(source, options.onProgress)
  const { reader, layout } = await read(opened, options)
  const isTrades = layout.name === 'kraken-trades'
  const wanted = options.interval ?? (isTrades ? MICROS_PER_MINUTE : null)
  const settled = settle(reader, wanted, isTrades)
  const { bars, interval, ...counts } = settled
  const instrument =
    options.instrument ??
    inferInstrument({
      venue: options.venue ?? null,
      pair: options.pair ?? null,
      symbol: reader.symbol,
      fileName: opened.name,
      priceDecimals: reader.decimals,
      price: bars.close[0]!,
    })
  const report: ImportReport = {
    layout: layout.name,
    rows: reader.rows,
    bars: bars.length,
    ...counts,
    badRowCount: reader.badRowCount,
    badRows: reader.badRows,
    timeDisagreements: reader.timeDisagreements,
    from: bars.openAt[0]!,
    to: bars.openAt[bars.length - 1]! + interval,
  }
  return { instrument, interval, candles: toTicks(bars, instrument), report }
}

function read(opened: OpenedSource, options: ImportOptions): Promise<{ reader: RowReader; layout: Layout }> {
  return opened.kind === 'parquet' ? readParquet(opened, options) : readText(opened, options)
}

async function readText(opened: OpenedSource, options: ImportOptions) {
  const head: { line: string; number: number }[] = []
  let take: ((line: string, number: number) => void) | undefined
  let finish = () => {}
  let result: { reader: RowReader; layout: Layout } | undefined
  const begin = () => {
    const layout = recogniseLayout(head.map(one => one.line))
    const reader = new RowReader(layout, options.instrument ?? null)
    result = { reader, layout }
    if (layout.name === 'kraken-trades') {
      const bars = new TradeBars(options.interval ?? MICROS_PER_MINUTE, (...bar) => reader.keepBar(...bar))
      take = (line, number) => reader.trade(cellsOf(line, layout.delimiter), number, bars)
      finish = () => bars.finish()
    } else take = (line, number) => reader.candle(cellsOf(line, layout.delimiter), number)
    for (const { line, number } of head.slice(layout.linesBefore)) take(line, number)
  }
  await eachLine(opened.chunks(), (line, number) => {
    if (take !== undefined) return take(line, number)
    head.push({ line, number })
    if (head.length === LAYOUT_LINES) begin()
  })
  if (result === undefined) {
    if (head.length === 0) throw new AppError('import.empty', { field: 'file', rule: 'is empty' })
    begin()
  }
  finish()
  return result!
}

async function readParquet(opened: OpenedSource, options: ImportOptions) {
  if (opened.path === null)
    throw new AppError('import.unrecognised', { field: 'file', rule: 'is Parquet and must be given as a path' })
  let result: { reader: RowReader; layout: Layout } | undefined
  await eachParquetRow(
    opened.path,
    (names, firstRow) => {
      const found = withHeader(names, [firstRow.map(cell => `"${cell}"`).join(',')], ',', [])
      const layout: Layout = { ...found, name: 'parquet' }
      result = { layout, reader: new RowReader(layout, options.instrument ?? null) }
    },
    (cells, row) => result!.reader.candle(cells, row),
  )
  if (result === undefined) throw new AppError('import.empty', { field: 'file', rule: 'holds no row' })
  return result
}
