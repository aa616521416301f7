import { assert, type Candle, type Micros } from '../../kernel/index.ts'

/**
 * Candles by column: the fast form for backtests and imports (a million bars is 48 MB). Times in microseconds, prices in
 * ticks, volume in the base asset; ascending by `openAt`, one candle an interval. Only the first `length` entries count.
 */
export interface CandleColumns {
  readonly length: number
  readonly openAt: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

/** Candles in one set of columns: 20 million one-minute bars are 38 years. */
const COLUMNS_LENGTH_MAX = 20_000_000

const allocate = (length: number): CandleColumns => ({
  length,
  openAt: new Float64Array(length),
  open: new Float64Array(length),
  high: new Float64Array(length),
  low: new Float64Array(length),
  close: new Float64Array(length),
  volume: new Float64Array(length),
})

const NAMES = ['openAt', 'open', 'high', 'low', 'close', 'volume'] as const

/** Columns that grow: what an importer or a recorder fills. */
export class ColumnsBuilder {
  #columns: CandleColumns
  #length = 0

  constructor(capacity = 1_024) {
    this.#columns = allocate(Math.max(1, capacity))
  }

  get length(): number {
    return this.#length
  }

  add(openAt: Micros, open: number, high: number, low: number, close: number, volume: number): void {
    if (this.#length === this.#columns.openAt.length) this.#grow()
    const c = this.#columns
    const i = this.#length++
    c.openAt[i] = openAt
    c.open[i] = open
    c.high[i] = high
    c.low[i] = low
    c.close[i] = close
    c.volume[i] = volume
  }

  /** What has been added so far; a view, so add no more while it is used. */
  columns(): CandleColumns {
    return sliceColumns({ ...this.#columns, length: this.#length }, 0, this.#length)
  }

  #grow(): void {
    assert(this.#length < COLUMNS_LENGTH_MAX, `more than ${COLUMNS_LENGTH_MAX} candles in one set of columns`)
    const next = allocate(Math.min(COLUMNS_LENGTH_MAX, this.#columns.openAt.length * 2))
    for (const name of NAMES) next[name].set(this.#columns[name])
    this.#columns = next
  }
}

export function columnsOf(candles: readonly Candle[]): CandleColumns {
  const builder = new ColumnsBuilder(candles.length)
  for (const c of candles) builder.add(c.openAt, c.open, c.high, c.low, c.close, c.volume)
  return builder.columns()
}

export function candleAt(columns: CandleColumns, index: number): Candle {
  assert(index >= 0 && index < columns.length, `candle ${index} of ${columns.length}`)
  return {
    openAt: columns.openAt[index]!,
    open: columns.open[index]!,
    high: columns.high[index]!,
    low: columns.low[index]!,
    close: columns.close[index]!,
    volume: columns.volume[index]!,
  }
}

/** Candles [from, to) by index, sharing memory. */
export const sliceColumns = (columns: CandleColumns, from: number, to: number): CandleColumns => ({
  length: Math.max(0, to - from),
  openAt: columns.openAt.subarray(from, to),
  open: columns.open.subarray(from, to),
  high: columns.high.subarray(from, to),
  low: columns.low.subarray(from, to),
  close: columns.close.subarray(from, to),
  volume: columns.volume.subarray(from, to),
})

/** Index of the first candle that opens at or after `at`. */
function indexAt(columns: CandleColumns, at: Micros): number {
  let low = 0
  let high = columns.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (columns.openAt[middle]! < at) low = middle + 1
    else high = middle
  }
  return low
}

/** Candles that open in [from, to), sharing memory. */
export const rangeOf = (columns: CandleColumns, from: Micros, to: Micros): CandleColumns =>
  sliceColumns(columns, indexAt(columns, from), indexAt(columns, to))
