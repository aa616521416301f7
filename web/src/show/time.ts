export type Zone = 'utc' | 'local'
export type Calendar = 'gregorian' | 'jalali'

export interface TimeStyle {
  readonly zone: Zone
  readonly calendar: Calendar
  /** `seconds` by default. */
  readonly precision?: 'minutes' | 'seconds' | 'milliseconds' | undefined
  /** Without the date. */
  readonly timeOnly?: boolean | undefined
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterFor({ zone, calendar }: TimeStyle): Intl.DateTimeFormat {
  const key = `${zone}/${calendar}`
  let found = formatters.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat(calendar === 'jalali' ? 'en-u-ca-persian-nu-latn' : 'en-u-ca-gregory-nu-latn', {
      ...(zone === 'utc' ? { timeZone: 'UTC' } : {}),
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    })
    formatters.set(key, found)
  }
  return found
}

const END = { minutes: 16, seconds: 19, milliseconds: 23 } as const

/** `2026-11-21 11:32:58`, without the zone; microseconds in. */
export function formatTime(at: number, style: TimeStyle): string {
  // The common case, which a busy tape asks for hundreds of times a second, needs no Intl.
  if (style.zone === 'utc' && style.calendar === 'gregorian')
    return isoOf(at)
      .slice(style.timeOnly ? 11 : 0, END[style.precision ?? 'seconds'])
      .replace('T', ' ')
  const date = new Date(at / 1_000)
  const part: Record<string, string> = {}
  for (const { type, value } of formatterFor(style).formatToParts(date)) part[type] = value
  const separator = style.calendar === 'jalali' ? '/' : '-'
  const day = [part.year ?? part.relatedYear ?? '', part.month ?? '', part.day ?? ''].join(separator)
  const clock = [part.hour, part.minute]
  if (style.precision !== 'minutes') clock.push(part.second)
  const time =
    clock.join(':') +
    (style.precision === 'milliseconds' ? `.${String(Math.floor(at / 1_000) % 1_000).padStart(3, '0')}` : '')
  return style.timeOnly ? time : `${day} ${time}`
}

/** What stands behind a local time, e.g. "UTC" or "UTC+03:30". */
export function zoneLabel(zone: Zone, at: number): string {
  if (zone === 'utc') return 'UTC'
  const minutes = -new Date(at / 1_000).getTimezoneOffset()
  if (minutes === 0) return 'UTC'
  const size = Math.abs(minutes)
  const pad = (n: number): string => String(n).padStart(2, '0')
  return `UTC${minutes < 0 ? '\u2212' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
}

export const isoOf = (at: number): string => new Date(at / 1_000).toISOString()
