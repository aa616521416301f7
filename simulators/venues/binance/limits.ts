import { MICROS_PER_DAY, MICROS_PER_MINUTE, MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import { json, type SimulatedAnswer, type SimulatedRequest } from '../core/index.ts'

/**
 * https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits : weight and requests count by address, orders by
 * account; intervals are aligned with the clock; who goes on after 429 is banned with 418, for longer each time.
 */
const WEIGHT_MAX = 6_000
const RAW_MAX = 61_000
const ORDERS_10S_MAX = 100
const ORDERS_DAY_MAX = 200_000
const RAW_WINDOW: Micros = 5 * MICROS_PER_MINUTE
const ORDERS_WINDOW: Micros = 10 * MICROS_PER_SECOND
/** How many refusals in a minute earn a ban is not published. */
const REFUSALS_BEFORE_BAN = 10
/** "From 2 minutes to 3 days." */
const BAN_FIRST: Micros = 2 * MICROS_PER_MINUTE
const BAN_MAX: Micros = 3 * MICROS_PER_DAY

/** "Weight" of https://developers.binance.com/docs/binance-spot-api-docs/rest-api and its sections. */
const WEIGHTS: Readonly<Record<string, number>> = {
  'GET /api/v3/ping': 1,
  'GET /api/v3/time': 1,
  'GET /api/v3/exchangeInfo': 20,
  'GET /api/v3/trades': 25,
  'GET /api/v3/aggTrades': 4,
  'GET /api/v3/klines': 2,
  'POST /api/v3/order': 1,
  'DELETE /api/v3/order': 1,
  'POST /api/v3/order/cancelReplace': 1,
  'PUT /api/v3/order/amend/keepPriority': 4,
  'DELETE /api/v3/openOrders': 1,
  'GET /api/v3/order': 4,
  'GET /api/v3/allOrders': 20,
  'GET /api/v3/account': 20,
  'GET /api/v3/account/commission': 20,
  'GET /api/v3/myTrades': 20,
}
/** For one symbol, for all of them. */
const BY_SYMBOL: Readonly<Record<string, readonly [one: number, all: number]>> = {
  'GET /api/v3/ticker/24hr': [2, 80],
  'GET /api/v3/ticker/price': [2, 4],
  'GET /api/v3/ticker/bookTicker': [2, 4],
  'GET /api/v3/openOrders': [6, 80],
}
const DEPTH_WEIGHTS = [
  [100, 5],
  [500, 25],
  [1_000, 50],
] as const
const DEPTH_WEIGHT_MAX = 250

function weightOf({ method, path, query }: SimulatedRequest): number {
  // The wallet's endpoints count elsewhere.
  if (!path.startsWith('/api/')) return 0
  if (path === '/api/v3/depth') {
    const levels = Number(query.get('limit') ?? 100)
    return DEPTH_WEIGHTS.find(([most]) => levels <= most)?.[1] ?? DEPTH_WEIGHT_MAX
  }
  const name = `${method} ${path}`
  const bySymbol = BY_SYMBOL[name]
  if (bySymbol !== undefined) return bySymbol[query.has('symbol') ? 0 : 1]
  return WEIGHTS[name] ?? 1
}

const ORDER_CALLS = new Set(['POST /api/v3/order', 'POST /api/v3/order/cancelReplace'])

/** Counts what falls into the present interval of the clock. */
class Window {
  readonly #length: Micros
  #opened: Micros = 0
  used = 0

  constructor(length: Micros) {
    this.#length = length
  }

  at(now: Micros): this {
    const opened = now - (now % this.#length)
    if (opened !== this.#opened) {
      this.#opened = opened
      this.used = 0
    }
    return this
  }

  get endsAt(): Micros {
    return this.#opened + this.#length
  }
}

interface AddressCounts {
  readonly weight: Window
  readonly raw: Window
  readonly refusals: Window
  bannedUntil: Micros
  bans: number
}

/** Clients whose counts are kept; the one that came first is forgotten first. */
const CLIENTS_MAX = 1_000

export class BinanceLimits {
  readonly #addresses = new Map<string, AddressCounts>()
  readonly #orders = new Map<string, readonly [tenSeconds: Window, day: Window]>()

  /** Null when the request may go on. */
  limit(request: SimulatedRequest, now: Micros): SimulatedAnswer | null {
    const counts = this.#address(request.from)
    if (now < counts.bannedUntil) return banned(counts.bannedUntil, counts.bannedUntil - now)
    const weight = counts.weight.at(now)
    const raw = counts.raw.at(now)
    weight.used += weightOf(request)
    raw.used += 1
    if (weight.used > WEIGHT_MAX || raw.used > RAW_MAX) return this.#refuse(counts, now)
    if (!ORDER_CALLS.has(`${request.method} ${request.path}`)) return null
    const [tenSeconds, day] = this.#ordersOf(request)
    if (tenSeconds.at(now).used >= ORDERS_10S_MAX)
      return tooManyOrders(`${ORDERS_10S_MAX} orders per 10 SECOND`, tenSeconds.endsAt - now)
    if (day.at(now).used >= ORDERS_DAY_MAX) return tooManyOrders(`${ORDERS_DAY_MAX} orders per 1 DAY`, day.endsAt - now)
    tenSeconds.used += 1
    day.used += 1
    return null
  }

  /** What every answer says of the counts. */
  headers(request: SimulatedRequest, now: Micros): Record<string, string> {
    const { weight } = this.#address(request.from)
    const used = { 'x-mbx-used-weight': String(weight.at(now).used), 'x-mbx-used-weight-1m': String(weight.used) }
    if (!ORDER_CALLS.has(`${request.method} ${request.path}`)) return used
    const [tenSeconds, day] = this.#ordersOf(request)
    return {
      ...used,
      'x-mbx-order-count-10s': String(tenSeconds.at(now).used),
      'x-mbx-order-count-1d': String(day.at(now).used),
    }
  }

  #refuse(counts: AddressCounts, now: Micros): SimulatedAnswer {
    const refusals = counts.refusals.at(now)
    refusals.used += 1
    if (refusals.used > REFUSALS_BEFORE_BAN) {
      const length = Math.min(BAN_MAX, BAN_FIRST * 2 ** counts.bans)
      counts.bans += 1
      counts.bannedUntil = now + length
      return banned(counts.bannedUntil, length)
    }
    return tooMuchWeight(counts.weight.endsAt - now)
  }

  #address(from: string): AddressCounts {
    return kept(this.#addresses, from, () => ({
      weight: new Window(MICROS_PER_MINUTE),
      raw: new Window(RAW_WINDOW),
      refusals: new Window(MICROS_PER_MINUTE),
      bannedUntil: 0,
      bans: 0,
    }))
  }

  #ordersOf({ headers }: SimulatedRequest): readonly [tenSeconds: Window, day: Window] {
    return kept(this.#orders, headers['x-mbx-apikey'] ?? '', () => [
      new Window(ORDERS_WINDOW),
      new Window(MICROS_PER_DAY),
    ])
  }
}

function kept<V>(map: Map<string, V>, key: string, create: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = create()
    map.set(key, value)
    if (map.size > CLIENTS_MAX) map.delete(map.keys().next().value!)
  }
  return value
}

const retryAfter = (left: Micros): Record<string, string> => ({
  'retry-after': String(Math.ceil(left / MICROS_PER_SECOND)),
})

const tooManyOrders = (limit: string, left: Micros): SimulatedAnswer =>
  json({ code: -1015, msg: `Too many new orders; current limit is ${limit}.` }, 429, retryAfter(left))

export const tooMuchWeight = (left: Micros): SimulatedAnswer =>
  json(
    {
      code: -1003,
      msg: `Too much request weight used; current limit is ${WEIGHT_MAX} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`,
    },
    429,
    retryAfter(left),
  )

export const banned = (until: Micros, left: Micros): SimulatedAnswer =>
  json(
    {
      code: -1003,
      msg: `Way too much request weight used; IP banned until ${Math.ceil(until / 1_000)}. Please use WebSocket Streams for live updates to avoid bans.`,
    },
    418,
    retryAfter(left),
  )
