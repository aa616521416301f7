import { AppError, type Instrument, MICROS_PER_DAY, type Micros, powerOfTen } from '../../../kernel/index.ts'
import { type CandleColumns, ColumnsBuilder } from '../../candles/columns.ts'
import type { ImportReport } from './report.ts'
import type { RowReader } from './rows.ts'

/** Different distances between rows that are counted; past it a new one is not, which cannot make the most frequent rarer. */
const DISTANCES_MAX = 10_000

type Order = ImportReport['order']

/** Positions of the rows in order of time, and the order that the file had. Rows of one time stay in the file's order or its reverse. */
function orderOf(at: Float64Array): { order: Order; index: Uint32Array } {
  let isRising = true
  let isFalling = true
  for (let i = 1; i < at.length; i++) {
    if (at[i]! < at[i - 1]!) isRising = false
    if (at[i]! > at[i - 1]!) isFalling = false
  }
  const index = Uint32Array.from(at, (_, i) => i)
  if (isRising) return { order: 'oldest-first', index }
  if (isFalling) return { order: 'newest-first', index: index.reverse() }
  return { order: 'unsorted', index: index.sort((a, b) => at[a]! - at[b]! || a - b) }
}

/** The most frequent distance between neighbours in time; NaN when no two rows differ. */
function detectInterval(at: Float64Array, index: Uint32Array): Micros {
  const counts = new Map<number, number>()
  let best = Number.NaN
  let bestCount = 0
  for (let i = 1; i < index.length; i++) {
    const distance = at[index[i]!]! - at[index[i - 1]!]!
    if (distance <= 0) continue
    const count = (counts.get(distance) ?? 0) + 1
    if (count === 1 && counts.size >= DISTANCES_MAX) continue
    counts.set(distance, count)
    if (count > bestCount || (count === bestCount && distance < best)) {
      best = distance
      bestCount = count
    }
  }
  return best
}

export interface Settled {
  readonly interval: Micros
  /** Prices still floating. */
  readonly bars: CandleColumns
  readonly order: Order
  readonly duplicates: number
  readonly conflictingDuplicates: number
  readonly gaps: number
  readonly missingBars: number
}

/**
 * Sorts by time, finds the interval, drops what is off its grid and all but the first of rows of one time, counts gaps.
 * The first in the file is kept because a later one is as likely a damaged copy as a correction; conflicts are counted.
 * `isGiven` says that the bars were made at the interval `wanted`, so that there is nothing to find out.
 * @throws AppError `import.empty` when no good row is left, `request.invalid` when the interval is not the one asked for
 */
export function settle(reader: RowReader, wanted: Micros | null, isGiven: boolean): Settled {
  const rows = reader.kept
  if (rows.length === 0) throw new AppError('import.empty', { rows: reader.rows, badRows: reader.badRows.slice(0, 5) })
  const { order, index } = orderOf(rows.openAt)
  const detected = isGiven ? Number.NaN : detectInterval(rows.openAt, index)
  const interval = Number.isNaN(detected) ? wanted : detected
  if (interval === null)
    throw new AppError('request.invalid', { field: 'interval', rule: 'must be given: one bar does not show it' })
  if (wanted !== null && interval !== wanted)
    throw new AppError('request.invalid', { field: 'interval', rule: `is ${interval} microseconds in the file` })
  return { interval, order, ...select(reader, rows, index, interval) }
}

function select(reader: RowReader, rows: CandleColumns, index: Uint32Array, interval: Micros) {
  const grid = gridOf(rows.openAt[index[0]!]!, interval)
  const bars = new ColumnsBuilder(rows.length)
  let [duplicates, conflictingDuplicates, gaps, missingBars] = [0, 0, 0, 0]
  let previous = Number.NaN
  for (let i = 0; i < index.length; ) {
    const at = rows.openAt[index[i]!]!
    let first = index[i]!
    let end = i + 1
    while (end < index.length && rows.openAt[index[end]!]! === at) first = Math.min(first, index[end++]!)
    if ((at - grid) % interval !== 0) {
      for (let j = i; j < end; j++) reader.bad(reader.lines[index[j]!]!, 'the time is off the interval')
      i = end
      continue
    }
    duplicates += end - i - 1
    for (let j = i; j < end; j++) if (differs(rows, first, index[j]!)) conflictingDuplicates += 1
    if (at - previous > interval) {
      gaps += 1
      missingBars += (at - previous) / interval - 1
    }
    previous = at
    bars.add(at, rows.open[first]!, rows.high[first]!, rows.low[first]!, rows.close[first]!, rows.volume[first]!)
    i = end
  }
  return { bars: bars.columns(), duplicates, conflictingDuplicates, gaps, missingBars }
}

/** Intervals that divide the day start at midnight; others (a week) where the first row says. */
const gridOf = (first: Micros, interval: Micros): Micros => (MICROS_PER_DAY % interval === 0 ? 0 : first)

const differs = (rows: CandleColumns, a: number, b: number): boolean =>
  rows.open[a] !== rows.open[b] ||
  rows.high[a] !== rows.high[b] ||
  rows.low[a] !== rows.low[b] ||
  rows.close[a] !== rows.close[b] ||
  rows.volume[a] !== rows.volume[b]

/**
 * Floating prices into ticks, in place. Exact: each has at most 15 digits and no more decimals than the scale.
 * @throws AppError `request.invalid` when a price is off a tick that is no power of ten
 */
export function toTicks(bars: CandleColumns, instrument: Instrument): CandleColumns {
  const factor = Number(powerOfTen(instrument.priceScale))
  for (const prices of [bars.open, bars.high, bars.low, bars.close])
    for (let i = 0; i < bars.length; i++) {
      const ticks = Math.round(prices[i]! * factor) / instrument.tickSize
      if (!Number.isSafeInteger(ticks))
        throw new AppError('request.invalid', { field: 'price', rule: `is a multiple of the tick`, value: prices[i] })
      prices[i] = ticks
    }
  return bars
}
