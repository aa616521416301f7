import {
  CandlestickSeries,
  type Time as ChartTime,
  ColorType,
  CrosshairMode,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type SeriesMarker,
  TickMarkType,
  type UTCTimestamp,
} from 'lightweight-charts'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import type { CandleView, InstrumentView } from '../../contract.ts'
import { useSettings } from '../../settings/settings.ts'
import { type Palette, usePalette } from '../../show/colours.ts'
import { decimalsOf } from '../../show/decimal.ts'
import { formatNumber, toPersianDigits } from '../../show/number.ts'
import { formatTime, zoneLabel } from '../../show/time.ts'
import { t, useLanguage } from '../../text/text.tsx'
import { barOf, bars, type ChartFill, type Interval, marks } from './candles.ts'

/** Of `2026-11-21` and `1405/08/30`. */
const YEAR_LENGTH = 4

interface Handles {
  readonly chart: IChartApi
  readonly candles: ISeriesApi<'Candlestick'>
  readonly volume: ISeriesApi<'Histogram'>
  readonly markers: ISeriesMarkersPluginApi<ChartTime>
}

interface CandlesticksProps {
  readonly candles: readonly CandleView[]
  readonly fills: readonly ChartFill[]
  readonly instrument: InstrumentView
  readonly interval: Interval
}

/** The candles as a picture, with our fills on them. */
export default function Candlesticks({ candles, fills, instrument, interval }: CandlesticksProps): ReactNode {
  const box = useRef<HTMLDivElement>(null)
  const [handles, setHandles] = useState<Handles>()
  const shown = useRef<readonly CandleView[]>([])
  const palette = usePalette()
  const { zone, calendar, digits } = useSettings()
  const shift = zone === 'local' ? -new Date((candles.at(-1)?.openAt ?? 0) / 1_000).getTimezoneOffset() * 60 : 0
  const decimals = decimalsOf(instrument.tick)

  useEffect(() => {
    if (!box.current) return
    const made = make(box.current)
    setHandles(made)
    return () => {
      shown.current = []
      made.chart.remove()
    }
  }, [])

  useEffect(() => {
    if (!handles) return
    paint(handles, palette)
    const inDigits = (text: string): string => (digits === 'persian' ? toPersianDigits(text) : text)
    const mark = (time: ChartTime, kind: TickMarkType): string => {
      const at = (Number(time) - shift) * 1_000_000
      const [day = '', clock = ''] = formatTime(at, { zone, calendar, precision: 'minutes' }).split(' ')
      if (kind === TickMarkType.Time || kind === TickMarkType.TimeWithSeconds) return clock
      return kind === TickMarkType.DayOfMonth ? day.slice(YEAR_LENGTH + 1) : day
    }
    const atText = (time: ChartTime): string => {
      const at = (Number(time) - shift) * 1_000_000
      return inDigits(`${formatTime(at, { zone, calendar, precision: 'minutes' })} ${zoneLabel(zone, at)}`)
    }
    handles.chart.applyOptions({
      localization: {
        priceFormatter: (price: number) => formatNumber(price.toFixed(decimals), { digits }),
        timeFormatter: atText,
      },
      timeScale: { tickMarkFormatter: (time: ChartTime, kind: TickMarkType) => inDigits(mark(time, kind)) },
    })
    handles.candles.applyOptions({
      priceFormat: { type: 'price', precision: decimals, minMove: Number(instrument.tick) },
    })
  }, [handles, palette, decimals, instrument.tick, zone, calendar, digits, shift])

  // The zone moves all bars, so they are laid anew.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    shown.current = []
  }, [shift, handles, palette])

  useEffect(() => {
    if (!handles) return
    const before = shown.current
    const last = before.at(-1)
    const tail = last ? candles.filter(candle => candle.openAt >= last.openAt) : []
    const follows =
      last !== undefined && before[0]?.openAt === candles[0]?.openAt && tail.length > 0 && tail.length <= 3
    shown.current = candles
    const volume = (candle: CandleView) => ({
      time: barOf(candle, shift).time as UTCTimestamp,
      value: Number(candle.volume),
      color: palette('text-3', 0.35),
    })
    if (follows) {
      for (const candle of tail) {
        handles.candles.update(
          barOf(candle, shift) as { time: UTCTimestamp; open: number; high: number; low: number; close: number },
        )
        handles.volume.update(volume(candle))
      }
      return
    }
    handles.candles.setData(bars(candles, interval, shift) as Parameters<Handles['candles']['setData']>[0])
    handles.volume.setData(candles.map(volume))
    if (before.length === 0) {
      const visible = Math.max(40, Math.min(160, Math.floor((box.current?.clientWidth ?? 800) / 8)))
      handles.chart.timeScale().setVisibleLogicalRange({ from: candles.length - visible, to: candles.length + 4 })
    }
  }, [handles, candles, interval, shift, palette])

  const markList = useMemo(() => marks(fills, candles, interval, shift), [fills, candles, interval, shift])
  const language = useLanguage()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words on the marks follow the language
  useEffect(() => {
    handles?.markers.setMarkers(
      markList.map((mark): SeriesMarker<ChartTime> => {
        const buy = mark.side === 'buy'
        return {
          time: mark.time as UTCTimestamp,
          position: buy ? 'belowBar' : 'aboveBar',
          shape: buy ? 'arrowUp' : 'arrowDown',
          color: palette('ink'),
          size: 0.8,
          ...(mark.worded
            ? {
                text:
                  t(`mark.${mark.side}`) + (mark.count > 1 ? ` ×${formatNumber(String(mark.count), { digits })}` : ''),
              }
            : {}),
        }
      }),
    )
  }, [handles, markList, palette, language, digits])

  const newest = candles.at(-1)
  return (
    <div
      ref={box}
      dir="ltr"
      role="img"
      className="min-h-0 flex-1"
      aria-label={t('chart.summary', {
        pair: instrument.pair,
        interval,
        count: candles.length,
        price: newest?.close ?? '—',
        quote: instrument.quote,
        fills: markList.length,
      })}
    />
  )
}

function make(element: HTMLElement): Handles {
  const chart = createChart(element, {
    autoSize: true,
    crosshair: { mode: CrosshairMode.Normal },
    rightPriceScale: { scaleMargins: { top: 0.12, bottom: 0.22 } },
    timeScale: { timeVisible: true, secondsVisible: false, rightOffset: 4, minBarSpacing: 2 },
    layout: { attributionLogo: false, fontFamily: 'Inter, Vazirmatn, sans-serif', fontSize: 11 },
  })
  const volume = chart.addSeries(HistogramSeries, {
    priceScaleId: 'volume',
    priceFormat: { type: 'volume' },
    lastValueVisible: false,
    priceLineVisible: false,
  })
  chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.85, bottom: 0 } })
  const candles = chart.addSeries(CandlestickSeries, { borderVisible: true })
  return { chart, candles, volume, markers: createSeriesMarkers(candles, []) }
}

/** Rising candles are hollow and falling ones filled, so that the colours are not needed to tell them apart. */
function paint({ chart, candles }: Handles, palette: Palette): void {
  chart.applyOptions({
    layout: { background: { type: ColorType.Solid, color: palette('bg') }, textColor: palette('text-2') },
    grid: { vertLines: { color: palette('surface2') }, horzLines: { color: palette('surface2') } },
    rightPriceScale: { borderColor: palette('border') },
    timeScale: { borderColor: palette('border') },
    crosshair: {
      vertLine: { color: palette('control'), labelBackgroundColor: palette('text-2') },
      horzLine: { color: palette('control'), labelBackgroundColor: palette('text-2') },
    },
  })
  candles.applyOptions({
    upColor: palette('bg'),
    downColor: palette('down'),
    borderUpColor: palette('up'),
    borderDownColor: palette('down'),
    wickUpColor: palette('up'),
    wickDownColor: palette('down'),
    priceLineColor: palette('text-3'),
  })
}
