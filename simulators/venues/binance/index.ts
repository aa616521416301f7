import { MICROS_PER_MS, MICROS_PER_SECOND } from '../../../src/kernel/index.ts'
import type { SimulatedAnswer, SimulatedVenueDefinition, VenueContext } from '../core/index.ts'
import { BinanceAuth } from './auth.ts'
import { answerOf } from './errors.ts'
import { BINANCE_SYMBOLS } from './instruments.ts'
import { BinanceLimits, callOf, type Limited, weightOf } from './limits.ts'
import { BinanceApiSocket } from './private-stream.ts'
import { BinancePublicStream } from './public-stream.ts'
import { BinanceRest } from './rest.ts'
import { BinanceTrading } from './trading.ts'

/** The first order of the simulation is not the first that Binance has seen. */
const ORDERS_BEFORE = 40_000_000
const FILLS_BEFORE = 9_000_000
const PLACES = new Set(['POST /api/v3/order', 'POST /api/v3/order/cancelReplace'])

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits and …/errors */
function limited(limit: Limited): SimulatedAnswer {
  const headers = { 'retry-after': String(limit.retryAfterS) }
  const advice = 'Please use WebSocket Streams for live updates to'
  switch (limit.type) {
    case 'banned':
      return answerOf(
        {
          status: 418,
          code: -1003,
          msg: `Way too much request weight used; IP banned until ${Math.ceil(limit.until / MICROS_PER_MS)}. ${advice} avoid bans.`,
        },
        headers,
      )
    case 'too_many_requests':
      return answerOf(
        {
          status: 429,
          code: -1003,
          msg: `Too much request weight used; current limit is 6000 request weight per 1 MINUTE. ${advice} avoid polling the API.`,
        },
        headers,
      )
    case 'too_many_orders':
      return answerOf(
        { status: 429, code: -1015, msg: `Too many new orders; current limit is ${limit.which}.` },
        headers,
      )
  }
}

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
    return {
      callOf,
      limit(request) {
        const refusal = limits.request(request.from, weightOf(request), context.market.now)
        return refusal === null ? null : limited(refusal)
      },
      answer: request => rest.answer(request),
      headers({ from, method, path, headers }): Record<string, string> {
        const at = context.market.now
        const weight = String(limits.usedWeight(from, at))
        if (!PLACES.has(`${method} ${path}`)) return { 'x-mbx-used-weight': weight, 'x-mbx-used-weight-1m': weight }
        const { tenSeconds, day } = limits.usedOrders(headers['x-mbx-apikey'] ?? '', at)
        return {
          'x-mbx-used-weight': weight,
          'x-mbx-used-weight-1m': weight,
          'x-mbx-order-count-10s': String(tenSeconds),
          'x-mbx-order-count-1d': String(day),
        }
      },
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
        rateLimited: () => limited({ type: 'too_many_requests', retryAfterS: RETRY_AFTER_S }),
        banned: forMs =>
          limited({
            type: 'banned',
            until: context.market.now + forMs * MICROS_PER_MS,
            retryAfterS: Math.ceil((forMs * MICROS_PER_MS) / MICROS_PER_SECOND),
          }),
        maintenance: () => answerOf({ status: 503, code: -1016, msg: 'This service is no longer available.' }),
      },
    }
  },
}
