import {
  AppError,
  assert,
  type Candle,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  type Micros,
} from '../kernel/index.ts'
import { type CandleColumns, ColumnsBuilder, candleAt } from './candles/columns.ts'

/** The intervals that are offered, by name. All divide the UTC day, so candles are aligned to midnight. */
export const INTERVALS = {
  '5s': 5 * MICROS_PER_SECOND,
  '15s': 15 * MICROS_PER_SECOND,
  '1m': MICROS_PER_MINUTE,
  '5m': 5 * MICROS_PER_MINUTE,
  '15m': 15 * MICROS_PER_MINUTE,
  '1h': MICROS_PER_HOUR,
  '4h': 4 * MICROS_PER_HOUR,
  '1d': MICROS_PER_DAY,
} as const satisfies Record<string, Micros>

export type IntervalName = keyof typeof INTERVALS
export const INTERVAL_NAMES = Object.keys(INTERVALS) as IntervalName[]

const isIntervalName = (text: string): text is IntervalName => Object.hasOwn(INTERVALS, text)

/** @throws AppError `request.invalid` listing the intervals there are */
export function intervalOf(text: string): Micros {
  if (isIntervalName(text)) return INTERVALS[text]
  throw new AppError('request.invalid', { field: 'interval', rule: `is one of ${INTERVAL_NAMES.join(', ')}` })
}

/** `1h`, or the count of seconds for an interval without a name: `30s`. */
export function intervalName(interval: Micros): string {
  for (const name of INTERVAL_NAMES) if (INTERVALS[name] === interval) return name
  return `${interval / 1_000_000}s`
}

/** Start of the interval that holds `at`: intervals are [start, start + interval), counted from 1970. */
export const openOf = (at: Micros, interval: Micros): Micros => at - (((at % interval) + interval) % interval)

/** Puts small candles together into large ones as they come. Feed candles in order of time. */
export interface CandleAggregator {
  add(candle: Candle): void
  /** The large candle so far. */
  forming(): Candle | undefined
}

/**
 * A large candle is given when its last small one is in, or when a small one of a later interval comes (there was a gap).
 * The first is left out unless it is known from its start on: half a candle has the wrong open and volume.
 */
export function createAggregator(from: Micros, to: Micros, onCandle: (candle: Candle) => void): CandleAggregator {
  assert(to % from === 0, `an interval of ${to} is no multiple of ${from}`)
  let current: { -readonly [K in keyof Candle]: Candle[K] } | undefined
  let isWhole = false
  let isFirst = true

  function finish(): void {
    const done = current
    current = undefined
    if (done !== undefined && isWhole) onCandle(done)
  }

  return {
    add(candle) {
      const openAt = openOf(candle.openAt, to)
      if (current !== undefined && current.openAt !== openAt) finish()
      if (current === undefined) {
        isWhole = !isFirst || candle.openAt === openAt
        isFirst = false
        current = { ...candle, openAt }
      } else {
        current.high = Math.max(current.high, candle.high)
        current.low = Math.min(current.low, candle.low)
        current.close = candle.close
        current.volume += candle.volume
      }
      if (candle.openAt + from === openAt + to) finish()
    },
    forming: () => current,
  }
}

/** {@link createAggregator} over columns. The last candle is left out too unless its last small one is there. */
export function aggregateColumns(columns: CandleColumns, from: Micros, to: Micros): CandleColumns {
  const builder = new ColumnsBuilder(Math.ceil(columns.length / (to / from)))
  const aggregator = createAggregator(from, to, c => builder.add(c.openAt, c.open, c.high, c.low, c.close, c.volume))
  for (let i = 0; i < columns.length; i++) aggregator.add(candleAt(columns, i))
  return builder.columns()
}
