import type { SimulatedVenueDefinition, VenueContext } from '../core/index.ts'
import { CoinbaseAuth, derivedKey } from './auth.ts'
import { FORBIDDEN, failure, notCreated, ORDER_FAILURES, RATE_LIMITED } from './errors.ts'
import { COINBASE_PRODUCTS } from './instruments.ts'
import { CoinbaseLimits, callOf } from './limits.ts'
import { CoinbaseSocket } from './public-stream.ts'
import { CoinbaseRest } from './rest.ts'
import { CoinbaseTrading } from './trading.ts'

/** Ids of Coinbase are UUIDs. */
const uuid = (group: string, number: number): string =>
  `00000000-0000-4000-${group}-${number.toString(16).padStart(12, '0')}`

export const coinbaseSimulator: SimulatedVenueDefinition = {
  name: 'coinbase',
  rules: {
    feeCharged: 'quote',
    clientIdReuse: 'never',
    orderId: number => uuid('8000', number),
    fillId: number => uuid('9000', number),
  },
  instruments: COINBASE_PRODUCTS,
  credentials: {
    apiKey: 'organizations/simulated/apiKeys/coinbase',
    secret: derivedKey('the secret of the simulated Coinbase account'),
  },
  prices: { 'BTC/USD': 97_000, 'ETH/USD': 3_400, 'XRP/USD': 2.3, 'DOGE/USD': 0.32 },
  create(context: VenueContext) {
    const auth = new CoinbaseAuth(context)
    const limits = new CoinbaseLimits()
    const rest = new CoinbaseRest(context, auth, new CoinbaseTrading(context))
    return {
      callOf,
      limit: (request, call) => (limits.request(request, call, context.market.now) ? null : RATE_LIMITED),
      answer: request => rest.answer(request),
      connect: (_host, _path, _query, socket) => new CoinbaseSocket(context, socket, auth),
      errors: {
        refused: call => (call === 'place' ? notCreated(ORDER_FAILURES.disabled, {}) : FORBIDDEN),
        invalid: why => failure('INVALID_ARGUMENT', why),
        rateLimited: () => RATE_LIMITED,
        // Of the network before Coinbase, which says no more.
        banned: () => ({ status: 429, headers: { 'content-type': 'text/plain' }, body: 'error code: 1015' }),
        maintenance: () => failure('UNAVAILABLE', 'Service is under maintenance', 503),
      },
    }
  },
}
