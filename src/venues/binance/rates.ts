import type { HttpResponse } from '../port/index.ts'
import { type Charge, countIn, type Heard, heardFromStatus, type RateRule, type VenueRates } from '../rates/rules.ts'

/*
 * Limits: "rateLimits" of https://developers.binance.com/docs/binance-spot-api-docs/rest-api/general-endpoints (exchangeInfo) and
 * https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits ; intervals are aligned with the clock.
 * Weights: "Weight" of each endpoint of https://developers.binance.com/docs/binance-spot-api-docs/rest-api
 */

const weigh = (method: string, path: string, weight: number): RateRule => ({
  method,
  path,
  charges: () => weighing(weight),
})
const weighing = (weight: number, ...further: readonly Charge[]): readonly Charge[] => [
  { bucket: 'weight', cost: weight },
  { bucket: 'raw', cost: 1 },
  ...further,
]
/** Cheaper for one symbol than for all. */
const bySymbol = (path: string, one: number, all: number): RateRule => ({
  method: 'GET',
  path,
  charges: ({ params }) => weighing(params.symbol === undefined ? all : one),
})
/** Counts as an order too. */
const placing = (path: string, weight: number): RateRule => ({
  method: 'POST',
  path,
  charges: () => weighing(weight, { bucket: 'orders10s', cost: 1 }, { bucket: 'ordersDay', cost: 1 }),
})

/** Of `depth`, by the number of levels asked for; 100 are given when none is named. */
const DEPTH_WEIGHTS = [
  [100, 5],
  [500, 25],
  [1_000, 50],
  [5_000, 250],
] as const
const DEPTH_DEFAULT = '100'

/** What their own answers count. */
const COUNTERS = [
  ['x-mbx-used-weight-1m', 'weight'],
  ['x-mbx-order-count-10s', 'orders10s'],
  ['x-mbx-order-count-1d', 'ordersDay'],
] as const

/**
 * Which limit a 429 is about: without that it would be taken for all of them, and those of five minutes and of the day are long.
 * "Too much request weight used; current limit is 6000 request weight per 1 MINUTE."; of "Too many requests queued." none is full.
 */
function limitOf({ body }: HttpResponse): readonly string[] | undefined {
  if (/"code":\s*-1003\b/.test(body))
    return /request weight/i.test(body) ? ['weight'] : /per 5 MINUTE/i.test(body) ? ['raw'] : []
  // "Too many new orders; current limit is 100 orders per 10 SECOND."
  if (/"code":\s*-1015\b/.test(body)) return [/per (1 )?DAY/i.test(body) ? 'ordersDay' : 'orders10s']
  return undefined
}

export const binanceRates: VenueRates = {
  venue: 'binance',
  buckets: {
    weight: { type: 'fixed_window', scope: 'ip', max: 6_000, windowMs: 60_000 },
    raw: { type: 'fixed_window', scope: 'ip', max: 61_000, windowMs: 300_000 },
    orders10s: { type: 'fixed_window', scope: 'key', max: 100, windowMs: 10_000 },
    ordersDay: { type: 'fixed_window', scope: 'key', max: 200_000, windowMs: 86_400_000 },
    // /sapi has a limit of its own for each endpoint and address:
    // https://developers.binance.com/docs/wallet/introduction ("12000 per minute per IP").
    sapi: { type: 'fixed_window', scope: 'ip', max: 12_000, windowMs: 60_000 },
  },
  rules: [
    weigh('GET', '/api/v3/ping', 1),
    weigh('GET', '/api/v3/time', 1),
    weigh('GET', '/api/v3/exchangeInfo', 20),
    {
      method: 'GET',
      path: '/api/v3/depth',
      charges: ({ params }) => {
        const levels = Number(params.limit ?? DEPTH_DEFAULT)
        return weighing((DEPTH_WEIGHTS.find(([most]) => levels <= most) ?? DEPTH_WEIGHTS[3])[1])
      },
    },
    // The venue's page says 25 for trades; the table of others says 10: the larger one holds for both.
    weigh('GET', '/api/v3/trades', 25),
    weigh('GET', '/api/v3/aggTrades', 4),
    weigh('GET', '/api/v3/klines', 2),
    bySymbol('/api/v3/ticker/24hr', 2, 80),
    bySymbol('/api/v3/ticker/price', 2, 4),
    bySymbol('/api/v3/ticker/bookTicker', 2, 4),
    placing('/api/v3/order', 1),
    placing('/api/v3/order/cancelReplace', 1),
    weigh('PUT', '/api/v3/order/amend/keepPriority', 4),
    weigh('DELETE', '/api/v3/order', 1),
    weigh('DELETE', '/api/v3/openOrders', 1),
    weigh('GET', '/api/v3/order', 4),
    bySymbol('/api/v3/openOrders', 6, 80),
    weigh('GET', '/api/v3/allOrders', 20),
    weigh('GET', '/api/v3/account', 20),
    weigh('GET', '/api/v3/account/commission', 20),
    weigh('GET', '/api/v3/myTrades', 20),
    weigh('POST', '/api/v3/userDataStream', 2),
    weigh('PUT', '/api/v3/userDataStream', 2),
  ],
  otherwise: ({ path }) => (path.startsWith('/sapi/') ? [{ bucket: 'sapi', cost: 1, per: path }] : weighing(20)),
  hear(_request, response, atMs) {
    const heard: Heard[] = COUNTERS.flatMap(([header, bucket]) => {
      const used = countIn(response, header)
      return used === null ? [] : [{ type: 'used', bucket, used }]
    })
    // -1003: "Way too much request weight used; IP banned until 1620286253180."
    const bannedUntil =
      response.status === 418 || response.status === 429 ? /banned until (\d{13})/.exec(response.body) : null
    if (bannedUntil !== null)
      heard.push({ type: 'pause', of: 'everything', forMs: Math.max(0, Number(bannedUntil[1]) - atMs) })
    const buckets = limitOf(response)
    const told = heardFromStatus(response, atMs)
    return [...heard, ...told.map(one => (one.type === 'full' && buckets !== undefined ? { ...one, buckets } : one))]
  },
}
