import { MICROS_PER_MINUTE, MICROS_PER_MS, MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import type { SimulatedAnswer, SimulatedRequest } from '../core/index.ts'
import { failed, TOO_MANY_VISITS } from './errors.ts'

/** https://bybit-exchange.github.io/docs/v5/rate-limit : all requests of an address, and each endpoint by user, in windows that roll. */
const ADDRESS_MAX = 600
const ADDRESS_WINDOW: Micros = 5 * MICROS_PER_SECOND
/** "Wait for at least 10 minutes": asking in the meantime does not shorten it. */
const BAN: Micros = 10 * MICROS_PER_MINUTE

/** Requests a second, of spot. */
const PER_SECOND: Readonly<Record<string, number>> = {
  '/v5/order/create': 20,
  '/v5/order/amend': 10,
  '/v5/order/cancel': 20,
  '/v5/order/cancel-all': 20,
  '/v5/order/realtime': 50,
  '/v5/order/history': 50,
  '/v5/execution/list': 50,
  '/v5/account/wallet-balance': 50,
  '/v5/account/fee-rate': 10,
  '/v5/account/info': 50,
  '/v5/user/query-api': 10,
}
const PER_SECOND_DEFAULT = 5
/** Addresses and users that are remembered; the one that came first is forgotten first. */
const CLIENTS_MAX = 1_000

/** The times of the requests in the window. */
class Rolling {
  readonly max: number
  readonly #length: Micros
  readonly #times: Micros[] = []

  constructor(max: number, length: Micros) {
    this.max = max
    this.#length = length
  }

  /** False when the window is full; nothing is counted then. */
  take(now: Micros): boolean {
    while (this.#times.length > 0 && this.#times[0]! <= now - this.#length) this.#times.shift()
    if (this.#times.length >= this.max) return false
    this.#times.push(now)
    return true
  }

  get left(): number {
    return this.max - this.#times.length
  }

  /** When there is room again. */
  resetsAt(now: Micros): Micros {
    return this.left > 0 ? now : this.#times[0]! + this.#length
  }
}

export class BybitLimits {
  readonly #addresses = new Map<string, { readonly window: Rolling; bannedUntil: Micros }>()
  readonly #endpoints = new Map<string, Rolling>()

  /** Null when the request may go on. */
  limit(request: SimulatedRequest, now: Micros): SimulatedAnswer | null {
    const address = kept(this.#addresses, request.from, () => ({
      window: new Rolling(ADDRESS_MAX, ADDRESS_WINDOW),
      bannedUntil: 0,
    }))
    if (now < address.bannedUntil) return TOO_FREQUENT
    if (!address.window.take(now)) {
      address.bannedUntil = now + BAN
      return TOO_FREQUENT
    }
    if (isPublic(request) || this.#endpoint(request).take(now)) return null
    const refused = failed(TOO_MANY_VISITS, Math.floor(now / MICROS_PER_MS))
    return { ...refused, headers: { ...refused.headers, ...this.headers(request, now) } }
  }

  /** What the answer to a private request says of its endpoint. */
  headers(request: SimulatedRequest, now: Micros): Record<string, string> {
    if (isPublic(request)) return {}
    const endpoint = this.#endpoint(request)
    return {
      'x-bapi-limit': String(endpoint.max),
      'x-bapi-limit-status': String(endpoint.left),
      'x-bapi-limit-reset-timestamp': String(Math.ceil(endpoint.resetsAt(now) / MICROS_PER_MS)),
    }
  }

  #endpoint({ path, headers }: SimulatedRequest): Rolling {
    const name = `${headers['x-bapi-api-key'] ?? ''} ${path}`
    return kept(this.#endpoints, name, () => new Rolling(PER_SECOND[path] ?? PER_SECOND_DEFAULT, MICROS_PER_SECOND))
  }
}

export const isPublic = ({ path }: SimulatedRequest): boolean => path.startsWith('/v5/market/')

/** Told by the network before Bybit itself: no JSON. */
export const TOO_FREQUENT: SimulatedAnswer = {
  status: 403,
  headers: { 'content-type': 'text/html' },
  body: '<html><body><h1>403 Forbidden</h1>access too frequent</body></html>',
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
