import { assert } from '../../kernel/index.ts'
import type { Bucket } from './rules.ts'

const MS_PER_SECOND = 1_000
/** Into so many parts a sliding window is cut; a request counts until the end of its part has left. */
const WINDOW_PARTS = 50

/**
 * How full one bucket of a venue is, by our own count. The venue counts a request when it arrives and by its own clock:
 * `toleranceMs` later or earlier than we think. So a request counts in every window that it may fall into.
 */
export class Meter {
  readonly #bucket: Bucket
  readonly #toleranceMs: number
  #max: number
  /** Of windows: what is counted, by when it counts no more, soonest first. At most a few more than WINDOW_PARTS. */
  #entries: { expiresAtMs: number; cost: number }[] = []
  #level = 0
  #levelAtMs = 0
  #pausedUntilMs = 0

  constructor(bucket: Bucket, toleranceMs: number) {
    this.#bucket = bucket
    this.#toleranceMs = toleranceMs
    this.#max = bucket.max
  }

  get max(): number {
    return this.#max
  }

  /** The present count. */
  used(atMs: number): number {
    if (this.#isWindow()) {
      this.#expire(atMs)
      return this.#entries.reduce((sum, entry) => sum + entry.cost, 0)
    }
    return Math.max(0, this.#level - (Math.max(0, atMs - this.#levelAtMs) * this.#ratePerSecond()) / MS_PER_SECOND)
  }

  /**
   * How long until `cost` fits below `share` of the limit after `ahead` has been taken too; 0 for now. What costs more than
   * the share waits for as much as it needs; several windows pass where one has not the room.
   */
  waitMs(cost: number, ahead: number, share: number, atMs: number): number {
    const limit = Math.min(this.#max, Math.max(Math.floor(this.#max * share), cost, 1))
    const own = this.#isWindow()
      ? this.#windowWait(cost + ahead, limit, atMs)
      : this.#levelWait(cost, ahead, limit, atMs)
    return Math.max(this.#pausedUntilMs - atMs, own, 0)
  }

  take(cost: number, atMs: number): void {
    assert(cost >= 0, 'a request costs nothing or something')
    if (cost === 0) return
    if (!this.#isWindow()) {
      this.#level = this.used(atMs) + cost
      this.#levelAtMs = Math.max(this.#levelAtMs, atMs)
      return
    }
    this.#expire(atMs)
    this.#add(this.#expiryOf(atMs), cost)
  }

  /** Counts what the venue has told of; `expiresAtMs` is for windows. */
  #takeHeard(cost: number, expiresAtMs: number, atMs: number): void {
    if (!this.#isWindow()) this.take(cost, atMs)
    else if (cost > 0 && expiresAtMs > atMs) this.#add(expiresAtMs, cost)
  }

  /**
   * The venue counts `used`: what others used with us is added; fewer than ours means that some are still on their way.
   * `sentAtMs` is when the request left that was answered so.
   */
  hear(used: number, max: number | undefined, sentAtMs: number, atMs: number): void {
    if (max !== undefined && max > 0) this.#max = max
    const expiresAtMs = this.#heardExpiryOf(sentAtMs, atMs)
    const ours =
      this.#bucket.type === 'fixed_window'
        ? this.#entries.filter(entry => entry.expiresAtMs >= expiresAtMs).reduce((sum, entry) => sum + entry.cost, 0)
        : this.used(atMs)
    this.#takeHeard(used - ours, expiresAtMs, atMs)
  }

  /** The venue says that it is full. */
  fill(sentAtMs: number, atMs: number): void {
    this.#takeHeard(this.#max - this.used(atMs), this.#heardExpiryOf(sentAtMs, atMs), atMs)
  }

  pause(untilMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs)
  }

  #isWindow(): boolean {
    return this.#bucket.type === 'fixed_window' || this.#bucket.type === 'sliding_window'
  }

  #windowMs(): number {
    return 'windowMs' in this.#bucket ? this.#bucket.windowMs : 0
  }

  #ratePerSecond(): number {
    if (this.#bucket.type === 'token_bucket') return this.#bucket.refillPerSecond
    return this.#bucket.type === 'decaying_counter' ? this.#bucket.decayPerSecond : 0
  }

  /** When something that is sent now has left every window of the venue's that it may be counted in. */
  #expiryOf(atMs: number): number {
    const windowMs = this.#windowMs()
    if (this.#bucket.type === 'fixed_window') {
      const start = Math.floor((atMs + this.#toleranceMs) / windowMs) * windowMs
      return start + windowMs + this.#toleranceMs
    }
    const partMs = windowMs / WINDOW_PARTS
    return Math.ceil((atMs + windowMs + this.#toleranceMs) / partMs) * partMs
  }

  /**
   * Until when a count counts that the venue has told. Near the end of a fixed window nobody can say of which one it was: it
   * is taken for the earlier, since in the later one every answer tells anew, and the earlier one's count would hold it up.
   */
  #heardExpiryOf(sentAtMs: number, atMs: number): number {
    if (this.#bucket.type !== 'fixed_window') return this.#expiryOf(atMs)
    const windowMs = this.#windowMs()
    const start = Math.floor((sentAtMs - this.#toleranceMs) / windowMs) * windowMs
    return start + windowMs + this.#toleranceMs
  }

  #add(expiresAtMs: number, cost: number): void {
    const index = this.#entries.findIndex(entry => entry.expiresAtMs >= expiresAtMs)
    const later = this.#entries[index]
    if (later === undefined) this.#entries.push({ expiresAtMs, cost })
    else if (later.expiresAtMs > expiresAtMs && this.#bucket.type === 'fixed_window')
      this.#entries.splice(index, 0, { expiresAtMs, cost })
    else later.cost += cost
  }

  #expire(atMs: number): void {
    while (this.#entries.length > 0 && this.#entries[0]!.expiresAtMs <= atMs) this.#entries.shift()
  }

  #windowWait(amount: number, limit: number, atMs: number): number {
    const furtherWindows = Math.max(0, Math.ceil(amount / limit) - 1)
    const inFirst = amount - furtherWindows * limit
    const further = furtherWindows * (this.#windowMs() + this.#toleranceMs)
    let used = this.used(atMs)
    if (used + inFirst <= limit) return further
    for (const entry of this.#entries) {
      used -= entry.cost
      if (used + inFirst <= limit) return entry.expiresAtMs - atMs + further
    }
    return (this.#entries.at(-1)?.expiresAtMs ?? atMs) - atMs + further
  }

  #levelWait(cost: number, ahead: number, limit: number, atMs: number): number {
    const rate = this.#ratePerSecond()
    // Requests that were sent apart may arrive together: what decays meanwhile is not there yet.
    const bunched = (rate * this.#toleranceMs) / MS_PER_SECOND
    const over = this.used(atMs) + ahead + cost - Math.max(Math.min(cost, this.#max), limit - bunched)
    return over <= 1e-9 ? 0 : Math.ceil((over * MS_PER_SECOND) / rate)
  }
}
