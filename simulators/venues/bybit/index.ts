import { MICROS_PER_MS } from '../../../src/kernel/index.ts'
import type { SimulatedVenueDefinition, VenueContext } from '../core/index.ts'
import { BybitAuth } from './auth.ts'
import { failed, parameters, REFUSALS, SERVER_ERROR, TOO_MANY_VISITS, UNKNOWN_ORDER } from './errors.ts'
import { BYBIT_SYMBOLS } from './instruments.ts'
import { BybitLimits, TOO_FREQUENT } from './limits.ts'
import { BybitMarket } from './market-data.ts'
import { BybitPrivateStream } from './private-stream.ts'
import { BybitPublicStream } from './public-stream.ts'
import { BybitRest, callOf } from './rest.ts'

export const bybitSimulator: SimulatedVenueDefinition = {
  name: 'bybit',
  rules: {
    feeCharged: 'received',
    clientIdReuse: 'never',
    orderId: number => String(1_840_000_000_000_000_000n + BigInt(number)),
    fillId: number => String(2_100_000_000_000_000_000n + BigInt(number)),
  },
  instruments: BYBIT_SYMBOLS,
  credentials: { apiKey: 'simulatedBybitKey', secret: 'theSecretOfTheSimulatedBybitAccount1' },
  prices: { 'BTC/USDT': 97_040, 'ETH/USDT': 3_401, 'XRP/USDT': 2.3005, 'DOGE/USDT': 0.3201 },
  create(context: VenueContext) {
    const auth = new BybitAuth(context)
    const limits = new BybitLimits()
    const market = new BybitMarket(context)
    const rest = new BybitRest(context, auth, market)
    const now = () => Math.floor(context.now() / MICROS_PER_MS)
    return {
      callOf,
      limit: request => limits.limit(request, context.market.now),
      headers: request => limits.headers(request, context.market.now),
      answer: request => rest.answer(request),
      connect: (_host, path, _query, socket) =>
        path === '/v5/private'
          ? new BybitPrivateStream(context, socket, auth)
          : new BybitPublicStream(context, socket, market),
      errors: {
        refused: call => failed(call === 'place' ? REFUSALS.not_fillable : UNKNOWN_ORDER, now()),
        invalid: why => failed(parameters(why), now()),
        rateLimited: () => failed(TOO_MANY_VISITS, now()),
        banned: () => TOO_FREQUENT,
        maintenance: () => failed(SERVER_ERROR, now()),
      },
    }
  },
}
