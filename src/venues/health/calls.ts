import { MICROS_PER_MINUTE, MICROS_PER_MS, type Micros } from '../../kernel/index.ts'

/** What became of a call: a refusal is the venue's right, and no failure of its; an answer that it is down is one. */
export type CallResult = 'answered' | 'refused' | 'failed'

interface Call {
  readonly at: Micros
  readonly lasted: Micros
  readonly result: CallResult
}

/** Calls of one kind that are looked at: the last ones, none older than the window. */
const CALLS_MAX = 500
const WINDOW: Micros = 5 * MICROS_PER_MINUTE

export interface CallFigures {
  readonly calls: number
  readonly failures: number
  /** Of calls that were answered; null when none was. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
}

/** The latest calls of one kind to a venue. */
export class CallWindow {
  #calls: Call[] = []

  add(at: Micros, lasted: Micros, result: CallResult): void {
    this.#calls.push({ at, lasted, result })
    if (this.#calls.length > CALLS_MAX) this.#calls.shift()
  }

  figures(now: Micros): CallFigures {
    this.#calls = this.#calls.filter(call => call.at > now - WINDOW)
    const lasted = this.#calls
      .filter(call => call.result !== 'failed')
      .map(call => call.lasted)
      .sort((a, b) => a - b)
    return {
      calls: this.#calls.length,
      failures: this.#calls.filter(call => call.result === 'failed').length,
      p50Ms: rank(lasted, 0.5),
      p99Ms: rank(lasted, 0.99),
    }
  }
}

/** The nearest rank: the smallest value that at least `share` of all do not exceed. */
const rank = (sorted: readonly Micros[], share: number): number | null =>
  sorted.length === 0 ? null : sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]! / MICROS_PER_MS
