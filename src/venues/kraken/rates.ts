import type { HttpResponse } from '../port/index.ts'
import {
  type Charge,
  flat,
  type Heard,
  heardFromStatus,
  type RateRequest,
  type RateRule,
  type VenueRates,
} from '../rates/rules.ts'

/*
 * REST counter: https://docs.kraken.com/exchange/guides/rest/ratelimits . AddOrder and CancelOrder are not counted there.
 * Matching engine, per pair: https://docs.kraken.com/exchange/guides/general/ratelimits .
 * Public calls: https://support.kraken.com/articles/206548367-what-are-the-api-rate-limits- : one a second is always allowed, for
 * each address and, where a pair is named, each pair.
 */

/** The account's level of verification; the venue does not tell it, so the lowest is taken unless it is known. */
export type KrakenTier = 'starter' | 'intermediate' | 'pro'
const TIERS = {
  starter: { counterMax: 15, counterDecay: 0.33, engineMax: 60, engineDecay: 1 },
  intermediate: { counterMax: 20, counterDecay: 0.5, engineMax: 125, engineDecay: 2.34 },
  pro: { counterMax: 20, counterDecay: 1, engineMax: 180, engineDecay: 3.75 },
} as const

/** What cancelling costs by how long the order has rested, in milliseconds; afterwards nothing. */
const CANCEL_COSTS = [
  [5_000, 8],
  [10_000, 6],
  [15_000, 5],
  [45_000, 4],
  [90_000, 2],
  [300_000, 1],
] as const
/** The same of an amend, on top of one. */
const AMEND_COSTS = [
  [5_000, 3],
  [10_000, 2],
  [15_000, 1],
] as const
const EDIT_COSTS = [
  [5_000, 6],
  [10_000, 5],
  [15_000, 4],
  [45_000, 2],
  [90_000, 1],
] as const

/** An order that was not placed here is taken for one that has just been placed: that costs most. */
const costAt = (costs: readonly (readonly [number, number])[], ageMs: number | null): number =>
  costs.find(([below]) => (ageMs ?? 0) < below)?.[1] ?? 0

const PAIR_UNKNOWN = '(pair)'
const idOf = ({ params }: RateRequest): string => params.cl_ord_id ?? params.txid ?? ''

const changing = (path: string, fixed: number, costs: readonly (readonly [number, number])[]): RateRule => ({
  method: 'POST',
  path,
  charges: (request, known) => {
    const order = known(idOf(request))
    const cost = fixed + costAt(costs, order?.ageMs ?? null)
    return [{ bucket: 'engine', cost, per: request.params.pair ?? order?.per ?? PAIR_UNKNOWN }]
  },
})

const publicCall = ({ path, params }: RateRequest): readonly Charge[] => [
  { bucket: 'public', cost: 1, per: params.pair === undefined ? path : `${path} ${params.pair}` },
]

const errorsIn = (response: HttpResponse): string => {
  const match = /"error"\s*:\s*(\[[^\]]*\])/.exec(response.body)
  return match?.[1] ?? ''
}

export const krakenRates = (tier: KrakenTier = 'starter'): VenueRates => {
  const { counterMax, counterDecay, engineMax, engineDecay } = TIERS[tier]
  return {
    venue: 'kraken',
    buckets: {
      counter: { type: 'decaying_counter', scope: 'key', max: counterMax, decayPerSecond: counterDecay },
      engine: { type: 'decaying_counter', scope: 'key', max: engineMax, decayPerSecond: engineDecay },
      public: { type: 'sliding_window', scope: 'ip', max: 1, windowMs: 1_000 },
    },
    rules: [
      {
        method: 'POST',
        path: '/0/private/AddOrder',
        charges: ({ params }) => [{ bucket: 'engine', cost: 1, per: params.pair ?? PAIR_UNKNOWN }],
      },
      changing('/0/private/CancelOrder', 0, CANCEL_COSTS),
      changing('/0/private/AmendOrder', 1, AMEND_COSTS),
      changing('/0/private/EditOrder', 1, EDIT_COSTS),
      flat('POST', '/0/private/TradesHistory', { bucket: 'counter', cost: 2 }),
      flat('POST', '/0/private/Ledgers', { bucket: 'counter', cost: 2 }),
      flat('POST', '/0/private/QueryLedgers', { bucket: 'counter', cost: 2 }),
      flat('POST', '/0/private/QueryTrades', { bucket: 'counter', cost: 2 }),
    ],
    otherwise: request =>
      request.path.startsWith('/0/public/') ? publicCall(request) : [{ bucket: 'counter', cost: 1 }],
    placed(request, response) {
      // The age counts from the last change on.
      if (!/^\/0\/private\/(Add|Amend|Edit)Order$/.test(request.path) || errorsIn(response) !== '[]') return []
      const made = [...response.body.matchAll(/"(O[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{6})"/g)].map(match => match[1]!)
      const named = [request.params.cl_ord_id, request.params.txid].filter(id => id !== undefined)
      return [...made, ...named]
    },
    hear(_request, response, atMs) {
      const heard: Heard[] = heardFromStatus(response, atMs)
      const errors = errorsIn(response)
      if (/EAPI:Rate limit|EGeneral:Too many requests/.test(errors)) heard.push({ type: 'full' })
      if (errors.includes('EOrder:Rate limit')) heard.push({ type: 'full', buckets: ['engine'] })
      if (errors.includes('EGeneral:Temporary lockout'))
        heard.push({ type: 'pause', of: 'everything', forMs: LOCKOUT_MS })
      const throttled = /EService:\s*Throttled:\s*(\d{10})/.exec(errors)
      if (throttled !== null)
        heard.push({ type: 'pause', of: 'everything', forMs: Math.max(0, Number(throttled[1]) * 1_000 - atMs) })
      return heard
    },
  }
}

/** "Temporary lockout … approximately 15 minutes": https://support.kraken.com/articles/360001491786-api-error-messages */
const LOCKOUT_MS = 15 * 60_000
