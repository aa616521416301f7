import { countIn, type Heard, heardFromStatus, type RateRequest, type VenueRates } from '../rates/rules.ts'

/*
 * https://bybit-exchange.github.io/docs/v5/rate-limit : 600 requests in 5 seconds for each address, and for each endpoint and user a
 * number a second (rolling). Answers carry X-Bapi-Limit, X-Bapi-Limit-Status (what is left) and X-Bapi-Limit-Reset-Timestamp.
 * Beyond the address's limit comes HTTP 403 "access too frequent", and one has to stay away for ten minutes.
 */
const BANNED_MS = 10 * 60_000
const SECOND_MS = 1_000

/** Requests a second for each endpoint; spot figures where the venue tells them apart. */
const PER_SECOND: Readonly<Record<string, number>> = {
  'POST /v5/order/create': 20,
  'POST /v5/order/amend': 10,
  'POST /v5/order/cancel': 20,
  'POST /v5/order/cancel-all': 1,
  'GET /v5/order/realtime': 10,
  'GET /v5/order/history': 10,
  'GET /v5/execution/list': 10,
  'GET /v5/account/wallet-balance': 10,
  'GET /v5/account/fee-rate': 5,
  'GET /v5/account/info': 10,
  'GET /v5/user/query-api': 10,
}
/** For an endpoint that is not listed. */
const PER_SECOND_DEFAULT = 5

const bucketOf = ({ method, path }: RateRequest): string =>
  `perSecond${PER_SECOND[`${method} ${path}`] ?? PER_SECOND_DEFAULT}`

const isPublic = (path: string) => path.startsWith('/v5/market/')

export const bybitRates: VenueRates = {
  venue: 'bybit',
  buckets: {
    address: { type: 'sliding_window', scope: 'ip', max: 600, windowMs: 5_000 },
    ...Object.fromEntries(
      [...new Set([...Object.values(PER_SECOND), PER_SECOND_DEFAULT])].map(max => [
        `perSecond${max}`,
        { type: 'sliding_window', scope: 'key', max, windowMs: SECOND_MS } as const,
      ]),
    ),
  },
  rules: [],
  otherwise: request => [
    { bucket: 'address', cost: 1 },
    ...(isPublic(request.path)
      ? []
      : [{ bucket: bucketOf(request), cost: 1, per: `${request.method} ${request.path}` }]),
  ],
  hear(request, response, atMs) {
    const heard: Heard[] = heardFromStatus(response, atMs)
    const limit = countIn(response, 'x-bapi-limit')
    const left = countIn(response, 'x-bapi-limit-status')
    if (limit !== null && limit > 0 && left !== null && !isPublic(request.path)) {
      const per = `${request.method} ${request.path}`
      heard.push({ type: 'used', bucket: bucketOf(request), per, used: Math.max(0, limit - left), max: limit })
    }
    if (/"retCode"\s*:\s*10006\b/.test(response.body.slice(0, 500))) {
      const resetsAtMs = countIn(response, 'x-bapi-limit-reset-timestamp')
      const forMs = resetsAtMs === null ? SECOND_MS : Math.max(SECOND_MS, resetsAtMs - atMs)
      heard.push({ type: 'full' }, { type: 'pause', of: 'request', forMs })
    }
    if (response.status === 403 && /too frequent/i.test(response.body))
      heard.push({ type: 'pause', of: 'everything', forMs: BANNED_MS })
    return heard
  },
}
