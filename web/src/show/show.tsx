import { memo, type ReactNode } from 'react'
import { useSettings } from '../settings/settings.ts'
import { t, useLanguage } from '../text/text.tsx'
import { ageMs } from './clock.ts'
import { decimalsOf, signOf } from './decimal.ts'
import { useNow } from './now.ts'
import { formatNumber, toPersianDigits, UNKNOWN } from './number.ts'
import { formatTime, isoOf, type TimeStyle, zoneLabel } from './time.ts'

interface NumProps {
  readonly value: string | number | null | undefined
  readonly decimals?: number | undefined
  /** Of the instrument; says the decimals of a price or a quantity. */
  readonly step?: string | undefined
  readonly percent?: boolean
  readonly sign?: 'negative' | 'always'
  /** A gain or a loss: sign, arrow and colour. */
  readonly change?: boolean
  /** Currency code or another unit, behind the number. */
  readonly unit?: string | undefined
  /** Reserved width in characters, for cells that change. */
  readonly ch?: number
  readonly className?: string | undefined
  readonly testId?: string
}

/** Every number on every page goes through here. */
export const Num = memo(function Num(props: NumProps): ReactNode {
  const { digits } = useSettings()
  const { value, change } = props
  const decimals = props.decimals ?? (props.step === undefined ? undefined : decimalsOf(props.step))
  const text = formatNumber(value, {
    decimals: decimals ?? (props.percent ? 2 : undefined),
    percent: props.percent,
    sign: change ? 'always' : props.sign,
    digits,
  })
  const known = text !== UNKNOWN
  const direction = change && known ? signOf(String(value)) : 0
  const colour = direction > 0 ? ' text-up' : direction < 0 ? ' text-down' : ''
  return (
    <bdi
      dir="ltr"
      className={`num${colour}${props.className ? ` ${props.className}` : ''}`}
      data-testid={props.testId}
      style={props.ch === undefined ? undefined : { minInlineSize: `${props.ch}ch` }}
    >
      {change && known && (
        <span aria-hidden="true" className="me-1 inline-block w-[0.9em] text-center text-[0.75em] leading-none">
          {direction > 0 ? '▲' : direction < 0 ? '▼' : ''}
        </span>
      )}
      {text}
      {props.unit && known && <span className="ms-1 text-text-2">{props.unit}</span>}
    </bdi>
  )
})

/** A symbol, an id or code: always left to right. */
export const Sym = ({ children, mono }: { children: ReactNode; mono?: boolean }): ReactNode => (
  <bdi dir="ltr" className={mono ? 'font-mono text-[0.92em]' : undefined}>
    {children}
  </bdi>
)

function useTimeStyle(): TimeStyle & {
  show: (at: number, style?: Partial<TimeStyle>) => string
  zoneText: (at: number) => string
} {
  const { zone, calendar, digits } = useSettings()
  const inDigits = (text: string): string => (digits === 'persian' ? toPersianDigits(text) : text)
  return {
    zone,
    calendar,
    show: (at, style) => inDigits(formatTime(at, { zone, calendar, ...style })),
    zoneText: at => inDigits(zoneLabel(zone, at)),
  }
}

interface TimeProps {
  /** Microseconds. */
  readonly at: number | null | undefined
  readonly precision?: TimeStyle['precision']
  readonly timeOnly?: boolean
  readonly noZone?: boolean
}

/** A point in time, with its zone. */
export const Time = memo(function Time({ at, precision, timeOnly, noZone }: TimeProps): ReactNode {
  const style = useTimeStyle()
  if (at === null || at === undefined) return <span>{UNKNOWN}</span>
  const zone = style.zoneText(at)
  return (
    <time dateTime={isoOf(at)} title={`${style.show(at, { precision: 'milliseconds' })} ${zone}`}>
      <bdi dir="ltr" className="num">
        {style.show(at, { precision, timeOnly })}
        {!noZone && <span className="ms-1 text-text-3">{zone}</span>}
      </bdi>
    </time>
  )
})

const HOUR_MS = 3_600_000

/** "3 min ago" under an hour, the full time beyond. */
export const Ago = memo(function Ago({ at }: { at: number | null | undefined }): ReactNode {
  useLanguage()
  useNow()
  const style = useTimeStyle()
  if (at === null || at === undefined) return <span>{UNKNOWN}</span>
  const age = ageMs(at)
  if (age >= HOUR_MS) return <Time at={at} precision="minutes" />
  return (
    <time dateTime={isoOf(at)} title={`${style.show(at)} ${style.zoneText(at)}`} className="num">
      {age < 60_000
        ? t('time.secondsAgo', { n: Math.floor(age / 1_000) })
        : t('time.minutesAgo', { n: Math.floor(age / 60_000) })}
    </time>
  )
})
