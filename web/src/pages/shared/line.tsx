import { type ReactNode, useEffect, useRef } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useSettings } from '../../settings/settings.ts'
import { type Palette, usePalette } from '../../show/colours.ts'
import { formatNumber, toPersianDigits } from '../../show/number.ts'
import { formatTime } from '../../show/time.ts'

interface LineProps {
  readonly points: readonly { readonly at: number; readonly gain: string }[]
  readonly label: string
}

/** One line about a zero that is always in view: above it in the colour of gains, below in that of losses. */
export default function Line({ points, label }: LineProps): ReactNode {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot>(undefined)
  const latest = useRef(points)
  latest.current = points
  const palette = usePalette()
  const { zone, calendar, digits } = useSettings()

  useEffect(() => {
    const element = box.current
    if (!element) return
    const number = (value: number): string =>
      formatNumber(value.toFixed(Math.abs(value) >= 100 ? 0 : 2), { sign: 'always', digits })
    const time = (seconds: number, fine: boolean): string => {
      const text = formatTime(seconds * 1_000_000, {
        zone,
        calendar,
        timeOnly: true,
        precision: fine ? 'seconds' : 'minutes',
      })
      return digits === 'persian' ? toPersianDigits(text) : text
    }
    const made = new UPlot(options(element, palette, number, time), dataOf(latest.current), element)
    plot.current = made
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: element.clientHeight }),
    )
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [palette, zone, calendar, digits])

  useEffect(() => plot.current?.setData(dataOf(points)), [points])

  return (
    <div
      ref={box}
      dir="ltr"
      role="img"
      aria-label={label}
      className="relative min-h-28 flex-1 overflow-hidden [&>.uplot]:absolute"
    />
  )
}

const dataOf = (points: LineProps['points']): UPlot.AlignedData => [
  points.map(point => point.at / 1_000_000),
  points.map(point => Number(point.gain)),
]

/** Marks closer than a minute need their seconds. */
const isFine = (splits: readonly number[]): boolean => (splits[1] ?? 60) - (splits[0] ?? 0) < 60

const HEADROOM = 0.12
/** With nothing gained or lost yet, a scale of one unit. */
const range = (_: UPlot, low: number | null, high: number | null): [number, number] => {
  const bottom = Math.min(0, low ?? 0)
  const top = Math.max(0, high ?? 0)
  const room = (top - bottom || 1) * HEADROOM
  return [bottom - room, top + room]
}

function byZero(palette: Palette, alpha?: number) {
  return (plot: UPlot): CanvasGradient | string => {
    const { top, height } = plot.bbox
    const zero = Math.min(1, Math.max(0, (plot.valToPos(0, 'y', true) - top) / height))
    if (!Number.isFinite(zero)) return palette('up', alpha)
    const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height)
    gradient.addColorStop(0, palette('up', alpha))
    gradient.addColorStop(zero, palette('up', alpha))
    gradient.addColorStop(zero, palette('down', alpha))
    gradient.addColorStop(1, palette('down', alpha))
    return gradient
  }
}

function options(
  element: HTMLElement,
  palette: Palette,
  number: (value: number) => string,
  time: (seconds: number, fine: boolean) => string,
): UPlot.Options {
  const axis = {
    stroke: palette('text-2'),
    font: '11px Inter, sans-serif',
    ticks: { stroke: palette('border'), size: 4 },
  }
  const grid = { stroke: palette('surface2'), width: 1 }
  return {
    width: element.clientWidth || 300,
    height: element.clientHeight || 120,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    scales: { x: { time: true }, y: { range } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        space: 70,
        values: (_, splits) => splits.map(at => time(at, isFine(splits))),
      },
      { ...axis, grid, side: 1, size: 58, space: 28, values: (_, splits) => splits.map(number) },
    ],
    series: [
      {},
      { stroke: byZero(palette), fill: byZero(palette, 0.14), fillTo: 0, width: 1.5, points: { show: false } },
    ],
    hooks: {
      drawAxes: [plot => zeroLine(plot, palette('control'))],
      setCursor: [plot => tell(plot, element, number, time)],
    },
  }
}

function zeroLine(plot: UPlot, colour: string): void {
  const y = Math.round(plot.valToPos(0, 'y', true)) + 0.5
  const { ctx, bbox } = plot
  ctx.save()
  ctx.strokeStyle = colour
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.restore()
}

/** The value under the crosshair, in the corner. */
function tell(
  plot: UPlot,
  element: HTMLElement,
  number: (value: number) => string,
  time: (seconds: number, fine: boolean) => string,
): void {
  let note = element.querySelector<HTMLElement>('[data-note]')
  if (!note) {
    note = document.createElement('div')
    note.dataset.note = ''
    note.className = 'num pointer-events-none absolute start-3 top-0 bg-bg px-1 text-cell text-text-2'
    element.append(note)
  }
  const index = plot.cursor.idx
  const x = index === null || index === undefined ? undefined : plot.data[0][index]
  const y = index === null || index === undefined ? undefined : plot.data[1]?.[index]
  note.textContent = x === undefined || y === undefined || y === null ? '' : `${time(x, true)}  ${number(y)}`
}
