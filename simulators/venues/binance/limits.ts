import { MICROS_PER_MS, MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import type { CallName, SimulatedRequest } from '../core/index.ts'
import type { BinanceError } from './errors.ts'

/**
 * Weights by address and order counts by account, in windows aligned with the clock; who goes on after a 429 is banned, for longer
 * each time: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits . Figures as `exchangeInfo` gave them.
 */
export const LIMITS = [
  { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000 },
  { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100 },
  { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200_000 },
  { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 61_000 },
] as const
const [{ limit: WEIGHT_MAX }, { limit: ORDERS_10S_MAX }, { limit: ORDERS_DAY_MAX }, { limit: RAW_MAX }] = LIMITS
const MINUTE: Micros = 60 * MICROS_PER_SECOND
const TEN_SECONDS: Micros = 10 * MICROS_PER_SECOND
const DAY: Micros = 86_400 * MICROS_PER_SECOND
const FIVE_MINUTES: Micros = 5 * MINUTE

/** Binance does not say how many are too many. */
const REFUSALS_BEFORE_BAN = 10
const BAN_FIRST: Micros = 2 * MINUTE
const BAN_MAX: Micros = 3 * DAY
/** Addresses and keys that are remembered. */
const SUBJECTS_MAX = 10_000

class Window {
  readonly #length: Micros
  #start: Micros = 0
  #used = 0

  constructor(length: Micros) {
    this.#length = length
  }

  used(at: Micros): number {
    const start = at - (at % this.#length)
    if (start !== this.#start) {
      this.#start = start
      this.#used = 0
    }
    return this.#used
  }

  add(cost: number, at: Micros): number {
    this.#used = this.used(at) + cost
    return this.#used
  }

  secondsLeft(at: Micros): number {
    return Math.ceil((this.#length - (at % this.#length)) / MICROS_PER_SECOND)
  }
}

class Address {
  readonly weight = new Window(MINUTE)
  readonly raw = new Window(FIVE_MINUTES)
  readonly refusals = new Window(MINUTE)
  bannedUntil: Micros = 0
  bans = 0
}

class Orders {
  readonly tenSeconds = new Window(TEN_SECONDS)
  readonly day = new Window(DAY)
}

const ADVICE = 'Please use WebSocket Streams for live updates to'

export const tooManyRequests = (retryAfterS: number): BinanceError => ({
  status: 429,
  code: -1003,
  msg: `Too much request weight used; current limit is ${WEIGHT_MAX} request weight per 1 MINUTE. ${ADVICE} avoid polling the API.`,
  retryAfterS,
})

export const banned = (until: Micros, at: Micros): BinanceError => ({
  status: 418,
  code: -1003,
  msg: `Way too much request weight used; IP banned until ${Math.ceil(until / MICROS_PER_MS)}. ${ADVICE} avoid bans.`,
  retryAfterS: Math.ceil((until - at) / MICROS_PER_SECOND),
})

const tooManyOrders = (which: string, retryAfterS: number): BinanceError => ({
  status: 429,
  code: -1015,
  msg: `Too many new orders; current limit is ${which}.`,
  retryAfterS,
})

export class BinanceLimits {
  readonly #addresses = new Map<string, Address>()
  readonly #orders = new Map<string, Orders>()

  /** Counts a request; what it says keeps it from being answered. */
  request(from: string, weight: number, at: Micros): BinanceError | null {
    const address = remembered(this.#addresses, from, () => new Address())
    if (at < address.bannedUntil) return banned(address.bannedUntil, at)
    const used = address.weight.add(weight, at)
    const raw = address.raw.add(1, at)
    if (used <= WEIGHT_MAX && raw <= RAW_MAX) return null
    if (address.refusals.add(1, at) > REFUSALS_BEFORE_BAN) {
      address.bannedUntil = at + Math.min(BAN_MAX, BAN_FIRST * 2 ** address.bans)
      address.bans += 1
      return banned(address.bannedUntil, at)
    }
    const window = used > WEIGHT_MAX ? address.weight : address.raw
    return tooManyRequests(window.secondsLeft(at))
  }

  order(apiKey: string, at: Micros): BinanceError | null {
    const { tenSeconds, day } = this.#ordersOf(apiKey)
    if (tenSeconds.used(at) >= ORDERS_10S_MAX)
      return tooManyOrders(`${ORDERS_10S_MAX} orders per 10 SECOND`, tenSeconds.secondsLeft(at))
    if (day.used(at) >= ORDERS_DAY_MAX) return tooManyOrders(`${ORDERS_DAY_MAX} orders per 1 DAY`, day.secondsLeft(at))
    tenSeconds.add(1, at)
    day.add(1, at)
    return null
  }

  usedWeight(from: string, at: Micros): number {
    return this.#addresses.get(from)?.weight.used(at) ?? 0
  }

  usedOrders(apiKey: string, at: Micros): { tenSeconds: number; day: number } {
    const { tenSeconds, day } = this.#ordersOf(apiKey)
    return { tenSeconds: tenSeconds.used(at), day: day.used(at) }
  }

  #ordersOf(apiKey: string): Orders {
    return remembered(this.#orders, apiKey, () => new Orders())
  }
}

function remembered<T>(all: Map<string, T>, name: string, create: () => T): T {
  let one = all.get(name)
  if (one === undefined) {
    one = create()
    all.set(name, one)
    if (all.size > SUBJECTS_MAX) all.delete(all.keys().next().value!)
  }
  return one
}

/** By method and path: one figure, or one for a request that names a symbol and one for all. */
const WEIGHTS: Readonly<Record<string, number | readonly [one: number, all: number]>> = {
  'GET /api/v3/ping': 1,
  'GET /api/v3/time': 1,
  'GET /api/v3/exchangeInfo': 20,
  'GET /api/v3/trades': 25,
  'GET /api/v3/aggTrades': 4,
  'GET /api/v3/klines': 2,
  'GET /api/v3/ticker/24hr': [2, 80],
  'GET /api/v3/ticker/price': [2, 4],
  'GET /api/v3/ticker/bookTicker': [2, 4],
  'POST /api/v3/order': 1,
  'POST /api/v3/order/test': 1,
  'POST /api/v3/order/cancelReplace': 1,
  'PUT /api/v3/order/amend/keepPriority': 4,
  'GET /api/v3/order': 4,
  'DELETE /api/v3/order': 1,
  'GET /api/v3/openOrders': [6, 80],
  'DELETE /api/v3/openOrders': 1,
  'GET /api/v3/allOrders': 20,
  'GET /api/v3/account': 20,
  'GET /api/v3/account/commission': 20,
  'GET /api/v3/myTrades': 20,
}
const DEPTH_WEIGHTS: readonly (readonly [levels: number, weight: number])[] = [
  [100, 5],
  [500, 25],
  [1_000, 50],
]
const DEPTH_WEIGHT_MOST = 250

export function weightOf({ method, path, query }: SimulatedRequest): number {
  if (path === '/api/v3/depth') {
    const levels = Number(query.get('limit') ?? 100)
    return DEPTH_WEIGHTS.find(([most]) => levels <= most)?.[1] ?? DEPTH_WEIGHT_MOST
  }
  const weight = WEIGHTS[`${method} ${path}`] ?? 1
  if (typeof weight === 'number') return weight
  return query.has('symbol') ? weight[0] : weight[1]
}

export const callOf = ({ method, path, headers }: SimulatedRequest): CallName => {
  switch (`${method} ${path}`) {
    case 'POST /api/v3/order':
      return 'place'
    case 'POST /api/v3/order/cancelReplace':
    case 'PUT /api/v3/order/amend/keepPriority':
      return 'amend'
    case 'DELETE /api/v3/order':
    case 'DELETE /api/v3/openOrders':
      return 'cancel'
    default:
      return headers['x-mbx-apikey'] === undefined ? 'public' : 'query'
  }
}
