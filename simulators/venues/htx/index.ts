import { MICROS_PER_MS } from '../../../src/kernel/index.ts'
import type { CallName, SimulatedRequest, SimulatedVenueDefinition, VenueContext } from '../core/index.ts'
import { HtxAuth } from './auth.ts'
import { error, invalid, NO_PERMISSION, refused, TOO_MANY } from './errors.ts'
import { HTX_INSTRUMENTS } from './instruments.ts'
import { type Allowance, HtxLimits } from './limits.ts'
import { answerMarket } from './market-rest.ts'
import { HtxPrivateStream } from './private-stream.ts'
import { HtxPublicStream } from './public-stream.ts'
import { HtxTrading } from './trade-rest.ts'

const FIRST_ORDER = 356_501_383_000_000
const FIRST_TRADE = 100_050_305_000

const PRIVATE = /^\/v1\/(account|order)\/|^\/v2\/(user|account|algo-orders)\/|^\/v2\/reference\/transact-fee-rate$/

function callOf({ method, path }: SimulatedRequest): CallName {
  if (!PRIVATE.test(path)) return 'public'
  if (method !== 'POST') return 'query'
  if (path === '/v1/order/orders/place') return 'place'
  return /cancel/i.test(path) ? 'cancel' : 'query'
}

const NOTHING_YET: Allowance = { isAllowed: true, max: 0, left: 0, window: 0, until: 0 }

const tooMany = () => refused(TOO_MANY, 429)

export const htxSimulator: SimulatedVenueDefinition = {
  name: 'htx',
  rules: {
    feeCharged: 'received',
    clientIdReuse: 'never',
    postOnlyCrossing: 'canceled',
    orderId: number => String(FIRST_ORDER + number),
    fillId: number => String(FIRST_TRADE + number),
  },
  instruments: HTX_INSTRUMENTS,
  credentials: { apiKey: 'simulated-htx-key', secret: 'the secret of the simulated HTX account' },
  prices: { 'BTC/USDT': 97_000, 'ETH/USDT': 3_400, 'XRP/USDT': 2.3, 'DOGE/USDT': 0.32 },
  create(context: VenueContext) {
    const auth = new HtxAuth(context)
    const limits = new HtxLimits()
    const trading = new HtxTrading(context)
    let allowance: Allowance = NOTHING_YET
    return {
      callOf,
      limit(request, call) {
        const isPrivate = call !== 'public'
        const who = isPrivate ? (request.query.get('AccessKeyId') ?? request.from) : request.from
        const taken = limits.take(request.path, isPrivate, who, context.market.now)
        allowance = taken
        return taken.isAllowed ? null : tooMany()
      },
      /** How much of the window is left: …/#rate-limiting-rule */
      headers: () => ({
        'ratelimit-limit': String(allowance.max),
        'ratelimit-remaining': String(allowance.left),
        'ratelimit-interval': String(allowance.window / MICROS_PER_MS),
        'ratelimit-reset': String(Math.floor(allowance.until / MICROS_PER_MS)),
      }),
      onTick: at => trading.onTick(at),
      answer(request) {
        const open = answerMarket(context, request.path, request.query)
        if (open !== null) return open
        const account = auth.verify(request)
        return 'code' in account ? refused(account) : trading.answer(account, request)
      },
      connect: (_host, path, _query, socket) =>
        path === '/ws/v2'
          ? new HtxPrivateStream(context, socket, auth)
          : new HtxPublicStream(context, socket, path === '/feed'),
      errors: {
        refused: () => refused(NO_PERMISSION),
        invalid: () => refused(invalid('amount or price')),
        rateLimited: tooMany,
        banned: tooMany,
        maintenance: () => refused(error('system-maintenance', 'System is in maintenance!')),
      },
    }
  },
}
