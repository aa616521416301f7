import { MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import type { SimulatedAnswer, SimulatedRequest } from '../core/index.ts'
import { failed, TOO_MANY, TOO_MANY_ORDERS } from './errors.ts'

/**
 * https://www.okx.com/docs-v5/en/#overview-rate-limits : each endpoint in two seconds that roll, public ones by address, private ones
 * by user, those that act on orders by user and instrument; and all new and changed orders of a sub-account together.
 */
const WINDOW: Micros = 2 * MICROS_PER_SECOND
const ORDERS_MAX = 1_000
const BATCH_MAX = 20

/** "Rate Limit" of each endpoint's own section. */
const LIMITS: Readonly<Record<string, number>> = {
  'POST trade/order': 60,
  'POST trade/batch-orders': 300,
  'POST trade/amend-order': 60,
  'POST trade/cancel-order': 60,
  'POST trade/cancel-batch-orders': 300,
  'POST trade/order-algo': 20,
  'POST trade/cancel-algos': 20,
  'POST trade/cancel-all-after': 2,
  'GET trade/order': 60,
  'GET trade/orders-pending': 60,
  'GET trade/orders-history': 40,
  'GET trade/orders-algo-pending': 20,
  'GET trade/fills': 60,
  'GET trade/fills-history': 10,
  'GET account/balance': 10,
  'GET account/config': 5,
  'GET account/trade-fee': 5,
  'GET asset/currencies': 12,
  'GET asset/balances': 12,
  'GET market/books': 40,
  'GET market/candles': 40,
  'GET market/trades': 100,
  'GET market/ticker': 20,
  'GET market/tickers': 20,
  'GET public/instruments': 20,
  'GET public/time': 10,
}
const LIMIT_DEFAULT = 10
const ACTING = /^POST trade\/(order|batch-orders|amend-order|cancel-order|cancel-batch-orders)$/
const COUNTED = /^POST trade\/(order|batch-orders|amend-order)$/
/** Counters that are remembered; the one that came first is forgotten first. */
const COUNTERS_MAX = 10_000

/** What has been counted in the window, by time. */
class Rolling {
  readonly #counted: { readonly at: Micros; readonly cost: number }[] = []
  #sum = 0

  /** False when this would be too much; nothing is counted then. */
  take(cost: number, max: number, now: Micros): boolean {
    while (this.#counted.length > 0 && this.#counted[0]!.at <= now - WINDOW) this.#sum -= this.#counted.shift()!.cost
    if (this.#sum + cost > max) return false
    this.#counted.push({ at: now, cost })
    this.#sum += cost
    return true
  }
}

export class OkxLimits {
  readonly #counters = new Map<string, Rolling>()

  /** Null when the request may go on. */
  limit({ method, path, headers, from, body }: SimulatedRequest, now: Micros): SimulatedAnswer | null {
    const name = `${method} ${path.slice('/api/v5/'.length)}`
    const isPublic = /^GET (market|public|system)\//.test(name)
    const who = isPublic ? from : (headers['ok-access-key'] ?? '')
    const orders = ACTING.test(name) ? ordersIn(body) : { count: 1, instrument: '' }
    const max = LIMITS[name] ?? LIMIT_DEFAULT
    if (!this.#counter(`${name} ${who} ${orders.instrument}`).take(orders.count, max, now)) return failed(TOO_MANY)
    if (COUNTED.test(name) && !this.#counter(`orders ${who}`).take(orders.count, ORDERS_MAX, now))
      return failed(TOO_MANY_ORDERS)
    return null
  }

  #counter(name: string): Rolling {
    let counter = this.#counters.get(name)
    if (counter === undefined) {
      counter = new Rolling()
      this.#counters.set(name, counter)
      if (this.#counters.size > COUNTERS_MAX) this.#counters.delete(this.#counters.keys().next().value!)
    }
    return counter
  }
}

/** How many orders a body has, and of which instrument. */
function ordersIn(body: string): { count: number; instrument: string } {
  try {
    const parsed: unknown = JSON.parse(body)
    const all = (Array.isArray(parsed) ? parsed : [parsed]) as { instId?: string }[]
    return { count: Math.min(all.length, BATCH_MAX), instrument: String(all[0]?.instId ?? '') }
  } catch {
    return { count: 1, instrument: '' }
  }
}
