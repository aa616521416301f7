import type { SimulatedVenueDefinition, VenueContext } from '../core/index.ts'
import { BitfinexAuth } from './auth.ts'
import { failed, invalidOrder, MAINTENANCE, ORDER_NOT_FOUND, parameter, RATE_LIMIT } from './errors.ts'
import { BITFINEX_PAIRS } from './instruments.ts'
import { BitfinexLimits } from './limits.ts'
import { BitfinexMarket, ORDER_ID } from './market-data.ts'
import { BitfinexSocket } from './public-stream.ts'
import { BitfinexRest, callOf } from './rest.ts'

const TOO_MANY = 429

export const bitfinexSimulator: SimulatedVenueDefinition = {
  name: 'bitfinex',
  rules: {
    feeCharged: 'received',
    // "Should be unique in the day (UTC) (not enforced)": https://docs.bitfinex.com/reference/ws-auth-input-order-new
    clientIdReuse: 'always',
    postOnlyCrossing: 'canceled',
    orderId: number => String(ORDER_ID + number),
    fillId: number => String(number),
  },
  instruments: BITFINEX_PAIRS,
  credentials: {
    apiKey: 'simulatedBitfinexKey',
    secret: 'theSecretOfTheSimulatedBitfinexAccount',
  },
  prices: { 'BTC/USD': 97_020, 'ETH/USD': 3_399.5, 'XRP/USD': 2.2998, 'DOGE/USD': 0.31995 },
  create(context: VenueContext) {
    const auth = new BitfinexAuth(context)
    const limits = new BitfinexLimits()
    const market = new BitfinexMarket(context)
    const rest = new BitfinexRest(context, auth, market)
    return {
      callOf,
      limit: request => (limits.allows(request, context.market.now) ? null : failed(RATE_LIMIT, TOO_MANY)),
      answer: request => rest.answer(request),
      connect: (_host, _path, _query, socket) => new BitfinexSocket(context, socket, auth, market),
      errors: {
        refused: call => failed(call === 'place' ? invalidOrder('Invalid order: rejected') : ORDER_NOT_FOUND),
        invalid: why => failed(parameter(why)),
        rateLimited: () => failed(RATE_LIMIT, TOO_MANY),
        banned: () => failed(RATE_LIMIT, TOO_MANY),
        maintenance: () => failed(MAINTENANCE),
      },
    }
  },
}
