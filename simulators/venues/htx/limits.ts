import { MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'

/**
 * Requests in a window by endpoint: https://huobiapi.github.io/docs/spot/v1/en/#rate-limiting-rule and each endpoint's own
 * line. Private ones count by key, public ones by address.
 */
const SECONDS = (count: number): Micros => count * MICROS_PER_SECOND

interface Limit {
  readonly max: number
  readonly window: Micros
}

const PUBLIC: Limit = { max: 10, window: SECONDS(1) }
const MARKET: Limit = { max: 800, window: SECONDS(1) }
const PRIVATE: Limit = { max: 20, window: SECONDS(2) }
const LIMITS: readonly (readonly [path: RegExp, limit: Limit])[] = [
  [/^\/market\//, MARKET],
  [/^\/v1\/account\/accounts/, { max: 100, window: SECONDS(2) }],
  [/\/orders\/place$/, { max: 100, window: SECONDS(2) }],
  [/\/submitcancel$|\/submitCancelClientOrder$/, { max: 100, window: SECONDS(2) }],
  [/\/batchCancelOpenOrders$|\/batchcancel$/, { max: 50, window: SECONDS(2) }],
  [/\/openOrders$|\/getClientOrder$|\/orders\/\d+$|\/order\/orders$/, { max: 50, window: SECONDS(2) }],
  [/matchresults$/, { max: 20, window: SECONDS(2) }],
]

/** One endpoint whatever order it names. */
const nameOf = (path: string): string => path.replace(/\/\d+/g, '/n')

interface Used {
  since: Micros
  count: number
}

export interface Allowance {
  readonly isAllowed: boolean
  readonly max: number
  readonly left: number
  readonly window: Micros
  /** When the window ends. */
  readonly until: Micros
}

export class HtxLimits {
  readonly #used = new Map<string, Used>()

  take(path: string, isPrivate: boolean, who: string, at: Micros): Allowance {
    const { max, window } = LIMITS.find(([form]) => form.test(path))?.[1] ?? (isPrivate ? PRIVATE : PUBLIC)
    const name = `${nameOf(path)} ${who}`
    let used = this.#used.get(name)
    if (used === undefined || at - used.since >= window) {
      used = { since: at, count: 0 }
      this.#used.set(name, used)
    }
    const isAllowed = used.count < max
    if (isAllowed) used.count += 1
    return { isAllowed, max, left: max - used.count, window, until: used.since + window }
  }
}
