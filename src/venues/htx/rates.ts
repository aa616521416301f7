import { countIn, endpoint, type Heard, heardFromStatus, type VenueRates } from '../rates/rules.ts'

/*
 * https://www.htx.com/support/900001168066 and "Rate Limiting Rule" of https://huobiapi.github.io/docs/spot/v1/en/ : for each
 * endpoint and user, whatever the number of keys. The answers carry ratelimit-limit, -remaining, -interval and -reset.
 * Public data: "10 times a second for each address" without a key.
 */
const WINDOW_MS = 2_000

export const htxRates: VenueRates = {
  venue: 'htx',
  buckets: {
    hundred: { type: 'sliding_window', scope: 'key', max: 100, windowMs: WINDOW_MS },
    fifty: { type: 'sliding_window', scope: 'key', max: 50, windowMs: WINDOW_MS },
    twenty: { type: 'sliding_window', scope: 'key', max: 20, windowMs: WINDOW_MS },
    public: { type: 'sliding_window', scope: 'ip', max: 10, windowMs: 1_000 },
  },
  rules: [
    endpoint('POST', '/v1/order/orders/place', 'hundred'),
    endpoint('POST', '/v1/order/orders/submitCancelClientOrder', 'hundred'),
    endpoint('POST', '/v1/order/orders/batchCancelOpenOrders', 'fifty'),
    endpoint('POST', '/v1/order/orders/batchcancel', 'fifty'),
    {
      method: 'POST',
      path: '/v1/order/orders/*/submitcancel',
      charges: () => [{ bucket: 'hundred', cost: 1, per: 'POST submitcancel' }],
    },
    endpoint('GET', '/v1/account/accounts', 'hundred'),
    {
      method: 'GET',
      path: '/v1/account/accounts/*/balance',
      charges: () => [{ bucket: 'hundred', cost: 1, per: 'GET balance' }],
    },
    endpoint('GET', '/v1/order/openOrders', 'fifty'),
    endpoint('GET', '/v1/order/orders', 'fifty'),
    endpoint('GET', '/v1/order/orders/getClientOrder', 'fifty'),
    endpoint('GET', '/v1/order/history', 'twenty'),
    endpoint('GET', '/v1/order/matchresults', 'twenty'),
    {
      method: 'GET',
      path: '/v1/order/orders/*/matchresults',
      charges: () => [{ bucket: 'fifty', cost: 1, per: 'GET matchresults' }],
    },
    { method: 'GET', path: '/v1/order/orders/*', charges: () => [{ bucket: 'fifty', cost: 1, per: 'GET order' }] },
  ],
  otherwise: ({ method, path }) =>
    /^\/(market|v\d\/common|v\d\/settings|v2\/reference\/currencies)/.test(path)
      ? [{ bucket: 'public', cost: 1 }]
      : [{ bucket: 'twenty', cost: 1, per: `${method} ${path}` }],
  hear(request, response, atMs) {
    const heard: Heard[] = heardFromStatus(response, atMs)
    const limit = countIn(response, 'ratelimit-limit')
    const left = countIn(response, 'ratelimit-remaining')
    if (limit !== null && left !== null) {
      const rule = htxRates.rules.find(one => one.method === request.method && one.path === request.path)
      const [charge] = rule?.charges(request, () => null) ?? []
      if (charge !== undefined)
        heard.push({ type: 'used', bucket: charge.bucket, per: charge.per!, used: Math.max(0, limit - left) })
    }
    if (/"err-code"\s*:\s*"(api-limit|too-many-requests|exceeded-rate-limit)/.test(response.body.slice(0, 300)))
      heard.push({ type: 'full' }, { type: 'pause', of: 'request', forMs: WINDOW_MS })
    return heard
  },
}
