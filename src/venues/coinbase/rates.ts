import { heardFromStatus, type VenueRates } from '../rates/rules.ts'

/*
 * https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/rest-api#rate-limiting : private endpoints 30 requests a second for
 * each user, public ones 10 a second for each address. Beyond it: HTTP 429. Where the second begins is not said.
 */
const PUBLIC = /^\/api\/v3\/brokerage\/(market\/|time$)/

export const coinbaseRates: VenueRates = {
  venue: 'coinbase',
  buckets: {
    private: { type: 'sliding_window', scope: 'key', max: 30, windowMs: 1_000 },
    public: { type: 'sliding_window', scope: 'ip', max: 10, windowMs: 1_000 },
    // https://docs.cdp.coinbase.com/coinbase-app/api-architecture/rate-limiting : 10,000 an hour for each key.
    hour: { type: 'sliding_window', scope: 'key', max: 10_000, windowMs: 3_600_000 },
  },
  rules: [],
  otherwise: ({ path }) => {
    if (PUBLIC.test(path)) return [{ bucket: 'public', cost: 1 }]
    const charge = { bucket: 'private', cost: 1 }
    return path.startsWith('/v2/') ? [charge, { bucket: 'hour', cost: 1 }] : [charge]
  },
  hear: (_request, response, atMs) => heardFromStatus(response, atMs),
}
