import { type Heard, heardFromStatus, type RateRequest, type VenueRates } from '../rates/rules.ts'

/*
 * "between 10 and 90 requests a minute for each endpoint and address", and who goes beyond is blocked there for 60 seconds:
 * https://docs.bitfinex.com/docs/requirements-and-limitations#rest-rate-limits . What an endpoint has is on its page of
 * https://docs.bitfinex.com/reference (rest-public-book: 240, rest-public-trades: 15, rest-public-candles: 30,
 * rest-public-platform-status: 30; orders, wallets, trades, tickers: 90).
 */
const WINDOW_MS = 60_000
const BLOCKED_MS = 60_000

/** Which limit an endpoint has, and what of its path is the endpoint: symbols are not. */
function chargeOf({ path }: RateRequest): { bucket: string; cost: number; per: string } {
  const segments = path.split('/').filter(part => part !== '')
  const from = segments[0] === 'v2' ? 1 : 0
  const isPrivate = segments[from] === 'auth'
  const name = segments
    .slice(from)
    .filter(part => !/^[tf][A-Z0-9:]{4,}$|^trade:|^P[0-4]$|^R0$/.test(part))
    .join('/')
  const bucket = isPrivate
    ? 'ninety'
    : name.startsWith('book')
      ? 'book'
      : name.startsWith('candles') || name.startsWith('platform')
        ? 'thirty'
        : name.startsWith('trades')
          ? 'fifteen'
          : 'ninety'
  return { bucket, cost: 1, per: name }
}

export const bitfinexRates: VenueRates = {
  venue: 'bitfinex',
  buckets: {
    ninety: { type: 'sliding_window', scope: 'ip', max: 90, windowMs: WINDOW_MS },
    book: { type: 'sliding_window', scope: 'ip', max: 240, windowMs: WINDOW_MS },
    thirty: { type: 'sliding_window', scope: 'ip', max: 30, windowMs: WINDOW_MS },
    fifteen: { type: 'sliding_window', scope: 'ip', max: 15, windowMs: WINDOW_MS },
  },
  rules: [],
  otherwise: request => [chargeOf(request)],
  hear(_request, response, atMs) {
    const heard: Heard[] = heardFromStatus(response, atMs)
    // ["error", 11010, "ratelimit: error"] and {"error": "ERR_RATE_LIMIT"}
    if (/"ERR_RATE_LIMIT"|\b11010\b/.test(response.body.slice(0, 200)))
      heard.push({ type: 'full' }, { type: 'pause', of: 'request', forMs: BLOCKED_MS })
    return heard
  },
}
