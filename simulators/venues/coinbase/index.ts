import { createHash } from 'node:crypto'
import type { SimulatedVenueDefinition, VenueContext } from '../core/index.ts'
import { json } from '../core/index.ts'
import { CoinbaseAuth, simulatedPem } from './auth.ts'
import { cancelRow, editRefused, failed, orderRefused, rateLimited } from './errors.ts'
import { COINBASE_PRODUCTS } from './instruments.ts'
import { CoinbaseLimits } from './limits.ts'
import { isPublic } from './public-rest.ts'
import { CoinbaseRest, callOf } from './rest.ts'
import { CoinbaseStream } from './stream.ts'

/** Ids look like random UUIDs and are none: the same number has the same one. */
const uuidOf = (kind: string, number: number): string => {
  const digits = createHash('sha256').update(`${kind} ${number}`).digest('hex')
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`
}

export const coinbaseSimulator: SimulatedVenueDefinition = {
  name: 'coinbase',
  rules: {
    feeCharged: 'quote',
    clientIdReuse: 'never',
    orderId: number => uuidOf('order', number),
    fillId: number => uuidOf('fill', number),
  },
  instruments: COINBASE_PRODUCTS,
  credentials: {
    apiKey: 'organizations/00000000-0000-4000-8000-000000000000/apiKeys/00000000-0000-4000-8000-000000000001',
    secret: simulatedPem('the simulated Coinbase account'),
  },
  prices: { 'BTC/USD': 97_000, 'ETH/USD': 3_400, 'XRP/USD': 2.3, 'DOGE/USD': 0.32 },
  create(context: VenueContext) {
    const auth = new CoinbaseAuth(context)
    const limits = new CoinbaseLimits()
    const rest = new CoinbaseRest(context, auth)
    return {
      callOf,
      limit(request) {
        const at = context.market.now
        const { path, from, headers } = request
        if (path.startsWith('/v2/') && !limits.v2Call(from, at)) return rateLimited()
        const isWithin = isPublic(request)
          ? limits.publicCall(from, at)
          : limits.privateCall(auth.nameOf(headers.authorization), at)
        return isWithin ? null : rateLimited()
      },
      answer: request => rest.answer(request),
      connect: (_host, _path, _query, socket) => new CoinbaseStream(context, socket, auth),
      errors: {
        refused: call =>
          call === 'cancel'
            ? json({ results: [cancelRow('', 'COMMANDER_REJECTED_CANCEL_ORDER')] })
            : call === 'amend'
              ? editRefused('COMMANDER_REJECTED_EDIT_ORDER')
              : orderRefused({ error: 'ORDER_ENTRY_DISABLED', message: 'Orders are disabled', preview: '' }),
        invalid: why => failed(400, 'INVALID_ARGUMENT', why),
        rateLimited: () => rateLimited(),
        // Coinbase documents no ban: whoever goes on is answered like this for as long as it does.
        banned: () => rateLimited(),
        maintenance: () => failed(503, 'UNAVAILABLE', 'The service is temporarily unavailable'),
      },
    }
  },
}
