import { MICROS_PER_DAY, MICROS_PER_MINUTE, type Micros, type Random } from '../../src/kernel/index.ts'
import {
  ANCHOR_HALF_LIFE,
  COMMON_VOLATILITY,
  FACTOR_STEP,
  JUMP_EXCITES,
  JUMP_SIZE,
  JUMPS_PER_DAY,
  OWN_JUMPS_PER_DAY,
  OWN_VOLATILITY,
  type Profile,
  REGIMES,
  type RegimeName,
  VOLATILITY_MAX,
  VOLATILITY_MIN,
} from './profile.ts'

/** What all instruments share: the regime and the common parts of log-volatility. JSON. */
export interface CommonState {
  regime: RegimeName
  /** +1 or −1: where a trending regime goes. */
  direction: number
  regimeEndsAt: Micros
  volatility: number[]
}

/** One instrument's latent value and what is its own in volatility. JSON. */
export interface ValueState {
  /** Natural logarithm of the value in the quote asset. */
  value: number
  anchor: number
  ownVolatility: number[]
  /** Present volatility as a factor of neutral. */
  volatility: number
}

export const newCommon = (at: Micros): CommonState => ({
  regime: 'calm',
  direction: 1,
  regimeEndsAt: at + REGIMES.calm.length / 2,
  volatility: COMMON_VOLATILITY.map(() => 0),
})

export const newValue = (price: number): ValueState => ({
  value: Math.log(price),
  anchor: Math.log(price),
  ownVolatility: OWN_VOLATILITY.map(() => 0),
  volatility: 1,
})

/** One exact step of a mean-reverting process (Ornstein and Uhlenbeck) of a given stationary variance. */
const parts = (list: readonly { length: Micros; variance: number }[]) =>
  list.map(({ length, variance }) => {
    const keep = Math.exp(-FACTOR_STEP / length)
    return { keep, shock: Math.sqrt(variance * (1 - keep * keep)) }
  })
const COMMON_PARTS = parts(COMMON_VOLATILITY)
const OWN_PARTS = parts(OWN_VOLATILITY)
const MINUTE_SHARE = Math.sqrt(FACTOR_STEP / MICROS_PER_MINUTE)
const STEPS_PER_MINUTE = MICROS_PER_MINUTE / FACTOR_STEP
const STEPS_PER_DAY = MICROS_PER_DAY / FACTOR_STEP
const PULL = 1 - 2 ** (-FACTOR_STEP / ANCHOR_HALF_LIFE)

function moveParts(values: number[], steps: readonly { keep: number; shock: number }[], random: Random): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    const step = steps[i]!
    const next = values[i]! * step.keep + step.shock * random.normal()
    values[i] = next
    sum += next
  }
  return sum
}

/** The common shocks of one step, in one-minute standard deviations at neutral volatility. */
export interface CommonStep {
  readonly shock: number
  readonly drift: number
  readonly logVolatility: number
  /** Already in one-minute standard deviations; zero almost always. */
  readonly jump: number
}

/** Moves regime and common volatility by one step. */
export function stepCommon(state: CommonState, at: Micros, random: Random): CommonStep {
  if (at >= state.regimeEndsAt) changeRegime(state, at, random)
  const jump = jumpOf(JUMPS_PER_DAY, random)
  if (jump !== 0) state.volatility[0]! += JUMP_EXCITES
  const regime = REGIMES[state.regime]
  const logVolatility = moveParts(state.volatility, COMMON_PARTS, random) + Math.log(regime.volatility)
  return {
    shock: random.normal() * MINUTE_SHARE,
    drift: (regime.drift * state.direction) / STEPS_PER_MINUTE,
    logVolatility,
    jump,
  }
}

function changeRegime(state: CommonState, at: Micros, random: Random): void {
  const u = random.next()
  if (state.regime === 'calm') state.regime = u < 0.5 ? 'volatile' : 'trending'
  else if (state.regime === 'volatile') state.regime = u < 0.7 ? 'calm' : 'trending'
  else state.regime = u < 0.7 ? 'calm' : 'volatile'
  state.direction = random.next() < 0.5 ? 1 : -1
  state.regimeEndsAt = at + Math.ceil(REGIMES[state.regime].length * random.exponential())
}

/** A two-sided exponential (Laplace) jump, or zero. */
function jumpOf(perDay: number, random: Random): number {
  if (random.next() >= perDay / STEPS_PER_DAY) return 0
  return (random.next() < 0.5 ? 1 : -1) * (1 + random.exponential() * (JUMP_SIZE - 1))
}

/** Moves one instrument's value by one step; its volatility is then the present one. */
export function stepValue(state: ValueState, profile: Profile, common: CommonStep, random: Random): void {
  const jump = jumpOf(OWN_JUMPS_PER_DAY, random)
  if (jump !== 0) state.ownVolatility[0]! += JUMP_EXCITES
  const log = common.logVolatility + moveParts(state.ownVolatility, OWN_PARTS, random)
  state.volatility = Math.min(VOLATILITY_MAX, Math.max(VOLATILITY_MIN, Math.exp(log)))
  const own = Math.sqrt(1 - profile.common * profile.common) * random.normal() * MINUTE_SHARE
  const minute = profile.minuteBp / 10_000
  const diffusion = (profile.common * common.shock + own) * state.volatility
  state.value += minute * (diffusion + profile.common * (common.drift + common.jump) + jump)
  state.value += (state.anchor - state.value) * PULL
}
