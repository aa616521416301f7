import { z } from 'zod'
import { PAGE_SIZE_MAX } from '../kernel/index.ts'
import { ok, type Route, route } from '../platform/index.ts'
import { MarketDisplay } from './live/market-display.ts'
import { toInstrumentView } from './present.ts'
import { CandleView, InstrumentView, TickerView } from './views.ts'

declare module '../platform/index.ts' {
  interface RouteDeps {
    display: MarketDisplay
  }
}

const CANDLES_MAX = 1_500

const list = <S extends z.ZodType>(items: S) => z.strictObject({ items: z.array(items) })

export const marketRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/instruments',
    permission: 'market:read',
    rate: 'read',
    summary: 'Instruments with their tick, lot and minimums',
    responses: { 200: list(InstrumentView) },
    handle: (_, { display }) => ok({ items: display.instruments.slice(0, PAGE_SIZE_MAX).map(toInstrumentView) }),
  }),
  route({
    method: 'GET',
    path: '/v1/tickers',
    permission: 'market:read',
    rate: 'read',
    summary: 'Last price, best bid and ask, and the change over a day',
    responses: { 200: list(TickerView) },
    handle: (_, { display }) => ok({ items: display.ticker() }),
  }),
  route({
    method: 'GET',
    path: '/v1/candles',
    permission: 'market:read',
    rate: 'read',
    summary: 'The last candles of an instrument, oldest first; the last may still be forming',
    query: z.strictObject({
      instrument: z
        .string()
        .max(60)
        .meta({ examples: ['paper:XRP/USD'] }),
      interval: z.enum(MarketDisplay.intervals as [string, ...string[]]).default('1m'),
      limit: z.coerce.number().int().min(1).max(CANDLES_MAX).default(500),
    }),
    responses: { 200: list(CandleView) },
    handle: ({ query }, { display }) => ok({ items: display.candles(query.instrument, query.interval, query.limit) }),
  }),
]
