import { type ReactNode, useEffect, useMemo } from 'react'
import type { CandleView, InstrumentView } from '../../contract.ts'
import { useFillsFeed, useTopic } from '../../feed/use-feed.ts'
import { later } from '../../shell/later.tsx'
import { minus } from '../../show/decimal.ts'
import { Num, Sym } from '../../show/show.tsx'
import { t, useLanguage } from '../../text/text.tsx'
import { Note, Panel, Skeleton } from '../../ui/panel.tsx'
import { Segment } from '../../ui/segment.tsx'
import { CandleTable } from './candle-table.tsx'
import { type ChartFill, INTERVALS, type Interval } from './candles.ts'
import { TwinButton } from './twin.tsx'

/** The picture needs a library as large as all the rest of the page, which therefore does not wait for it. */
const Candlesticks = later(() => import('./candlesticks.tsx'), <Skeleton rows={12} />)

interface ChartProps {
  readonly instrument: InstrumentView
  readonly interval: Interval
  readonly onInterval: (interval: Interval) => void
  readonly asTable: boolean
  readonly onTable: (on: boolean) => void
  readonly className?: string
  /** What else can be shown in this place. */
  readonly switcher?: ReactNode
  /** Ours, instead of those of our strategies. */
  readonly fills?: readonly ChartFill[] | undefined
}

export function Chart({
  instrument,
  interval,
  onInterval,
  asTable,
  onTable,
  className,
  ...own
}: ChartProps): ReactNode {
  useLanguage()
  const { data } = useTopic<readonly CandleView[]>(`candles:${instrument.id}:${interval}`)
  const allFills = useFillsFeed().data
  const fillsOfRuns = useMemo(
    () => (allFills ?? []).filter(fill => fill.instrument === instrument.id),
    [allFills, instrument.id],
  )
  const fills = own.fills ?? fillsOfRuns
  const newest = data?.at(-1)
  useEffect(() => void Candlesticks.preload().catch(() => undefined), [])
  return (
    <Panel
      title={t('chart.title')}
      className={className ?? ''}
      needs="market:read"
      testId="chart"
      tools={
        <>
          {own.switcher}
          {newest && <Ohlc candle={newest} tick={instrument.tick} />}
          <Segment
            label={t('chart.interval')}
            options={INTERVALS.map(one => [one, <Sym key={one}>{one}</Sym>] as const)}
            value={interval}
            onChange={onInterval}
            testId="interval"
          />
          <TwinButton on={asTable} onToggle={() => onTable(!asTable)} what={t('chart.title')} />
        </>
      }
    >
      {!data ? (
        <Skeleton rows={12} />
      ) : data.length === 0 ? (
        <Note>{t('chart.empty')}</Note>
      ) : asTable ? (
        <CandleTable candles={data} instrument={instrument} fills={fills} />
      ) : (
        <Candlesticks
          key={`${instrument.id} ${interval}`}
          candles={data}
          fills={fills}
          instrument={instrument}
          interval={interval}
        />
      )}
    </Panel>
  )
}

function Ohlc({ candle, tick }: { candle: CandleView; tick: string }): ReactNode {
  const parts = [
    ['chart.o', candle.open],
    ['chart.h', candle.high],
    ['chart.l', candle.low],
    ['chart.c', candle.close],
  ] as const
  return (
    <div dir="ltr" className="me-1 hidden gap-2 text-cell text-text-2 xl:flex">
      {parts.map(([label, value]) => (
        <span key={label}>
          <abbr title={t(`${label}.long`)} className="no-underline">
            {t(label)}
          </abbr>{' '}
          <Num value={value} step={tick} className="text-text" />
        </span>
      ))}
      <Num value={minus(candle.close, candle.open)} step={tick} change ch={8} />
    </div>
  )
}
