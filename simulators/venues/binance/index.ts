import { MICROS_PER_MS } from '../../../src/kernel/index.ts'
import type { SimulatedRequest, SimulatedVenueDefinition, VenueContext } from '../core/index.ts'
import { BinanceAuth } from './auth.ts'
import { answerOf } from './errors.ts'
import { BINANCE_SYMBOLS } from './instruments.ts'
import { BinanceLimits, banned, callOf, tooManyRequests, weightOf } from './limits.ts'
import { BinanceApiSocket } from './private-stream.ts'
import { BinancePublicStream } from './public-stream.ts'
import { BinanceRest } from './rest.ts'
import { BinanceTrading } from './trading.ts'

/** The first order of the simulation is not the first that Binance has seen. */
const ORDERS_BEFORE = 40_000_000
const FILLS_BEFORE = 9_000_000
const PLACES = new Set(['POST /api/v3/order', 'POST /api/v3/order/cancelReplace'])

/** Of a fault: long enough to see whether a client waits. */
const RETRY_AFTER_S = 1

export const binanceSimulator: SimulatedVenueDefinition = {
  name: 'binance',
  rules: {
    feeCharged: 'received',
    clientIdReuse: 'once_closed',
    orderId: number => String(ORDERS_BEFORE + number),
    fillId: number => String(FILLS_BEFORE + number),
  },
  instruments: BINANCE_SYMBOLS,
  credentials: {
    apiKey: 'simulatedBinanceKey'.padEnd(64, '0'),
    secret: 'theSecretOfTheSimulatedBinanceAccount'.padEnd(64, '0'),
  },
  prices: { 'BTC/USDT': 97_000, 'ETH/USDT': 3_400, 'XRP/USDT': 2.3, 'DOGE/USDT': 0.32 },
  create(context: VenueContext) {
    const auth = new BinanceAuth(context)
    const limits = new BinanceLimits()
    const trading = new BinanceTrading(context, limits)
    const rest = new BinanceRest(context, auth, trading)
    const counted = ({ from, method, path, headers }: SimulatedRequest): Record<string, string> => {
      const at = context.market.now
      const weight = String(limits.usedWeight(from, at))
      const used = { 'x-mbx-used-weight': weight, 'x-mbx-used-weight-1m': weight }
      if (!PLACES.has(`${method} ${path}`)) return used
      const { tenSeconds, day } = limits.usedOrders(headers['x-mbx-apikey'] ?? '', at)
      return { ...used, 'x-mbx-order-count-10s': String(tenSeconds), 'x-mbx-order-count-1d': String(day) }
    }
    return {
      callOf,
      limit(request) {
        const refusal = limits.request(request.from, weightOf(request), context.market.now)
        if (refusal === null) return null
        const { headers, ...answer } = answerOf(refusal)
        return { ...answer, headers: { ...headers, ...counted(request) } }
      },
      answer: request => rest.answer(request),
      headers: counted,
      connect: (host, path, query, socket) =>
        host.startsWith('ws-api.')
          ? new BinanceApiSocket(context, socket, { auth, rest, names: trading.names })
          : new BinancePublicStream(context, socket, path, query),
      errors: {
        refused: call =>
          answerOf({
            status: 400,
            code: call === 'cancel' ? -2011 : -2010,
            msg: 'This action is disabled on this account.',
          }),
        invalid: () => answerOf({ status: 400, code: -1100, msg: 'Illegal characters found in a parameter.' }),
        rateLimited: () => answerOf(tooManyRequests(RETRY_AFTER_S)),
        banned: forMs => answerOf(banned(context.market.now + forMs * MICROS_PER_MS, context.market.now)),
        maintenance: () => answerOf({ status: 503, code: -1016, msg: 'This service is no longer available.' }),
      },
    }
  },
}
