import {
  type Instrument,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  type Micros,
} from '../../src/kernel/index.ts'

/**
 * What makes one simulated instrument different from another. The orders of magnitude are those of liquid spot markets in
 * 2024–25: one-minute returns of about 6 bp for BTC and 10 bp for DOGE, spreads of one to a few bp.
 */
export interface Profile {
  /** In the quote asset. */
  readonly price: number
  /** Standard deviation of the fundamental value over one minute at neutral volatility, in basis points. */
  readonly minuteBp: number
  /** Share of the common factor in the value's shocks, 0 to 1. */
  readonly common: number
  /** Half the makers' spread at neutral volatility, in basis points. */
  readonly halfSpreadBp: number
  /** Order events a second (market, limit and cancel together) that do not answer earlier ones, at neutral volatility. */
  readonly arrivals: number
  /** Median size of a market order, in the quote asset. */
  readonly takeNotional: number
  /** A maker's first level, in the quote asset. */
  readonly quoteNotional: number
  /** How far the value follows a market order of median size, in basis points. */
  readonly impactBp: number
}

const PROFILES: Readonly<Record<string, Profile>> = {
  'BTC/USD': {
    price: 97_000,
    minuteBp: 4.4,
    common: 0.88,
    halfSpreadBp: 1.2,
    arrivals: 1.5,
    takeNotional: 1_100,
    quoteNotional: 30_000,
    impactBp: 0.11,
  },
  'ETH/USD': {
    price: 3_400,
    minuteBp: 6,
    common: 0.87,
    halfSpreadBp: 1.1,
    arrivals: 1.2,
    takeNotional: 650,
    quoteNotional: 16_000,
    impactBp: 0.15,
  },
  'XRP/USD': {
    price: 2.3,
    minuteBp: 7.4,
    common: 0.82,
    halfSpreadBp: 1.3,
    arrivals: 1,
    takeNotional: 420,
    quoteNotional: 9_000,
    impactBp: 0.21,
  },
  'DOGE/USD': {
    price: 0.32,
    minuteBp: 7.8,
    common: 0.82,
    halfSpreadBp: 1.4,
    arrivals: 0.9,
    takeNotional: 320,
    quoteNotional: 7_000,
    impactBp: 0.23,
  },
}

/** The profile of the pair, whichever dollar it is quoted in; a pair without one behaves like a small coin at a price of 1. */
export const profileOf = (instrument: Instrument): Profile =>
  PROFILES[`${instrument.base}/USD`] ?? { ...PROFILES['DOGE/USD']!, price: 1 }

/** Volatility, regime and values move in steps of this. */
export const FACTOR_STEP: Micros = MICROS_PER_SECOND

/**
 * Log-volatility is a sum of mean-reverting parts of very different lengths: that is what makes the autocorrelation of
 * absolute returns decay slowly, like a power law (Corsi 2009, the heterogeneous market). `variance` is stationary.
 */
export const COMMON_VOLATILITY = [
  { length: 3 * MICROS_PER_MINUTE, variance: 0.05 },
  { length: 45 * MICROS_PER_MINUTE, variance: 0.05 },
  { length: 6 * MICROS_PER_HOUR, variance: 0.07 },
  { length: 48 * MICROS_PER_HOUR, variance: 0.03 },
] as const
export const OWN_VOLATILITY = [
  { length: 2 * MICROS_PER_MINUTE, variance: 0.07 },
  { length: 60 * MICROS_PER_MINUTE, variance: 0.06 },
] as const

/** Volatility stays within these factors of neutral. */
export const VOLATILITY_MIN = 0.15
export const VOLATILITY_MAX = 9

export type RegimeName = 'calm' | 'volatile' | 'trending'

/** `drift` is in one-minute standard deviations a minute, its direction drawn anew each time. */
export const REGIMES: Readonly<Record<RegimeName, { volatility: number; drift: number; length: Micros }>> = {
  calm: { volatility: 0.85, drift: 0, length: 150 * MICROS_PER_MINUTE },
  volatile: { volatility: 1.6, drift: 0, length: 25 * MICROS_PER_MINUTE },
  trending: { volatility: 1.05, drift: 0.07, length: 80 * MICROS_PER_MINUTE },
}

/** News: jumps of the common factor and of one instrument's value, and the volatility that follows them. */
export const JUMPS_PER_DAY = 5
export const OWN_JUMPS_PER_DAY = 3
/** Mean size of a jump in one-minute standard deviations. */
export const JUMP_SIZE = 3.2
/** What a jump adds to the shortest part of log-volatility. */
export const JUMP_EXCITES = 0.7

/** Values are drawn back to where they started with this half-life, so that prices stay plausible for months. */
export const ANCHOR_HALF_LIFE: Micros = 30 * 24 * MICROS_PER_HOUR

/** Arrivals excite arrivals (Hawkes 1971): each order event begets this many more, at this time scale. */
export const BRANCHING = 0.5
export const EXCITATION_LENGTH: Micros = 20 * MICROS_PER_SECOND
/** Arrivals grow with volatility to this power. */
export const ARRIVALS_BY_VOLATILITY = 1.25
