import {
  type Charge,
  type Heard,
  heardFromStatus,
  type RateRequest,
  type RateRule,
  type VenueRates,
} from '../rates/rules.ts'

/*
 * https://www.okx.com/docs-v5/en/#overview-rate-limits : public calls are counted by address, private ones by user, those that act on
 * orders by user and instrument, and all orders of a sub-account together 1,000 in 2 seconds. What an endpoint has stands on its
 * own section, e.g. "Rate Limit: 60 requests per 2 seconds".
 */
const WINDOW_MS = 2_000
const INSTRUMENT_UNKNOWN = '(instrument)'

const acting = (path: string, bucket: string, isCounted: boolean): RateRule => ({
  method: 'POST',
  path,
  charges: ({ params }): readonly Charge[] => [
    { bucket, cost: 1, per: `${path} ${params.instId ?? INSTRUMENT_UNKNOWN}` },
    ...(isCounted ? [{ bucket: 'subAccount', cost: 1 }] : []),
  ],
})
const limited = (path: string, bucket: string): RateRule => ({
  method: 'GET',
  path,
  charges: () => [{ bucket, cost: 1, per: path }],
})

export const okxRates: VenueRates = {
  venue: 'okx',
  buckets: {
    subAccount: { type: 'sliding_window', scope: 'key', max: 1_000, windowMs: WINDOW_MS },
    orders: { type: 'sliding_window', scope: 'key', max: 60, windowMs: WINDOW_MS },
    // A batch counts its orders, 300 in 2 seconds. A batch has at most 20: we count it as one of 15.
    batches: { type: 'sliding_window', scope: 'key', max: 15, windowMs: WINDOW_MS },
    private60: { type: 'sliding_window', scope: 'key', max: 60, windowMs: WINDOW_MS },
    private40: { type: 'sliding_window', scope: 'key', max: 40, windowMs: WINDOW_MS },
    private10: { type: 'sliding_window', scope: 'key', max: 10, windowMs: WINDOW_MS },
    private5: { type: 'sliding_window', scope: 'key', max: 5, windowMs: WINDOW_MS },
    public100: { type: 'sliding_window', scope: 'ip', max: 100, windowMs: WINDOW_MS },
    public40: { type: 'sliding_window', scope: 'ip', max: 40, windowMs: WINDOW_MS },
    public20: { type: 'sliding_window', scope: 'ip', max: 20, windowMs: WINDOW_MS },
    public10: { type: 'sliding_window', scope: 'ip', max: 10, windowMs: WINDOW_MS },
    cancelAllAfter: { type: 'sliding_window', scope: 'key', max: 1, windowMs: 1_000 },
  },
  rules: [
    acting('/api/v5/trade/order', 'orders', true),
    acting('/api/v5/trade/batch-orders', 'batches', true),
    acting('/api/v5/trade/amend-order', 'orders', true),
    acting('/api/v5/trade/cancel-order', 'orders', false),
    acting('/api/v5/trade/cancel-batch-orders', 'batches', false),
    { method: 'POST', path: '/api/v5/trade/cancel-all-after', charges: () => [{ bucket: 'cancelAllAfter', cost: 1 }] },
    limited('/api/v5/trade/order', 'private60'),
    limited('/api/v5/trade/orders-pending', 'private60'),
    limited('/api/v5/trade/orders-history', 'private40'),
    limited('/api/v5/trade/fills', 'private60'),
    limited('/api/v5/trade/fills-history', 'private10'),
    limited('/api/v5/account/balance', 'private10'),
    limited('/api/v5/account/config', 'private5'),
    limited('/api/v5/account/trade-fee', 'private5'),
    limited('/api/v5/market/books', 'public40'),
    limited('/api/v5/market/candles', 'public40'),
    limited('/api/v5/market/trades', 'public100'),
    limited('/api/v5/market/ticker', 'public20'),
    limited('/api/v5/public/instruments', 'public20'),
    limited('/api/v5/public/time', 'public10'),
  ],
  otherwise: ({ path }: RateRequest) => [
    { bucket: /^\/api\/v5\/(market|public)\//.test(path) ? 'public10' : 'private5', cost: 1, per: path },
  ],
  hear(_request, response, atMs) {
    const heard: Heard[] = heardFromStatus(response, atMs)
    // 50011: too many requests of this kind; 50061: too many orders of the sub-account.
    if (/"code"\s*:\s*"(50011|50061)"|"sCode"\s*:\s*"(50011|50061)"/.test(response.body.slice(0, 2_000)))
      heard.push({ type: 'full' }, { type: 'pause', of: 'request', forMs: WINDOW_MS })
    return heard
  },
}
