import {
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_MS,
  MICROS_PER_SECOND,
  type Micros,
} from '../../../kernel/index.ts'

/**
 * Unix time in whatever unit its magnitude tells: seconds, milliseconds, microseconds or nanoseconds. Row by row, because
 * dumps changed unit between files (Binance spot: milliseconds, microseconds from 2025-01 on).
 */
export function unixMicros(value: number): Micros {
  const size = Math.abs(value)
  if (size < 1e11) return Math.round(value * MICROS_PER_SECOND)
  if (size < 1e14) return Math.round(value * MICROS_PER_MS)
  if (size < 1e17) return Math.round(value)
  return Math.round(value / 1_000)
}

const digit = (text: string, at: number): number => {
  const value = text.charCodeAt(at) - 48
  return value >= 0 && value <= 9 ? value : Number.NaN
}
const two = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1)

/**
 * Microseconds of `2019-12-15 07-PM`, `2021-04-04 21:00:00`, `2024-11-13T22:00:00.123456Z`, `… 22:00:00+00:00` or
 * `2021-04-04`; NaN for anything else. Without an offset it is UTC: that is what all known sources mean.
 */
export function textMicros(text: string): Micros {
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return Number.NaN
  const [year, month, day] = [two(text, 0) * 100 + two(text, 2), two(text, 5), two(text, 8)]
  const midnight = Date.UTC(year, month - 1, day) * MICROS_PER_MS
  if (Number.isNaN(midnight) || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return Number.NaN
  if (text.length === 10) return midnight
  if (text.charCodeAt(10) !== 32 && text.charCodeAt(10) !== 84) return Number.NaN
  const hour = two(text, 11)
  if (text.charCodeAt(13) === 45 && text.length === 16) return midnight + halfDayHour(hour, text.slice(14))
  return clockMicros(text, midnight, hour)
}

const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate()

function halfDayHour(hour: number, half: string): Micros {
  if (!(hour >= 1 && hour <= 12) || (half !== 'AM' && half !== 'PM')) return Number.NaN
  return ((hour % 12) + (half === 'PM' ? 12 : 0)) * MICROS_PER_HOUR
}

function clockMicros(text: string, midnight: Micros, hour: number): Micros {
  if (text.charCodeAt(13) !== 58) return Number.NaN
  const minute = two(text, 14)
  let at = 16
  let seconds = 0
  if (text.charCodeAt(16) === 58) {
    seconds = two(text, 17)
    at = 19
  }
  if (!(hour <= 23 && minute <= 59 && seconds <= 59)) return Number.NaN
  let fraction = 0
  if (text.charCodeAt(at) === 46) {
    const match = /^\.(\d{1,9})/.exec(text.slice(at))
    if (match === null) return Number.NaN
    fraction = Math.floor(Number(`0.${match[1]}`) * MICROS_PER_SECOND + 0.5)
    at += match[0].length
  }
  const time = midnight + hour * MICROS_PER_HOUR + minute * MICROS_PER_MINUTE + seconds * MICROS_PER_SECOND + fraction
  return time - offsetMicros(text.slice(at).trim())
}

function offsetMicros(zone: string): Micros {
  if (zone === '' || zone === 'Z' || zone === '+00:00' || zone === 'UTC') return 0
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(zone)
  if (match === null) return Number.NaN
  const size = Number(match[2]) * MICROS_PER_HOUR + Number(match[3]) * MICROS_PER_MINUTE
  return match[1] === '-' ? -size : size
}
