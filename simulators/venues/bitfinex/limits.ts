import { MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import type { SimulatedRequest } from '../core/index.ts'

/**
 * "Between 10 and 90 requests a minute" for each endpoint and address, and a minute's block for who goes beyond:
 * https://docs.bitfinex.com/docs/requirements-and-limitations#rest-rate-limits . Figures of the endpoints' own pages.
 */
const WINDOW: Micros = 60 * MICROS_PER_SECOND
const BLOCK: Micros = 60 * MICROS_PER_SECOND
const MAX: Readonly<Record<string, number>> = { book: 240, trades: 15, candles: 30, platform: 30 }
const MAX_DEFAULT = 90
/** Endpoints and addresses that are remembered; the one that came first is forgotten first. */
const COUNTERS_MAX = 10_000

/** What of a path is the endpoint: symbols are not. */
const endpointOf = (path: string): string =>
  path
    .split('/')
    .filter(part => part !== '' && part !== 'v2' && !/^t[A-Z0-9:]{4,}$|^trade:|^P[0-4]$/.test(part))
    .join('/')

interface Counter {
  readonly times: Micros[]
  blockedUntil: Micros
}

export class BitfinexLimits {
  readonly #counters = new Map<string, Counter>()

  /** Whether a request may go on. */
  allows({ path, from }: SimulatedRequest, now: Micros): boolean {
    const endpoint = endpointOf(path)
    const counter = this.#counter(`${from} ${endpoint}`)
    if (now < counter.blockedUntil) return false
    while (counter.times.length > 0 && counter.times[0]! <= now - WINDOW) counter.times.shift()
    if (counter.times.length >= (MAX[endpoint.split('/')[0]!] ?? MAX_DEFAULT)) {
      counter.blockedUntil = now + BLOCK
      return false
    }
    counter.times.push(now)
    return true
  }

  #counter(name: string): Counter {
    let counter = this.#counters.get(name)
    if (counter === undefined) {
      counter = { times: [], blockedUntil: 0 }
      this.#counters.set(name, counter)
      if (this.#counters.size > COUNTERS_MAX) this.#counters.delete(this.#counters.keys().next().value!)
    }
    return counter
  }
}
