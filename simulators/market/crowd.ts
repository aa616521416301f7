import type { Micros, Random, Side } from '../../src/kernel/index.ts'

/** Those who are no makers: their limit orders that rest, and what drives the next order. JSON. */
export interface CrowdState {
  /** Ids of resting orders, oldest first; at most `CROWD_ORDERS_MAX`. */
  orders: number[]
  /** The last noise trader's side: parents are split into children, so signs persist. */
  lastSign: number
  /** Smoothed log-return of the mid: what momentum traders follow. */
  momentum: number
  /** Whether the regime is a trending one: then more follow. */
  isTrending: boolean
  /** Mid of the last step, in ticks; 0 before the first. */
  lastMid: number
  /** Excitation of arrivals, a second. */
  excitation: number
  excitedAt: Micros
  nextAt: Micros
}

export const CROWD_ORDERS_MAX = 40

export const newCrowd = (at: Micros): CrowdState => ({
  orders: [],
  lastSign: 1,
  momentum: 0,
  isTrending: false,
  lastMid: 0,
  excitation: 0,
  excitedAt: at,
  nextAt: at,
})

/** Shares of order events: the rest cancels. */
const TAKES = 0.45
const RESTS = 0.3

export type CrowdAct = 'take' | 'rest' | 'cancel'

export function actOf(random: Random): CrowdAct {
  const u = random.next()
  return u < TAKES ? 'take' : u < TAKES + RESTS ? 'rest' : 'cancel'
}

/** How the market looks to a taker; distances in half spreads. */
export interface TakerView {
  /** Value minus mid. */
  readonly mispricing: number
  /** Smoothed return, in half spreads. */
  readonly momentum: number
  readonly isTrending: boolean
}

/** A taker who came to trade. `surprise` is how much of the sign nobody could expect, from −2 to 2. */
export interface Taker {
  readonly side: Side
  readonly surprise: number
}

/** How likely a noise trader goes on on the side of the last one. */
const PERSISTENCE = 0.5

/**
 * Whether somebody takes, and which side. Informed traders act when the quotes are off by more than the spread, momentum
 * traders when the price has gone somewhere, noise traders always. Undefined: whoever came looked and went.
 *
 * Signs of orders are persistent and yet returns are not: only the surprise in a sign moves the value, and those who
 * follow what is known already bring none (Madhavan, Richardson and Roomans 1997).
 */
export function nextTaker(crowd: CrowdState, view: TakerView, random: Random): Taker | undefined {
  const u = random.next()
  if (u < 0.25) return Math.abs(view.mispricing) < 1 ? undefined : follow(view.mispricing)
  if (u < (view.isTrending ? 0.4 : 0.32)) return Math.abs(view.momentum) < 3 ? undefined : follow(view.momentum)
  const expected = PERSISTENCE * crowd.lastSign
  if (random.next() >= PERSISTENCE) crowd.lastSign = random.next() < 0.5 ? 1 : -1
  return { side: crowd.lastSign > 0 ? 'buy' : 'sell', surprise: crowd.lastSign - expected }
}

const follow = (direction: number): Taker => ({ side: direction > 0 ? 'buy' : 'sell', surprise: 0 })

/** The largest order, in median ones: it clears about a side of the book. */
const SIZE_FACTOR_MAX = 150

/** Sizes: a log-normal body and, in one of twenty, a power-law tail of exponent 1.5 (Gopikrishnan et al. 2000). */
export function sizeFactor(random: Random): number {
  const body = Math.exp(random.normal() * 1.3)
  if (random.next() > 1 / 20) return body
  return Math.min(SIZE_FACTOR_MAX, body * (1 - random.next()) ** (-1 / 1.5))
}
