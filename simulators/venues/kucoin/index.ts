import type { SimulatedVenueDefinition, VenueContext } from '../core/index.ts'
import { KucoinAuth } from './auth.ts'
import { FORBIDDEN, failed, INTERNAL, NOT_CANCELABLE, parameter, REFUSALS, TOO_MANY } from './errors.ts'
import { KUCOIN_INSTRUMENTS } from './instruments.ts'
import { KucoinLimits } from './limits.ts'
import { KucoinMarket } from './market-data.ts'
import { callOf, KucoinRest } from './rest.ts'
import { KucoinStream } from './stream.ts'

/** Twelve bytes, as KuCoin's ids of orders are. */
const orderId = (number: number): string => `69246c5e${number.toString(16).padStart(16, '0')}`
/** Beyond what a number holds exactly, as they are at the venue, which sends them as numbers all the same. */
const FILL_IDS = 11_067_996_711_960_000n

export const kucoinSimulator: SimulatedVenueDefinition = {
  name: 'kucoin',
  rules: {
    feeCharged: 'quote',
    clientIdReuse: 'never',
    postOnlyCrossing: 'canceled',
    orderId,
    fillId: number => String(FILL_IDS + BigInt(number)),
  },
  instruments: KUCOIN_INSTRUMENTS,
  credentials: {
    apiKey: '69246c5e0000000000c0ffee',
    secret: '5edad2c5-7b1f-4c0e-9f43-51a1a7edc011',
    passphrase: 'simulated-passphrase',
  },
  prices: { 'BTC/USDT': 97_025, 'ETH/USDT': 3_400.3, 'XRP/USDT': 2.30015, 'DOGE/USDT': 0.32003 },
  create(context: VenueContext) {
    const auth = new KucoinAuth(context)
    const limits = new KucoinLimits()
    const market = new KucoinMarket(context)
    const rest = new KucoinRest(context, auth, market)
    return {
      callOf,
      limit(request) {
        const { now } = context.market
        if (limits.take(request, now)) return null
        const answer = failed(TOO_MANY)
        return { ...answer, headers: { ...answer.headers, ...limits.headers(request, now) } }
      },
      answer: request => rest.answer(request),
      headers: request => limits.headers(request, context.market.now),
      onTick: at => rest.onTick(at),
      connect: (_host, _path, query, socket) =>
        new KucoinStream(
          context,
          socket,
          market,
          auth.accountOfToken(query.get('token')),
          query.get('connectId') ?? context.random.below(2 ** 32).toString(16),
        ),
      errors: {
        refused: call => failed(call === 'cancel' ? NOT_CANCELABLE : REFUSALS.insufficient_funds),
        invalid: why => failed(parameter(why)),
        rateLimited() {
          const answer = failed(TOO_MANY)
          return {
            ...answer,
            headers: { ...answer.headers, 'gw-ratelimit-remaining': '0', 'gw-ratelimit-reset': '1000' },
          }
        },
        banned: () => failed(FORBIDDEN),
        maintenance: () => failed(INTERNAL),
      },
    }
  },
}
