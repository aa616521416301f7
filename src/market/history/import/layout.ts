import { AppError } from '../../../kernel/index.ts'
import { cellsOf } from './lines.ts'
import { numberOf } from './numbers.ts'
import { textMicros } from './times.ts'

export type LayoutName =
  | 'cryptodatadownload'
  | 'kraken-ohlcvt'
  | 'kraken-trades'
  | 'binance-klines'
  | 'candles-with-header'
  | 'candles-without-header'
  | 'parquet'

/** Where things are in a row; −1 where they are not. */
export interface Layout {
  readonly name: LayoutName
  readonly delimiter: string
  /** Lines before the first row of data: comments and the header. */
  readonly linesBefore: number
  readonly columns: number
  /** Column of a number that counts from 1970. It wins over a text date. */
  readonly unix: number
  readonly date: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  readonly symbol: number
}

/** Lines that are looked at to find out. */
export const LAYOUT_LINES = 12

const UNIX_NAMES = [
  'unix',
  'unix timestamp',
  'unix_timestamp',
  'open_time',
  'open time',
  'opentime',
  'timestamp',
  'time',
  'ts',
]
const DATE_NAMES = ['date', 'datetime', 'timestamp', 'time', 'open_time', 'open time', 'opentime', 'ts']
const PRICES = ['open', 'high', 'low', 'close']
const SYMBOL_NAMES = ['symbol', 'ticker', 'pair']

const delimiterOf = (line: string): string => [',', ';', '\t'].find(one => line.split(one).length >= 3) ?? ','

/**
 * What the first lines show the file to be.
 * @throws AppError `import.unrecognised` saying what was expected
 */
export function recogniseLayout(lines: readonly string[]): Layout {
  const sample = lines.slice(0, LAYOUT_LINES)
  for (let i = 0; i < sample.length; i++) {
    const delimiter = delimiterOf(sample[i]!)
    const names = cellsOf(sample[i]!, delimiter).map(cell => cell.trim().toLowerCase())
    if (PRICES.every(name => names.includes(name)))
      return withHeader(names, sample.slice(i + 1), delimiter, sample.slice(0, i))
  }
  const first = sample.findIndex(line => !line.startsWith('#'))
  if (first >= 0) {
    const layout = withoutHeader(sample[first]!, first)
    if (layout !== undefined) return layout
  }
  throw unrecognised('has neither a header with open, high, low and close nor the columns of a known dump')
}

const unrecognised = (rule: string) =>
  new AppError('import.unrecognised', {
    field: 'file',
    rule,
    fix: 'Known: CSV with a header, CryptoDataDownload, Kraken OHLCVT and time-and-sales dumps, Binance klines, Parquet.',
  })

/** A layout from column names and a first row; also for Parquet, whose names and values come from its schema. */
export function withHeader(
  names: readonly string[],
  rows: readonly string[],
  delimiter: string,
  before: readonly string[],
): Layout {
  if (!PRICES.every(name => names.includes(name))) throw unrecognised('has no columns open, high, low and close')
  const row = rows[0] === undefined ? [] : cellsOf(rows[0], delimiter)
  const isNumber = (column: number) => !Number.isNaN(numberOf(row[column]))
  const find = (wanted: readonly string[], fits: (column: number) => boolean) =>
    wanted.map(name => names.indexOf(name)).find(column => column >= 0 && fits(column)) ?? -1
  const unix = find(UNIX_NAMES, isNumber)
  const date = find(DATE_NAMES, column => !isNumber(column) && !Number.isNaN(textMicros((row[column] ?? '').trim())))
  if (unix < 0 && date < 0) throw unrecognised('has a header, but no column of it holds a time that can be read')
  const symbol = find(SYMBOL_NAMES, () => true)
  const isDownload = before.some(line => line.toLowerCase().includes('cryptodatadownload'))
  const isKlines = names.includes('taker_buy_volume') || names.includes('taker_buy_base_asset_volume')
  const name = isKlines
    ? 'binance-klines'
    : isDownload || names.includes('unix timestamp')
      ? 'cryptodatadownload'
      : null
  return {
    name: name ?? 'candles-with-header',
    delimiter,
    linesBefore: before.length + 1,
    columns: names.length,
    unix,
    date,
    open: names.indexOf('open'),
    high: names.indexOf('high'),
    low: names.indexOf('low'),
    close: names.indexOf('close'),
    volume: volumeColumn(names, (row[symbol] ?? '').toLowerCase()),
    symbol,
  }
}

/** The base asset's volume: `volume`, or of `Volume XRP` and `Volume USD` the one that the symbol begins with. */
function volumeColumn(names: readonly string[], symbol: string): number {
  const plain = names.indexOf('volume')
  if (plain >= 0) return plain
  const named = names.findIndex(name => name.startsWith('volume ') && symbol.startsWith(name.slice(7)))
  return named >= 0 ? named : names.findIndex(name => name.startsWith('volume'))
}

function withoutHeader(line: string, linesBefore: number): Layout | undefined {
  const delimiter = delimiterOf(line)
  const cells = cellsOf(line, delimiter)
  if (cells.some(cell => Number.isNaN(numberOf(cell)))) return undefined
  const candles = { unix: 0, date: -1, open: 1, high: 2, low: 3, close: 4, volume: 5, symbol: -1 }
  const columns = cells.length
  const base = { delimiter, linesBefore, columns }
  if (columns === 12 || columns === 11) return { ...base, ...candles, name: 'binance-klines' }
  if (columns === 7) return { ...base, ...candles, name: 'kraken-ohlcvt' }
  if (columns === 6) return { ...base, ...candles, name: 'candles-without-header' }
  if (columns !== 3) return undefined
  return {
    ...base,
    name: 'kraken-trades',
    unix: 0,
    date: -1,
    open: 1,
    high: 1,
    low: 1,
    close: 1,
    volume: 2,
    symbol: -1,
  }
}
