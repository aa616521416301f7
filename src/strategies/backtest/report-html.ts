import { type Micros, priceFloat, priceText, quantityText } from '../../kernel/index.ts'
import type { CandleColumns, ImportReport } from '../../market/index.ts'
import { drawdowns } from '../statistics.ts'
import type { BacktestResult } from './backtest.ts'
import { candleChart, lineChart } from './report-charts.ts'
import { backtestJson, dailyReturns, RATIO_BASIS, summarise } from './summary.ts'

/** Round trips listed in full; the rest is counted. */
const TRIPS_LISTED_MAX = 1_000

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, char => `&#${char.charCodeAt(0)};`)
const minus = (text: string): string => text.replace('-', '−')
const percent = (value: number | null, sign = true): string =>
  value === null ? '—' : minus(`${sign && value > 0 ? '+' : ''}${(value * 100).toFixed(2)} %`)
const ratio = (value: number | null): string => (value === null ? '—' : minus(value.toFixed(3)))
const money = (value: number): string =>
  minus(value.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 }))
const time = (at: Micros): string => new Date(at / 1_000).toISOString().slice(0, 16).replace('T', ' ')

/** A backtest as one HTML file: no script, no request, the same bytes for the same result. */
export function reportHtml(result: BacktestResult, report: ImportReport | null, candles: CandleColumns | null): string {
  const title = `${result.strategy} on ${result.instrument.id}`
  const { quote } = result.instrument
  const equity = result.daily.map(({ at, equity }) => ({ at, value: equity }))
  const underwater = drawdowns(dailyReturns(result)).map((value, i) => ({
    at: result.daily[i]!.at,
    value: value * 100,
  }))
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}: backtest</title><style>${STYLE}</style></head><body><main>
<h1>${escapeHtml(title)}</h1>
<p class="quiet">${time(result.from)} to ${time(result.to)} UTC · ${result.bars.toLocaleString('en')} bars · start ${money(Number(result.allocation))} ${quote}${result.error === null ? '' : ` · <strong class="danger">the strategy failed: ${escapeHtml(result.error)}</strong>`}</p>
${heroes(result)}
<section><h2>Equity</h2>${lineChart(equity, { label: `Equity in ${quote} at the close of each UTC day`, format: money, className: 'equity' })}</section>
<section><h2>Drawdown</h2>${lineChart(underwater, { label: 'Fall from the highest equity so far, percent', format: value => `${minus(value.toFixed(1))} %`, className: 'under', fill: true })}</section>
${candles === null ? '' : `<section><h2>Trades on the market</h2>${candleChart(candles, result)}</section>`}
<section><h2>Months</h2>${monthTable(result)}</section>
<section><h2>Figures</h2>${figureTable(result, report)}</section>
<section><h2>Trades</h2>${tripTable(result)}</section>
<footer><p>${RATIO_BASIS} Orders went through the same node, risk checks and paper venue as in paper trading. Within a candle the price goes from the open to the nearer extreme, the other extreme and the close; a resting order fills only once the price has gone through it.</p>
<p class="quiet">Trades hash <code>${result.tradesHash}</code></p></footer>
</main></body></html>
`
}

function heroes(result: BacktestResult): string {
  const figures = summarise(result)
  const items: [string, string, string?][] = [
    ['Return', percent(figures.return), tone(figures.return)],
    ['Final equity', `${money(Number(result.finalEquity))} ${result.instrument.quote}`],
    ['Largest drawdown', percent(figures.maxDrawdown), tone(figures.maxDrawdown)],
    ['Sharpe', ratio(figures.sharpe)],
    ['Round trips', result.roundTrips.length.toLocaleString('en')],
    ['Fees', `${money(Number(result.fees))} ${result.instrument.quote}`],
  ]
  return `<dl class="heroes">${items.map(([name, value, className = '']) => `<div><dt>${name}</dt><dd class="${className}">${value}</dd></div>`).join('')}</dl>`
}

const tone = (value: number): string => (value > 0 ? 'up' : value < 0 ? 'down' : '')

function monthTable(result: BacktestResult): string {
  const byYear = new Map<string, Map<number, number>>()
  for (const { month, return: change } of summarise(result).months) {
    const [year, number] = month.split('-') as [string, string]
    if (!byYear.has(year)) byYear.set(year, new Map())
    byYear.get(year)!.set(Number(number), change)
  }
  const names = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
  const rows = [...byYear].map(([year, months]) => {
    const cells = names.map((_, i) => monthCell(months.get(i + 1)))
    const whole = [...months.values()].reduce((growth, change) => growth * (1 + change), 1) - 1
    return `<tr><th scope="row">${year}</th>${cells.join('')}${monthCell(whole)}</tr>`
  })
  const heads = [...names, 'Year'].map(name => `<th scope="col">${name}</th>`).join('')
  return `<div class="scroll"><table class="months"><thead><tr><th scope="col">Year</th>${heads}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}

function monthCell(change: number | undefined): string {
  if (change === undefined) return '<td></td>'
  const strength = Math.min(3, Math.ceil(Math.abs(change) * 20))
  const sign = change > 0 ? '+' : ''
  return `<td class="${tone(change)}-${strength}">${minus(`${sign}${(change * 100).toFixed(1)}`)}</td>`
}

function figureTable(result: BacktestResult, report: ImportReport | null): string {
  const json = backtestJson(result, report, 0)
  const rows: [string, string][] = [
    ['Annual return', percent(json.annualReturn)],
    ['Annual volatility', percent(json.annualVolatility, false)],
    ['Sharpe', ratio(json.sharpe)],
    ['Sortino', ratio(json.sortino)],
    ['Calmar', ratio(json.calmar)],
    ['Omega', ratio(json.omega)],
    ['Tail ratio', ratio(json.tailRatio)],
    ['Stability', ratio(json.stability)],
    ['Winning round trips', percent(json.winRate, false)],
    ['Profit factor', ratio(json.profitFactor)],
    ['Time in the market', percent(json.exposure, false)],
    ['Orders placed / denied / filled', `${json.orders.placed} / ${json.orders.denied} / ${json.orders.filled}`],
    [
      'Data',
      report === null
        ? 'a recorded market'
        : `${report.layout}: ${json.duplicates} duplicates, ${json.gaps} gaps with ${json.missingBars} missing bars, ${json.badRows} bad rows, ${json.timeDisagreements} times in disagreement`,
    ],
    ['Parameters', escapeHtml(JSON.stringify(result.parameters))],
  ]
  return `<table class="figures"><tbody>${rows.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`).join('')}</tbody></table>`
}

function tripTable(result: BacktestResult): string {
  if (result.roundTrips.length === 0) return '<p>The strategy made no round trip.</p>'
  const { instrument } = result
  const rows = result.roundTrips
    .slice(0, TRIPS_LISTED_MAX)
    .map(
      trip =>
        `<tr><td>${time(trip.openedAt)}</td><td>${time(trip.closedAt)}</td><td>${trip.side}</td><td>${quantityText(instrument, trip.quantity)}</td><td>${money(trip.fees)}</td><td class="${tone(trip.profit)}">${trip.profit > 0 ? '+' : ''}${money(trip.profit)}</td></tr>`,
    )
  const more = result.roundTrips.length - rows.length
  const last = result.fills.at(-1)
  return `<div class="scroll"><table><thead><tr><th scope="col">Opened (UTC)</th><th scope="col">Closed</th><th scope="col">Side</th><th scope="col">${instrument.base}</th><th scope="col">Fees</th><th scope="col">Profit after fees, ${instrument.quote}</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>${more > 0 ? `<p class="quiet">and ${more.toLocaleString('en')} more</p>` : ''}${last === undefined ? '' : `<p class="quiet">Last fill at ${priceText(instrument, last.price)} (${priceFloat(instrument, last.price).toPrecision(6)})</p>`}`
}

const SHADES = (name: string, light: string) =>
  [1, 2, 3].map(n => `.${name}-${n}{background:color-mix(in srgb,${light} ${n * 12}%,transparent)}`).join('')

const STYLE = `:root{--bg:#fff;--surface:#f7f8fa;--line:#d5d9e0;--text:#14171f;--quiet:#4a5160;--up:#0a69ae;--down:#b4410e;--danger:#c0262d;--series:#2f5bd7}
@media(prefers-color-scheme:dark){:root{--bg:#0b0d12;--surface:#12151c;--line:#2a303c;--text:#edeff4;--quiet:#aeb6c4;--up:#4fb3f6;--down:#f58a4b;--danger:#ff6b6b;--series:#7c9dff}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--text);font:13px/20px Inter,system-ui,sans-serif;font-variant-numeric:tabular-nums slashed-zero}
main{max-width:1120px;margin:0 auto;padding:24px 16px}h1{font-size:20px;line-height:28px;margin:0}h2{font-size:16px;line-height:24px;margin:24px 0 8px}
.quiet,footer{color:var(--quiet)}.up{color:var(--up)}.down{color:var(--down)}.danger{color:var(--danger)}
.heroes{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1px;background:var(--line);border:1px solid var(--line);margin:16px 0}
.heroes div{background:var(--surface);padding:12px}.heroes dt{color:var(--quiet)}.heroes dd{margin:0;font-size:20px;line-height:28px;font-weight:500}
table{border-collapse:collapse;width:100%}th,td{padding:4px 8px;text-align:end;border-bottom:1px solid var(--line);white-space:nowrap}th{font-weight:500;color:var(--quiet)}th[scope=row],td:first-child{text-align:start}.figures td{text-align:start;white-space:normal}.figures th{width:240px}
.scroll{overflow-x:auto}svg{display:block;width:100%;height:auto;background:var(--surface);border:1px solid var(--line)}svg text{fill:var(--quiet);font-size:11px}.grid{stroke:var(--line)}
.equity{stroke:var(--series);fill:none;stroke-width:1.5}.under{stroke:var(--down);fill:var(--down);fill-opacity:.15}.bar-up{stroke:var(--up);fill:none}.bar-down{stroke:var(--down);fill:var(--down)}.buy{fill:var(--up);stroke:var(--bg)}.sell{fill:var(--down);stroke:var(--bg)}
${SHADES('up', 'var(--up)')}${SHADES('down', 'var(--down)')}code{font-size:12px;word-break:break-all}`
