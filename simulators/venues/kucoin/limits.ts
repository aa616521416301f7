import { MICROS_PER_MS, MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import type { SimulatedRequest } from '../core/index.ts'

/**
 * https://www.kucoin.com/docs-new/rate-limit : pools of weight for 30 seconds, counted from the first request; spot and management by
 * user, public by address. Figures of the lowest level.
 */
const WINDOW: Micros = 30 * MICROS_PER_SECOND
const POOLS = { spot: 4_000, management: 2_000, public: 2_000 } as const
type Pool = keyof typeof POOLS

/** "API Rate Limit Weight" of each endpoint's own page. */
const WEIGHTS: readonly (readonly [request: RegExp, pool: Pool, weight: number])[] = [
  [/^POST \/api\/v1\/hf\/orders(\/(sync|alter))?$/, 'spot', 1],
  [/^POST \/api\/v1\/stop-order$/, 'spot', 2],
  [/^POST \/api\/v1\/hf\/orders\/dead-cancel-all$/, 'spot', 2],
  [/^DELETE \/api\/v1\/hf\/orders\/cancelAll$/, 'spot', 30],
  [/^DELETE \/api\/v1\/hf\/orders$/, 'spot', 2],
  [/^DELETE \/api\/v1\/hf\/orders\//, 'spot', 1],
  [/^DELETE \/api\/v1\/stop-order/, 'spot', 5],
  [/^GET \/api\/v1\/hf\//, 'spot', 2],
  [/^GET \/api\/v1\/stop-order/, 'spot', 8],
  [/^GET \/api\/v1\/trade-fees$/, 'spot', 3],
  [/^GET \/api\/v3\/market\/orderbook\/level2$/, 'spot', 3],
  [/^GET \/api\/v1\/accounts$/, 'management', 5],
  [/^GET \/api\/v1\/user\/api-key$/, 'management', 20],
  [/^POST \/api\/v1\/bullet-private$/, 'management', 10],
  [/^GET \/api\/ua\/v1\/account\/mode$/, 'management', 3],
  [/^GET \/api\/v2\/symbols$/, 'public', 4],
  [/^GET \/api\/v3\/currencies$/, 'public', 3],
  [/^GET \/api\/v1\/market\/orderbook\/level1$/, 'public', 2],
  [/^GET \/api\/v1\/market\/orderbook\/level2_20$/, 'public', 2],
  [/^GET \/api\/v1\/market\/orderbook\/level2_100$/, 'public', 4],
  [/^GET \/api\/v1\/market\/(allTickers|stats)$/, 'public', 15],
  [/^GET \/api\/v1\/market\/(histories|candles)$/, 'public', 3],
  [/^GET \/api\/v1\/(timestamp|status)$/, 'public', 3],
  [/^POST \/api\/v1\/bullet-public$/, 'public', 10],
]
const OTHERWISE = ['', 'spot', 3] as const
/** Pools that are remembered; the one that came first is forgotten first. */
const WINDOWS_MAX = 10_000

const poolOf = ({ method, path, headers, from }: SimulatedRequest) => {
  const [, pool, weight] = WEIGHTS.find(([request]) => request.test(`${method} ${path}`)) ?? OTHERWISE
  return { pool, weight, name: `${pool} ${pool === 'public' ? from : (headers['kc-api-key'] ?? '')}` }
}

export class KucoinLimits {
  readonly #windows = new Map<string, { until: Micros; used: number }>()

  /** False when the pool has not enough left; nothing is taken then. */
  take(request: SimulatedRequest, now: Micros): boolean {
    const { pool, weight, name } = poolOf(request)
    let window = this.#windows.get(name)
    if (window === undefined || window.until <= now) {
      window = { until: now + WINDOW, used: 0 }
      this.#windows.set(name, window)
      if (this.#windows.size > WINDOWS_MAX) this.#windows.delete(this.#windows.keys().next().value!)
    }
    if (window.used + weight > POOLS[pool]) return false
    window.used += weight
    return true
  }

  /** What every answer tells of the pool that it was taken from. */
  headers(request: SimulatedRequest, now: Micros): Record<string, string> {
    const { pool, name } = poolOf(request)
    const { until = now + WINDOW, used = 0 } = this.#windows.get(name) ?? {}
    return {
      'gw-ratelimit-limit': String(POOLS[pool]),
      'gw-ratelimit-remaining': String(POOLS[pool] - used),
      'gw-ratelimit-reset': String(Math.max(0, Math.ceil((until - now) / MICROS_PER_MS))),
    }
  }
}
