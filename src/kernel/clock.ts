/** Integer microseconds since 1970-01-01T00:00:00Z. Safe as a `number` until the year 2255. */
export type Micros = number

export const MICROS_PER_MS = 1_000
export const MICROS_PER_SECOND = 1_000_000
export const MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND
export const MICROS_PER_HOUR = 60 * MICROS_PER_MINUTE
export const MICROS_PER_DAY = 24 * MICROS_PER_HOUR

/** Where time comes from. The real one lives in `platform/`; everything else receives one. */
export interface Clock {
  now(): Micros
}

/** A cancellable wait; `cancel` is idempotent. */
export interface Timer {
  cancel(): void
}

/** Where delays come from. `every` never overlaps: the next wait starts when the callback has settled. */
export interface Timers {
  after(delayMs: number, run: () => void): Timer
  every(periodMs: number, run: () => void | Promise<void>): Timer
}

/** A clock that only moves when told to: for tests, simulations and backtests. */
export class ManualClock implements Clock {
  #now: Micros

  constructor(start: Micros = 0) {
    this.#now = start
  }

  now(): Micros {
    return this.#now
  }

  /** Moves to `at`; going backwards is refused by an assertion of the caller's, not silently fixed. */
  set(at: Micros): void {
    this.#now = at
  }

  advance(by: Micros): void {
    this.#now += by
  }
}
