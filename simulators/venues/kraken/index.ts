import type { SimulatedVenueDefinition, VenueContext } from '../core/index.ts'
import { KrakenAuth } from './auth.ts'
import { refused } from './errors.ts'
import { KRAKEN_PAIRS } from './instruments.ts'
import { KrakenLimits } from './limits.ts'
import { KrakenPrivateStream } from './private-stream.ts'
import { KrakenPublicStream } from './public-stream.ts'
import { callOf, KrakenRest } from './rest.ts'

/** Five, five and six letters after the first, as Kraken's ids look. */
const idOf = (first: string, number: number): string => {
  const text = number.toString(36).toUpperCase().padStart(16, 'Q')
  return `${first}${text.slice(0, 5)}-${text.slice(5, 10)}-${text.slice(10)}`
}

/** Cost of a call in the key's counter: https://docs.kraken.com/api/docs/guides/spot-rest-ratelimits */
const costOf = (path: string): number => (/TradesHistory|ClosedOrders|Ledgers/.test(path) ? 2 : 1)

export const krakenSimulator: SimulatedVenueDefinition = {
  name: 'kraken',
  rules: {
    feeCharged: 'quote',
    clientIdReuse: 'once_closed',
    orderId: number => idOf('O', number),
    fillId: number => idOf('T', number),
  },
  instruments: KRAKEN_PAIRS,
  credentials: {
    apiKey: 'simulated-kraken-key',
    secret: Buffer.from('the secret of the simulated Kraken account, 64 bytes of nothing!').toString('base64'),
  },
  prices: { 'BTC/USD': 97_000, 'ETH/USD': 3_400, 'XRP/USD': 2.3, 'DOGE/USD': 0.32 },
  create(context: VenueContext) {
    const auth = new KrakenAuth(context)
    const limits = new KrakenLimits()
    const rest = new KrakenRest(context, auth, limits)
    return {
      callOf,
      limit(request, call) {
        const at = context.market.now
        if (call === 'public') return limits.publicCall(request.from, at) ? null : refused('EAPI:Rate limit exceeded')
        // Orders and cancels are counted by the trading engine alone.
        if (call !== 'query') return null
        const key = request.headers['api-key'] ?? ''
        return limits.call(key, costOf(request.path), at) ? null : refused('EAPI:Rate limit exceeded')
      },
      answer: request => rest.answer(request),
      onTick: at => rest.onTick(at),
      connect: (host, _path, _query, socket) =>
        host === 'ws-auth.kraken.com'
          ? new KrakenPrivateStream(context, socket, auth)
          : new KrakenPublicStream(context, socket),
      errors: {
        refused: () => refused('EGeneral:Permission denied'),
        invalid: () => refused('EGeneral:Invalid arguments'),
        rateLimited: call => refused(call === 'place' ? 'EOrder:Rate limit exceeded' : 'EAPI:Rate limit exceeded'),
        banned: () => refused('EGeneral:Temporary lockout'),
        maintenance: () => refused('EService:Unavailable'),
      },
    }
  },
}
