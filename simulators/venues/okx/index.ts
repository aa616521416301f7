import type { SimulatedVenueDefinition, VenueContext } from '../core/index.ts'
import { OkxAuth } from './auth.ts'
import { AMEND_FAILED, CANCEL_FAILED, failed, parameter, REFUSALS, TOO_MANY, UNAVAILABLE } from './errors.ts'
import { OKX_INSTRUMENTS } from './instruments.ts'
import { OkxLimits } from './limits.ts'
import { OkxMarket } from './market-data.ts'
import { OkxPrivateStream } from './private-stream.ts'
import { OkxPublicStream } from './public-stream.ts'
import { callOf, OkxRest } from './rest.ts'

export const okxSimulator: SimulatedVenueDefinition = {
  name: 'okx',
  rules: {
    feeCharged: 'received',
    clientIdReuse: 'once_closed',
    postOnlyCrossing: 'canceled',
    orderId: number => String(2_497_000_000_000_000_000n + BigInt(number)),
    fillId: number => String(number),
  },
  instruments: OKX_INSTRUMENTS,
  credentials: {
    apiKey: '5edad2c5-0d0e-4ab5-8d0a-51a1a7ed0001',
    secret: 'THESECRETOFTHESIMULATEDOKXACCOUN',
    passphrase: 'simulated-Passphrase1',
  },
  prices: { 'BTC/USDT': 97_030, 'ETH/USDT': 3_400.5, 'XRP/USDT': 2.3002, 'DOGE/USDT': 0.32005 },
  create(context: VenueContext) {
    const auth = new OkxAuth(context)
    const limits = new OkxLimits()
    const market = new OkxMarket(context)
    const rest = new OkxRest(context, auth, market)
    return {
      callOf,
      limit: request => limits.limit(request, context.market.now),
      answer: request => rest.answer(request),
      onTick: at => rest.onTick(at),
      connect: (_host, path, _query, socket) =>
        path.endsWith('/private')
          ? new OkxPrivateStream(context, socket, auth)
          : new OkxPublicStream(context, socket, market),
      errors: {
        refused: call =>
          failed(call === 'cancel' ? CANCEL_FAILED : call === 'amend' ? AMEND_FAILED : REFUSALS.insufficient_funds),
        invalid: why => failed(parameter(why)),
        rateLimited: () => failed(TOO_MANY),
        // Told by the network before OKX itself, which publishes no bans of its own.
        banned: () => ({ status: 403, headers: { 'content-type': 'text/html' }, body: '<html>403 Forbidden</html>' }),
        maintenance: () => failed(UNAVAILABLE),
      },
    }
  },
}
