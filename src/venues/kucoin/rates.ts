import {
  countIn,
  flat,
  type Heard,
  heardFromStatus,
  type RateRequest,
  type RateRule,
  type VenueRates,
} from '../rates/rules.ts'

/*
 * https://www.kucoin.com/docs-new/rate-limit : pools of weight for 30 seconds from the first request on, by level of the account (the
 * lowest is taken; answers tell the true one in gw-ratelimit-limit, -remaining and -reset, in milliseconds). Spot and management are
 * counted by user, public by address. Weights: "API Rate Limit Weight" of each endpoint's page, e.g.
 * https://www.kucoin.com/docs-new/rest/spot-trading/orders/add-order
 */
const WINDOW_MS = 30_000

const pool =
  (bucket: 'spot' | 'management' | 'public') =>
  (method: string, path: string, weight: number): RateRule =>
    flat(method, path, { bucket, cost: weight })
const spot = pool('spot')
const management = pool('management')
const open = pool('public')

const bucketOf = ({ path }: RateRequest): 'spot' | 'management' | 'public' =>
  /\/(market|symbols|currencies|timestamp|bullet-public|status|prices)/.test(path)
    ? 'public'
    : /\/(accounts|user|sub|bullet-private|deposit|withdraw|base-fee)/.test(path)
      ? 'management'
      : 'spot'

/** Of an endpoint that is not listed: as much as the dearest common ones. */
const WEIGHT_DEFAULT = 20

export const kucoinRates: VenueRates = {
  venue: 'kucoin',
  buckets: {
    spot: { type: 'sliding_window', scope: 'key', max: 4_000, windowMs: WINDOW_MS },
    management: { type: 'sliding_window', scope: 'key', max: 2_000, windowMs: WINDOW_MS },
    public: { type: 'sliding_window', scope: 'ip', max: 2_000, windowMs: WINDOW_MS },
  },
  rules: [
    spot('POST', '/api/v1/hf/orders', 1),
    spot('POST', '/api/v1/hf/orders/alter', 1),
    spot('DELETE', '/api/v1/hf/orders', 2),
    spot('DELETE', '/api/v1/hf/orders/cancelAll', 30),
    spot('DELETE', '/api/v1/hf/orders/client-order/*', 1),
    spot('DELETE', '/api/v1/hf/orders/*', 1),
    spot('GET', '/api/v1/hf/orders/active', 2),
    spot('GET', '/api/v1/hf/orders/done', 2),
    spot('GET', '/api/v1/hf/orders/client-order/*', 2),
    spot('GET', '/api/v1/hf/orders/*', 2),
    spot('GET', '/api/v1/hf/fills', 2),
    spot('POST', '/api/v1/orders', 2),
    spot('DELETE', '/api/v1/orders', 20),
    spot('DELETE', '/api/v1/orders/*', 3),
    spot('GET', '/api/v1/orders', 2),
    spot('GET', '/api/v1/orders/*', 2),
    spot('GET', '/api/v1/fills', 10),
    spot('GET', '/api/v1/trade-fees', 3),
    spot('GET', '/api/v3/market/orderbook/level2', 3),
    management('GET', '/api/v1/accounts', 5),
    management('GET', '/api/v1/user/api-key', 20),
    management('POST', '/api/v1/bullet-private', 10),
    open('GET', '/api/v2/symbols', 4),
    open('GET', '/api/v1/market/orderbook/level1', 2),
    open('GET', '/api/v1/market/orderbook/level2_20', 2),
    open('GET', '/api/v1/market/orderbook/level2_100', 4),
    open('GET', '/api/v1/market/allTickers', 15),
    open('GET', '/api/v1/market/histories', 3),
    open('GET', '/api/v1/market/candles', 3),
    open('GET', '/api/v1/timestamp', 3),
    open('POST', '/api/v1/bullet-public', 10),
  ],
  otherwise: request => [{ bucket: bucketOf(request), cost: WEIGHT_DEFAULT }],
  hear(request, response, atMs) {
    const resetMs = countIn(response, 'gw-ratelimit-reset')
    const isLimited = response.status === 429 || /"code"\s*:\s*"(429000|1015|200002)"/.test(response.body.slice(0, 200))
    // Where the venue says when its window ends, that is when to go on: ours may end later.
    const heard: Heard[] = isLimited && resetMs !== null ? [] : heardFromStatus(response, atMs)
    const max = countIn(response, 'gw-ratelimit-limit')
    const left = countIn(response, 'gw-ratelimit-remaining')
    const rule = kucoinRates.rules.find(one => one.method === request.method && one.path === request.path)
    const bucket = rule?.charges(request, () => null)[0]?.bucket ?? bucketOf(request)
    if (max !== null && max > 0 && left !== null)
      heard.push({ type: 'used', bucket, used: Math.max(0, max - left), max })
    if (isLimited) heard.push({ type: 'pause', of: 'request', forMs: resetMs ?? WINDOW_MS })
    return heard
  },
}
