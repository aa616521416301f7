import type { SocketHub } from '../platform/index.ts'
import { MarketDisplay } from './live/market-display.ts'
import type { CandleView, TickerView } from './views.ts'

const CANDLES_SHOWN = 500

/** Offers the market's topics: ticker, books, trades and candles. They belong to no tenant. */
export function offerMarketTopics(hub: SocketHub, display: MarketDisplay): void {
  const known = new Set<string>(display.instruments.map(({ id }) => id))
  const permission = 'market:read'
  const after = (prefix: string, topic: string) => (topic.startsWith(prefix) ? topic.slice(prefix.length) : '')
  hub.offer({
    match: topic => topic === 'ticker',
    permission,
    kind: 'state',
    snapshot: () => display.ticker(),
    key: (ticker: TickerView) => ticker.instrument,
  })
  hub.offer({
    match: topic => known.has(after('book:', topic)),
    permission,
    kind: 'state',
    snapshot: (_, topic) => display.book(after('book:', topic)),
  })
  hub.offer({
    match: topic => known.has(after('trades:', topic)),
    permission,
    kind: 'log',
    snapshot: (_, topic) => display.trades(after('trades:', topic)),
  })
  hub.offer({
    match: topic => seriesOf(topic, known) !== null,
    permission,
    kind: 'state',
    snapshot: (_, topic) => {
      const [instrument, interval] = seriesOf(topic, known)!
      return display.candles(instrument, interval, CANDLES_SHOWN)
    },
    key: (candle: CandleView) => candle.openAt,
  })
}

/** `candles:paper:XRP/USD:1m` → instrument and interval, when both are shown. */
function seriesOf(topic: string, known: ReadonlySet<string>): [string, string] | null {
  if (!topic.startsWith('candles:')) return null
  const colon = topic.lastIndexOf(':')
  const instrument = topic.slice('candles:'.length, colon)
  const interval = topic.slice(colon + 1)
  return known.has(instrument) && (MarketDisplay.intervals as readonly string[]).includes(interval)
    ? [instrument, interval]
    : null
}
