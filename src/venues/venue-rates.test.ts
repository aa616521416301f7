import ccxt from 'ccxt'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../kernel/index.ts'
import { krakenRates } from './kraken/rates.ts'
import type { HttpResponse, VenueName } from './port/index.ts'
import { type Charge, chargesOf, RateBudget, type RateRequest, type VenueRates } from './rates/index.ts'
import { VENUE_RATES } from './venue-rates.ts'

const requestOf = (text: string, params: Record<string, string> = {}): RateRequest => {
  const [method = '', path = ''] = text.split(' ')
  return { kind: 'query', method, path, params }
}
const answer = (body: string, headers: Record<string, string> = {}, status = 200): HttpResponse => ({
  status,
  headers,
  body,
})
const unknown = () => null

/** Requests a second that a charge allows in the long run. */
function perSecond(rates: VenueRates, charges: readonly Charge[]): number {
  return Math.min(
    ...charges.map(({ bucket: name, cost }) => {
      const bucket = rates.buckets[name]!
      if (bucket.type === 'decaying_counter') return bucket.decayPerSecond / cost
      if (bucket.type === 'token_bucket') return bucket.refillPerSecond / cost
      return (bucket.max * 1_000) / bucket.windowMs / cost
    }),
  )
}

/** What ccxt's own tables allow: `section` and path as in its description of the venue. */
function ccxtPerSecond(venue: VenueName, place: readonly string[]): number {
  const Class = (ccxt as unknown as Record<string, new () => { rateLimit: number; api: unknown }>)[venue]!
  const exchange = new Class()
  const entry = place.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], exchange.api)
  const cost = typeof entry === 'number' ? entry : (entry as { cost: number }).cost
  return 1_000 / (exchange.rateLimit * cost)
}

describe('against the tables of ccxt', () => {
  const cases: readonly (readonly [VenueName, string, readonly string[], symbol?: string])[] = [
    ['binance', 'GET /api/v3/exchangeInfo', ['public', 'get', 'exchangeInfo']],
    ['binance', 'GET /api/v3/depth', ['public', 'get', 'depth']],
    ['binance', 'GET /api/v3/account', ['private', 'get', 'account']],
    ['binance', 'GET /api/v3/myTrades', ['private', 'get', 'myTrades']],
    ['binance', 'GET /api/v3/order', ['private', 'get', 'order']],
    ['binance', 'GET /api/v3/openOrders', ['private', 'get', 'openOrders'], 'BTCUSDT'],
    ['binance', 'DELETE /api/v3/order', ['private', 'delete', 'order']],
    ['coinbase', 'POST /api/v3/brokerage/orders', ['v3', 'private', 'post', 'brokerage/orders']],
    ['coinbase', 'GET /api/v3/brokerage/time', ['v3', 'public', 'get', 'brokerage/time']],
    ['kraken', 'POST /0/private/Balance', ['private', 'post', 'Balance']],
    ['kraken', 'POST /0/private/OpenOrders', ['private', 'post', 'OpenOrders']],
    ['kraken', 'POST /0/private/TradesHistory', ['private', 'post', 'TradesHistory']],
    ['bitfinex', 'POST /v2/auth/r/orders', ['private', 'post', 'auth/r/orders']],
    ['bitfinex', 'POST /v2/auth/w/order/submit', ['private', 'post', 'auth/w/order/submit']],
    ['bitfinex', 'GET /v2/book/tBTCUSD/P0', ['public', 'get', 'book/{symbol}/P0']],
    ['bitfinex', 'GET /v2/platform/status', ['public', 'get', 'platform/status']],
    ['htx', 'POST /v1/order/orders/place', ['spot', 'private', 'post', 'v1/order/orders/place']],
    [
      'htx',
      'POST /v1/order/orders/12/submitcancel',
      ['spot', 'private', 'post', 'v1/order/orders/{order-id}/submitcancel'],
    ],
    ['htx', 'GET /v1/order/openOrders', ['spot', 'private', 'get', 'v1/order/openOrders']],
    ['htx', 'GET /v1/order/matchresults', ['spot', 'private', 'get', 'v1/order/matchresults']],
    ['okx', 'POST /api/v5/trade/order', ['private', 'post', 'trade/order'], 'BTC-USDT'],
    ['okx', 'POST /api/v5/trade/cancel-order', ['private', 'post', 'trade/cancel-order'], 'BTC-USDT'],
    ['okx', 'GET /api/v5/account/balance', ['private', 'get', 'account/balance']],
    ['okx', 'GET /api/v5/market/books', ['public', 'get', 'market/books']],
    ['bybit', 'POST /v5/order/create', ['private', 'post', 'v5/order/create']],
    ['bybit', 'POST /v5/order/cancel-all', ['private', 'post', 'v5/order/cancel-all']],
    ['bybit', 'GET /v5/execution/list', ['private', 'get', 'v5/execution/list']],
    ['kucoin', 'POST /api/v1/hf/orders', ['private', 'post', 'hf/orders']],
    ['kucoin', 'DELETE /api/v1/hf/orders/cancelAll', ['private', 'delete', 'hf/orders/cancelAll']],
    ['kucoin', 'GET /api/v1/hf/fills', ['private', 'get', 'hf/fills']],
  ]

  test.each(
    cases.map(([venue, text, place, symbol]) => ({
      venue,
      text,
      place,
      params: (symbol === undefined ? {} : { symbol }) as Record<string, string>,
    })),
  )('$venue $text', ({ venue, text, place, params }) => {
    const rates = VENUE_RATES[venue]
    const ours = perSecond(rates, chargesOf(rates, requestOf(text, params), unknown))
    const theirs = ccxtPerSecond(venue, place)
    // ccxt keeps 10 % away from OKX's limits and rounds those of Bitfinex.
    expect(ours).toBeLessThanOrEqual(theirs * 1.11)
    expect(ours).toBeGreaterThanOrEqual(theirs * 0.85)
  })
})

describe('every table', () => {
  test.each(Object.entries(VENUE_RATES))(
    '%s charges only buckets that exist, and no more than they hold',
    (_name, rates) => {
      const requests = [
        ...rates.rules.map(rule => requestOf(`${rule.method} ${rule.path.replaceAll('*', 'x1')}`)),
        requestOf('GET /what/ever'),
        requestOf('POST /what/ever'),
      ]
      for (const request of requests)
        for (const { bucket, cost } of chargesOf(rates, request, unknown)) {
          expect(Object.keys(rates.buckets)).toContain(bucket)
          expect(cost).toBeLessThanOrEqual(rates.buckets[bucket]!.max)
          expect(cost).toBeGreaterThanOrEqual(0)
        }
    },
  )
})

describe("the venue's own word", () => {
  const heard = (venue: VenueName, text: string, response: HttpResponse, atMs = 0) =>
    VENUE_RATES[venue].hear(requestOf(text), response, atMs)

  test('Binance: weights used, the ban and its end', () => {
    const used = answer('{}', { 'x-mbx-used-weight-1m': '1234', 'x-mbx-order-count-10s': '7' })
    expect(heard('binance', 'GET /api/v3/account', used)).toEqual([
      { type: 'used', bucket: 'weight', used: 1_234 },
      { type: 'used', bucket: 'orders10s', used: 7 },
    ])
    // As it was received by somebody: https://github.com/rafa-guillermo/GAS-Binance-API-Test
    const banned = answer(
      '{"code":-1003,"msg":"Way too much request weight used; IP banned until 1620286253180. Please use the websocket for live updates to avoid bans."}',
      {},
      418,
    )
    expect(heard('binance', 'GET /api/v3/account', banned, 1_620_286_193_180)).toContainEqual({
      type: 'pause',
      of: 'everything',
      forMs: 60_000,
    })
  })

  test.each([
    ['Too much request weight used; current limit is 6000 request weight per 1 MINUTE.', -1003, ['weight']],
    ['Too many requests; current limit is 61000 requests per 5 MINUTE.', -1003, ['raw']],
    ['Too many requests queued.', -1003, []],
    ['Too many new orders; current limit is 100 orders per 10 SECOND.', -1015, ['orders10s']],
    ['Too many new orders; current limit is 200000 orders per 1 DAY.', -1015, ['ordersDay']],
  ])('Binance: “%s” fills that limit and not the others', (msg, code, buckets) => {
    const refused = answer(JSON.stringify({ code, msg }), { 'retry-after': '7' }, 429)
    expect(heard('binance', 'POST /api/v3/order', refused)).toEqual([
      { type: 'full', buckets },
      { type: 'pause', of: 'everything', forMs: 7_000 },
    ])
  })

  test('Bybit: what is left, and the user-specific limit', () => {
    const response = answer('{"retCode":0}', { 'x-bapi-limit': '100', 'x-bapi-limit-status': '99' })
    expect(heard('bybit', 'POST /v5/order/create', response)).toEqual([
      { type: 'used', bucket: 'perSecond20', per: 'POST /v5/order/create', used: 1, max: 100 },
    ])
    expect(heard('bybit', 'GET /v5/market/time', answer('access too frequent', {}, 403))).toEqual([
      { type: 'pause', of: 'everything', forMs: 600_000 },
    ])
  })

  test('KuCoin: the pool and when it is filled again', () => {
    const headers = { 'gw-ratelimit-limit': '4000', 'gw-ratelimit-remaining': '3000', 'gw-ratelimit-reset': '12000' }
    expect(heard('kucoin', 'POST /api/v1/hf/orders', answer('{}', headers))).toEqual([
      { type: 'used', bucket: 'spot', used: 1_000, max: 4_000 },
    ])
    expect(heard('kucoin', 'POST /api/v1/hf/orders', answer('{"code":"429000"}', headers, 429))).toContainEqual({
      type: 'pause',
      of: 'request',
      forMs: 12_000,
    })
  })

  test('OKX, Bitfinex, HTX and Kraken say it in the body', () => {
    expect(heard('okx', 'POST /api/v5/trade/order', answer('{"code":"50011","msg":"Too Many Requests"}'))[0]).toEqual({
      type: 'full',
    })
    expect(
      heard('bitfinex', 'POST /v2/auth/r/orders', answer('["error",11010,"ratelimit: error"]', {}, 500)),
    ).toContainEqual({
      type: 'pause',
      of: 'request',
      forMs: 60_000,
    })
    expect(heard('htx', 'GET /v1/order/openOrders', answer('{"status":"error","err-code":"api-limit"}'))[0]).toEqual({
      type: 'full',
    })
    expect(heard('kraken', 'POST /0/private/AddOrder', answer('{"error":["EOrder:Rate limit exceeded"]}'))).toEqual([
      { type: 'full', buckets: ['engine'] },
    ])
    expect(
      heard(
        'kraken',
        'POST /0/private/Balance',
        answer('{"error":["EService: Throttled: 1700000060"]}'),
        1_700_000_000_000,
      ),
    ).toEqual([{ type: 'pause', of: 'everything', forMs: 60_000 }])
  })

  test('Retry-After in seconds and as a date', () => {
    const inSeconds = answer('', { 'retry-after': '7' }, 429)
    const asDate = answer('', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, 429)
    expect(heard('coinbase', 'GET /x', inSeconds)).toContainEqual({ type: 'pause', of: 'everything', forMs: 7_000 })
    expect(heard('coinbase', 'GET /x', asDate, Date.UTC(2015, 9, 21, 7, 27, 30))).toContainEqual({
      type: 'pause',
      of: 'everything',
      forMs: 30_000,
    })
  })
})

test("Kraken's matching engine charges a cancel by the order's age, on its own pair", () => {
  const rates = krakenRates('intermediate')
  const clock = new ManualClock(1_700_000_000_000_000)
  const budget = new RateBudget(rates)
  const add = requestOf('POST /0/private/AddOrder', { pair: 'XBTUSD', cl_ord_id: 'ours' })
  const placed = answer('{"error":[],"result":{"txid":["OUF4EM-FRGI2-MQMWZD"]}}')
  budget.hear(add, budget.charges(add, clock.now()), placed, clock.now(), clock.now())
  const cancel = (params: Record<string, string>) =>
    budget.charges(requestOf('POST /0/private/CancelOrder', params), clock.now())[0]
  const costs = [0, 5, 10, 15, 45, 90, 300].map(seconds => {
    clock.set(1_700_000_000_000_000 + seconds * 1_000_000)
    return [cancel({ txid: 'OUF4EM-FRGI2-MQMWZD' }), cancel({ cl_ord_id: 'ours' })]
  })
  // The table of https://docs.kraken.com/exchange/guides/general/ratelimits
  expect(costs.map(([byVenueId]) => byVenueId?.cost)).toEqual([8, 6, 5, 4, 2, 1, 0])
  expect(costs.map(([, byClientId]) => byClientId)).toEqual(costs.map(([byVenueId]) => byVenueId))
  expect(costs[0]?.[0]?.per).toBe('XBTUSD')
  const amend = requestOf('POST /0/private/AmendOrder', { txid: 'OUF4EM-FRGI2-MQMWZD' })
  const amended = answer('{"error":[],"result":{"amend_id":"TTW6PD-RC36L-ZZSWNU"}}')
  const charges = budget.charges(amend, clock.now())
  expect(charges).toEqual([{ bucket: 'engine', cost: 1, per: 'XBTUSD' }])
  budget.hear(amend, charges, amended, clock.now(), clock.now())
  expect(cancel({ txid: 'OUF4EM-FRGI2-MQMWZD' })).toEqual({ bucket: 'engine', cost: 8, per: 'XBTUSD' })
  expect(cancel({ txid: 'OSOMEB-ODYEL-SESORD' })).toEqual({ bucket: 'engine', cost: 8, per: '(pair)' })
})
