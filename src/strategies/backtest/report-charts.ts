import { type Micros, priceFloat } from '../../kernel/index.ts'
import type { CandleColumns } from '../../market/index.ts'
import type { BacktestResult } from './backtest.ts'

const WIDTH = 1_080
const HEIGHT = 280
const LEFT = 8
const RIGHT = 84
const TOP = 12
const BOTTOM = 24
/** More than this many candles are put together until they fit. */
const CANDLES_SHOWN_MAX = 260
const POINTS_SHOWN_MAX = 1_500
const MARKS_SHOWN_MAX = 600

interface Scale {
  x(at: Micros): string
  y(value: number): string
}

const fixed = (value: number): string => value.toFixed(1)

function scaleOf(from: Micros, to: Micros, low: number, high: number): Scale {
  const span = to - from || 1
  const range = high - low || 1
  return {
    x: at => fixed(LEFT + ((at - from) / span) * (WIDTH - LEFT - RIGHT)),
    y: value => fixed(TOP + ((high - value) / range) * (HEIGHT - TOP - BOTTOM)),
  }
}

/** Horizontal lines with their values, and the dates at both ends. */
function frame(
  scale: Scale,
  from: Micros,
  to: Micros,
  low: number,
  high: number,
  format: (value: number) => string,
): string {
  const lines = [0, 1, 2, 3, 4].map(i => {
    const value = low + ((high - low) * i) / 4
    const y = scale.y(value)
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/><text x="${WIDTH - RIGHT + 6}" y="${Number(y) + 4}">${format(value)}</text>`
  })
  const day = (at: Micros) => new Date(at / 1_000).toISOString().slice(0, 10)
  const y = HEIGHT - 7
  return `${lines.join('')}<text x="${LEFT}" y="${y}">${day(from)}</text><text x="${WIDTH - RIGHT}" y="${y}" text-anchor="end">${day(to)}</text>`
}

const svg = (label: string, body: string): string =>
  `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${body}</svg>`

/** A line over time; with `fill` the area to zero. */
export function lineChart(
  points: readonly { at: Micros; value: number }[],
  options: { label: string; format: (value: number) => string; className: string; fill?: boolean },
): string {
  const every = Math.ceil(points.length / POINTS_SHOWN_MAX)
  const shown = points.filter((_, i) => i % every === 0 || i === points.length - 1)
  const values = shown.map(point => point.value)
  const low = Math.min(...values)
  const high = options.fill ? 0 : Math.max(...values)
  const [from, to] = [shown[0]!.at, shown.at(-1)!.at]
  const scale = scaleOf(from, to, low, high)
  const line = shown.map(({ at, value }) => `${scale.x(at)},${scale.y(value)}`).join(' ')
  const closed = options.fill ? `${scale.x(from)},${scale.y(0)} ${line} ${scale.x(to)},${scale.y(0)}` : line
  const tag = options.fill ? 'polygon' : 'polyline'
  return svg(
    options.label,
    `${frame(scale, from, to, low, high, options.format)}<${tag} class="${options.className}" points="${closed}"/>`,
  )
}

interface Bar {
  at: Micros
  open: number
  high: number
  low: number
  close: number
}

/** The market as candles with a triangle for every fill: up for a buy, down for a sell. */
export function candleChart(candles: CandleColumns, result: BacktestResult): string {
  const bars = putTogether(candles, Math.ceil(candles.length / CANDLES_SHOWN_MAX))
  const low = Math.min(...bars.map(bar => bar.low))
  const high = Math.max(...bars.map(bar => bar.high))
  const scale = scaleOf(result.from, result.to, low, high)
  const width = Math.max(1, ((WIDTH - LEFT - RIGHT) / bars.length) * 0.6)
  const format = (ticks: number) => priceFloat(result.instrument, ticks).toPrecision(5)
  const drawn = bars.map(bar => candle(bar, scale, width))
  const every = Math.ceil(result.fills.length / MARKS_SHOWN_MAX)
  const marks = result.fills
    .filter((_, i) => i % every === 0)
    .map(({ at, price, side }) => {
      const [x, y] = [Number(scale.x(at)), Number(scale.y(price))]
      const tip = side === 'buy' ? 8 : -8
      return `<path class="${side}" d="M${x} ${y}l4 ${tip}h-8z"><title>${side} at ${format(price)}</title></path>`
    })
  const note = every > 1 ? `, every ${every}th fill shown` : ''
  return svg(
    `Price of ${result.instrument.pair} with ${result.fills.length} fills${note}`,
    frame(scale, result.from, result.to, low, high, format) + drawn.join('') + marks.join(''),
  )
}

function candle(bar: Bar, scale: Scale, width: number): string {
  const x = Number(scale.x(bar.at))
  const top = scale.y(Math.max(bar.open, bar.close))
  const height = Math.max(0.5, Number(scale.y(Math.min(bar.open, bar.close))) - Number(top))
  const className = bar.close >= bar.open ? 'bar-up' : 'bar-down'
  return `<g class="${className}"><line x1="${fixed(x)}" x2="${fixed(x)}" y1="${scale.y(bar.high)}" y2="${scale.y(bar.low)}"/><rect x="${fixed(x - width / 2)}" y="${top}" width="${fixed(width)}" height="${fixed(height)}"/></g>`
}

function putTogether(candles: CandleColumns, size: number): Bar[] {
  const bars: Bar[] = []
  for (let i = 0; i < candles.length; i++) {
    if (i % size === 0)
      bars.push({ at: candles.openAt[i]!, open: candles.open[i]!, high: 0, low: Number.POSITIVE_INFINITY, close: 0 })
    const bar = bars.at(-1)!
    bar.high = Math.max(bar.high, candles.high[i]!)
    bar.low = Math.min(bar.low, candles.low[i]!)
    bar.close = candles.close[i]!
  }
  return bars
}
