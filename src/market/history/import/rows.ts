import type { Instrument, Micros } from '../../../kernel/index.ts'
import { type CandleColumns, ColumnsBuilder } from '../../candles/columns.ts'
import { openOf } from '../../intervals.ts'
import type { Layout } from './layout.ts'
import { decimalsOf, numberOf } from './numbers.ts'
import { BAD_ROWS_LISTED_MAX, type BadRow } from './report.ts'
import { textMicros, unixMicros } from './times.ts'

/** More decimals than any market quotes. */
const PRICE_DECIMALS_MAX = 12

/**
 * Takes the rows of a file one by one, in its order, and keeps the good ones as numbers. Prices stay floating until the
 * tick is known; each has at most 15 digits, so that turning it into ticks later is exact.
 */
export class RowReader {
  readonly #layout: Layout
  readonly #scaleMax: number
  readonly #kept = new ColumnsBuilder(65_536)
  #lines = new Uint32Array(65_536)
  readonly badRows: BadRow[] = []
  badRowCount = 0
  rows = 0
  timeDisagreements = 0
  /** Most decimals of any good price. */
  decimals = 0
  symbol: string | null = null

  constructor(layout: Layout, instrument: Instrument | null) {
    this.#layout = layout
    this.#scaleMax = instrument?.priceScale ?? PRICE_DECIMALS_MAX
  }

  /** Good rows in the file's order; prices are floating numbers of the quote asset, not ticks. */
  get kept(): CandleColumns {
    return this.#kept.columns()
  }

  /** Line of each good row. */
  get lines(): Uint32Array {
    return this.#lines.subarray(0, this.#kept.length)
  }

  bad(line: number, reason: string): void {
    this.badRowCount += 1
    if (this.badRows.length < BAD_ROWS_LISTED_MAX) this.badRows.push({ line, reason })
  }

  candle(cells: readonly string[], line: number): void {
    this.rows += 1
    const fault = this.#takeCandle(cells, line)
    if (fault !== undefined) this.bad(line, fault)
  }

  /** A trade of a time-and-sales dump, into the bar of `interval` that is open. */
  trade(cells: readonly string[], line: number, bars: TradeBars): void {
    this.rows += 1
    const fault = this.#takeTrade(cells, line, bars)
    if (fault !== undefined) this.bad(line, fault)
  }

  #takeCandle(cells: readonly string[], line: number): string | undefined {
    const layout = this.#layout
    const misfit = this.#misfitOf(cells)
    if (misfit !== undefined) return misfit
    const at = this.#timeOf(cells)
    if (Number.isNaN(at)) return 'the time cannot be read'
    const [o, h, l, c] = [cells[layout.open]!, cells[layout.high]!, cells[layout.low]!, cells[layout.close]!]
    const [open, high, low, close] = [numberOf(o), numberOf(h), numberOf(l), numberOf(c)]
    const volume = layout.volume < 0 ? 0 : numberOf(cells[layout.volume])
    const fault = faultOf(open, high, low, close, volume)
    if (fault !== undefined) return fault
    const offTick = this.#decimalsFault(Math.max(decimalsOf(o), decimalsOf(h), decimalsOf(l), decimalsOf(c)))
    if (offTick !== undefined) return offTick
    this.keepBar(at, open, high, low, close, volume, line)
    return undefined
  }

  #takeTrade(cells: readonly string[], line: number, bars: TradeBars): string | undefined {
    const misfit = this.#misfitOf(cells)
    if (misfit !== undefined) return misfit
    const at = this.#timeOf(cells)
    if (Number.isNaN(at)) return 'the time cannot be read'
    const text = cells[this.#layout.close]!
    const [price, volume] = [numberOf(text), numberOf(cells[this.#layout.volume])]
    const fault = faultOf(price, price, price, price, volume) ?? this.#decimalsFault(decimalsOf(text))
    if (fault !== undefined) return fault
    return bars.add(at, price, volume, line) ? undefined : 'the trade is out of order'
  }

  #misfitOf(cells: readonly string[]): string | undefined {
    const { columns, symbol: column } = this.#layout
    if (cells.length < columns) return `has ${cells.length} of ${columns} columns`
    if (column < 0) return undefined
    const symbol = cells[column]!.trim()
    this.symbol ??= symbol
    return symbol === this.symbol ? undefined : 'another symbol than that of the first row'
  }

  #timeOf(cells: readonly string[]): Micros {
    const { unix, date } = this.#layout
    const text = date < 0 ? Number.NaN : textMicros(cells[date]!.trim())
    if (unix < 0) return text
    const at = unixMicros(numberOf(cells[unix]))
    if (date >= 0 && at !== text && !Number.isNaN(at)) this.timeDisagreements += 1
    return at
  }

  #decimalsFault(decimals: number): string | undefined {
    if (decimals > PRICE_DECIMALS_MAX) return 'a price has more digits than can be kept exactly'
    if (decimals > this.#scaleMax) return "a price is off the instrument's tick"
    if (decimals > this.decimals) this.decimals = decimals
    return undefined
  }

  keepBar(at: Micros, open: number, high: number, low: number, close: number, volume: number, line: number): void {
    const index = this.#kept.length
    this.#kept.add(at, open, high, low, close, volume)
    if (index === this.#lines.length) {
      const next = new Uint32Array(index * 2)
      next.set(this.#lines)
      this.#lines = next
    }
    this.#lines[index] = line
  }
}

function faultOf(open: number, high: number, low: number, close: number, volume: number): string | undefined {
  if (Number.isNaN(open + high + low + close)) return 'a price is not a number'
  if (Number.isNaN(volume)) return 'the volume is not a number'
  if (low <= 0 || open <= 0 || close <= 0 || high <= 0) return 'a price is not above zero'
  if (volume < 0) return 'the volume is negative'
  if (high < low) return 'the high is below the low'
  if (open > high || open < low) return 'the open is outside high and low'
  if (close > high || close < low) return 'the close is outside high and low'
  return undefined
}

/** Bars from the trades of a file, oldest or newest first, which the first two different times tell. */
export class TradeBars {
  readonly #interval: Micros
  readonly #keep: RowReader['keepBar']
  /** +1 while times grow, −1 while they fall, 0 while nothing is known. */
  #direction = 0
  #at = Number.NaN
  #last = Number.NaN
  #first = 0
  #high = 0
  #low = 0
  #latest = 0
  #volume = 0
  #line = 0

  constructor(interval: Micros, keep: RowReader['keepBar']) {
    this.#interval = interval
    this.#keep = keep
  }

  /** False for a trade that is against the order of the others and belongs to a bar that is over. */
  add(at: Micros, price: number, volume: number, line: number): boolean {
    if (this.#direction === 0 && at !== this.#last && !Number.isNaN(this.#last))
      this.#direction = at > this.#last ? 1 : -1
    const openAt = openOf(at, this.#interval)
    if (openAt !== this.#at) {
      if ((openAt - this.#at) * this.#direction < 0) return false
      this.finish()
      this.#at = openAt
      this.#first = price
      this.#high = price
      this.#low = price
      this.#volume = 0
      this.#line = line
    }
    this.#last = at
    this.#latest = price
    if (price > this.#high) this.#high = price
    if (price < this.#low) this.#low = price
    this.#volume += volume
    return true
  }

  finish(): void {
    if (Number.isNaN(this.#at)) return
    const [open, close] = this.#direction < 0 ? [this.#latest, this.#first] : [this.#first, this.#latest]
    this.#keep(this.#at, open, this.#high, this.#low, close, this.#volume, this.#line)
  }
}
