import type { Bucket } from './rules.ts'

/**
 * A venue's limiter as plainly as it can be written, for tests: it keeps every arrival and counts all of them again. It shares
 * nothing with the meters that it judges.
 */
export class NaiveLimiter {
  readonly #bucket: Bucket
  readonly #arrivals: { atMs: number; cost: number }[] = []

  constructor(bucket: Bucket) {
    this.#bucket = bucket
  }

  /** Takes in a request at the venue's time, and tells whether it stays within the limit. */
  admits(atMs: number, cost: number): boolean {
    this.#arrivals.push({ atMs, cost })
    const { type, max } = this.#bucket
    if (type === 'fixed_window' || type === 'sliding_window') {
      const { windowMs } = this.#bucket
      const from = type === 'fixed_window' ? Math.floor(atMs / windowMs) * windowMs : atMs - windowMs
      const counted = this.#arrivals.filter(one => (type === 'fixed_window' ? one.atMs >= from : one.atMs > from))
      return counted.filter(one => one.atMs <= atMs).reduce((sum, one) => sum + one.cost, 0) <= max
    }
    const rate = (type === 'token_bucket' ? this.#bucket.refillPerSecond : this.#bucket.decayPerSecond) / 1_000
    let level = 0
    let last = Number.NEGATIVE_INFINITY
    for (const one of this.#arrivals.toSorted((a, b) => a.atMs - b.atMs)) {
      level = Math.max(0, level - (last === Number.NEGATIVE_INFINITY ? 0 : (one.atMs - last) * rate)) + one.cost
      last = one.atMs
    }
    return level <= max + 1e-6
  }
}
