import { MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'

/**
 * Kraken's counters: https://docs.kraken.com/api/docs/guides/spot-rest-ratelimits (a counter a key that grows by the call and
 * decays by the second) and …/spot-ratelimits (one for each pair of a key in the trading engine). Figures of the tier "Pro".
 */
const CALLS_MAX = 20
const CALLS_DECAY = 1
const ORDERS_MAX = 180
const ORDERS_DECAY = 3.75
const PUBLIC_MAX = 15
const PUBLIC_DECAY = 1
/** Cost of a cancel by the age of its order, in seconds. */
const CANCEL_COST: readonly (readonly [age: number, cost: number])[] = [
  [5, 8],
  [10, 6],
  [15, 5],
  [45, 4],
  [90, 2],
  [300, 1],
]

class Counter {
  #value = 0
  #at: Micros = 0

  /** False when this would go past the maximum; nothing is added then. */
  add(cost: number, max: number, decay: number, at: Micros): boolean {
    this.#value = Math.max(0, this.#value - ((at - this.#at) / MICROS_PER_SECOND) * decay)
    this.#at = at
    if (this.#value + cost > max) return false
    this.#value += cost
    return true
  }
}

export class KrakenLimits {
  readonly #counters = new Map<string, Counter>()

  publicCall(from: string, at: Micros): boolean {
    return this.#counter(`ip ${from}`).add(1, PUBLIC_MAX, PUBLIC_DECAY, at)
  }

  call(apiKey: string, cost: number, at: Micros): boolean {
    return this.#counter(`key ${apiKey}`).add(cost, CALLS_MAX, CALLS_DECAY, at)
  }

  order(apiKey: string, pair: string, at: Micros): boolean {
    return this.#counter(`pair ${apiKey} ${pair}`).add(1, ORDERS_MAX, ORDERS_DECAY, at)
  }

  /** A cancel is never refused; it makes what comes after it wait. */
  cancel(apiKey: string, pair: string, createdAt: Micros, at: Micros): void {
    const age = (at - createdAt) / MICROS_PER_SECOND
    const cost = CANCEL_COST.find(([below]) => age < below)?.[1] ?? 0
    this.#counter(`pair ${apiKey} ${pair}`).add(cost, Number.POSITIVE_INFINITY, ORDERS_DECAY, at)
  }

  #counter(name: string): Counter {
    let counter = this.#counters.get(name)
    if (counter === undefined) {
      counter = new Counter()
      this.#counters.set(name, counter)
    }
    return counter
  }
}
