/**
 * How often a route may be called, by class. `perPrincipal` counts who has signed in, `perAddress` the address before that.
 * Counted in fixed windows, in this process.
 */
export interface Rate {
  readonly windowMs: number
  readonly perPrincipal: number
  readonly perAddress: number
}

export const RATES = {
  /** Signing in, and whatever else lets somebody guess. */
  sign_in: { windowMs: 60_000, perPrincipal: 30, perAddress: 30 },
  read: { windowMs: 10_000, perPrincipal: 300, perAddress: 1_000 },
  write: { windowMs: 10_000, perPrincipal: 100, perAddress: 500 },
  trading: { windowMs: 1_000, perPrincipal: 50, perAddress: 200 },
  /** Orders to the house exchange: programs make markets there. */
  exchange: { windowMs: 1_000, perPrincipal: 500, perAddress: 2_000 },
  /** What stops trading must never be the call that is refused. */
  emergency: { windowMs: 1_000, perPrincipal: 100, perAddress: 400 },
  /** Takes seconds of a processor: backtests, exports. */
  expensive: { windowMs: 60_000, perPrincipal: 30, perAddress: 60 },
} as const satisfies Record<string, Rate>

export type RateClass = keyof typeof RATES

/** Demo mode is one person on one machine, often with many pages open. */
const DEMO_FACTOR = 20

export const rateOf = (name: RateClass, isDemo: boolean): Rate => {
  const { windowMs, perPrincipal, perAddress } = RATES[name]
  const factor = isDemo ? DEMO_FACTOR : 1
  return { windowMs, perPrincipal: perPrincipal * factor, perAddress: perAddress * factor }
}

/** Addresses and principals counted at once, per class. */
export const COUNTED_MAX = 10_000
