import { MICROS_PER_HOUR, MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'

/**
 * https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/rest-api#rate-limiting : 30 private requests a second for
 * a user, 10 public ones a second for an address; `/v2/` has 10,000 an hour beside.
 */
const PRIVATE_PER_SECOND = 30
const PUBLIC_PER_SECOND = 10
const V2_PER_HOUR = 10_000

/** Requests of the present window, which begins with the clock's own second or hour. */
interface Window {
  start: Micros
  count: number
}

export class CoinbaseLimits {
  readonly #windows = new Map<string, Window>()

  privateCall(account: string, at: Micros): boolean {
    return this.#take(`key ${account}`, PRIVATE_PER_SECOND, MICROS_PER_SECOND, at)
  }

  publicCall(from: string, at: Micros): boolean {
    return this.#take(`ip ${from}`, PUBLIC_PER_SECOND, MICROS_PER_SECOND, at)
  }

  v2Call(from: string, at: Micros): boolean {
    return this.#take(`v2 ${from}`, V2_PER_HOUR, MICROS_PER_HOUR, at)
  }

  #take(name: string, max: number, length: Micros, at: Micros): boolean {
    const start = Math.floor(at / length) * length
    let window = this.#windows.get(name)
    if (window === undefined || window.start !== start) {
      window = { start, count: 0 }
      this.#windows.set(name, window)
    }
    if (window.count >= max) return false
    window.count += 1
    return true
  }
}
