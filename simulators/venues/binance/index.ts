import { MICROS_PER_MS, MICROS_PER_SECOND } from '../../../src/kernel/index.ts'
import type { SimulatedVenueDefinition, VenueContext } from '../core/index.ts'
import { BinanceAuth } from './auth.ts'
import { failed, REFUSALS } from './errors.ts'
import { BINANCE_SYMBOLS } from './instruments.ts'
import { BinanceLimits, banned, tooMuchWeight } from './limits.ts'
import { BinanceMarket } from './market-data.ts'
import { BinancePrivateStream } from './private-stream.ts'
import { BinancePublicStream } from './public-stream.ts'
import { BinanceRest, callOf } from './rest.ts'

export const binanceSimulator: SimulatedVenueDefinition = {
  name: 'binance',
  rules: {
    feeCharged: 'received',
    clientIdReuse: 'once_closed',
    orderId: number => String(28_457_000_000 + number),
    fillId: number => String(number),
  },
  instruments: BINANCE_SYMBOLS,
  credentials: {
    apiKey: 'simulatedBinanceKeyOfSixtyFourLettersAndDigitsAsRealOnesAlwaysAr',
    secret: 'theSecretOfTheSimulatedBinanceAccountSixtyFourLettersAndDigitsLo',
  },
  prices: { 'BTC/USDT': 97_050, 'ETH/USDT': 3_402, 'XRP/USDT': 2.301, 'DOGE/USDT': 0.3202 },
  create(context: VenueContext) {
    const auth = new BinanceAuth(context)
    const limits = new BinanceLimits()
    const market = new BinanceMarket(context)
    const rest = new BinanceRest(context, auth, market)
    return {
      callOf,
      limit: request => limits.limit(request, context.market.now),
      headers: request => limits.headers(request, context.market.now),
      answer: request => rest.answer(request),
      connect: (host, path, query, socket) =>
        host.startsWith('ws-api.')
          ? new BinancePrivateStream(context, socket, auth)
          : new BinancePublicStream(context, socket, market, { path, query }),
      errors: {
        refused: call =>
          failed(call === 'cancel' ? { code: -2011, msg: 'Unknown order sent.' } : REFUSALS.insufficient_funds),
        invalid: why => failed({ code: -1102, msg: why }),
        rateLimited: () => tooMuchWeight(MICROS_PER_SECOND),
        banned: untilMs => banned(context.market.now + untilMs * MICROS_PER_MS, untilMs * MICROS_PER_MS),
        maintenance: () => failed({ code: -1016, msg: 'This service is no longer available.', status: 503 }),
      },
    }
  },
}
