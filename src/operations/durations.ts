/** Durations kept of each kind. */
const KEPT = 1_000

/** The last durations of something, for a percentile on a page. */
export class Durations {
  readonly #kept = new Float64Array(KEPT)
  #count = 0

  add(ms: number): void {
    this.#kept[this.#count % KEPT] = ms
    this.#count += 1
  }

  /** Nearest-rank percentile in milliseconds, null before the first. */
  percentile(share: number): number | null {
    const length = Math.min(this.#count, KEPT)
    if (length === 0) return null
    const sorted = this.#kept.slice(0, length).sort()
    return sorted[Math.min(length - 1, Math.ceil(share * length) - 1)]!
  }

  get count(): number {
    return this.#count
  }
}
