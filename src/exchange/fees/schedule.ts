import { AppError, MICROS_PER_DAY, type Micros, parseDecimal } from '../../kernel/index.ts'
import type { Rates } from '../shard/replica.ts'

/**
 * The asset that volume is counted in. Fills of a pair that is quoted in it count with price × quantity. Fills of other pairs do not
 * count at all: what they are worth in it would be a price of another market at another moment, and nobody could check it afterwards.
 */
export const VOLUME_ASSET = 'USD'
/** Decimals of a volume. */
export const VOLUME_SCALE = 6
const VOLUME_DAYS = 30
export const TIERS_MAX = 20

/** What is charged from a volume on. */
export interface Tier extends Rates {
  /** In units of 10^-{@link VOLUME_SCALE}. */
  readonly volume: bigint
}

/** From the lowest volume on, which is nothing. */
export type Schedule = readonly Tier[]

/** @throws AppError `request.invalid` */
export function checkedSchedule(tiers: Schedule): Schedule {
  const invalid = (rule: string) => new AppError('request.invalid', { field: 'tiers', rule })
  if (tiers.length > TIERS_MAX) throw invalid(`are at most ${TIERS_MAX}`)
  if (tiers[0]?.volume !== 0n) throw invalid('begin with the volume 0')
  for (let i = 1; i < tiers.length; i++)
    if (tiers[i]!.volume <= tiers[i - 1]!.volume) throw invalid('have volumes that rise from one to the next')
  return tiers
}

/** The highest tier that a volume reaches, and the one after it. */
export function tierOf(schedule: Schedule, volume: bigint): { tier: Tier; next: Tier | null } {
  const index = schedule.findLastIndex(tier => tier.volume <= volume)
  return { tier: schedule[index]!, next: schedule[index + 1] ?? null }
}

/** The whole days (UTC) that count on the day of a moment: the last thirty before it. */
export function volumePeriod(now: Micros): { since: Micros; until: Micros } {
  const until = now - (now % MICROS_PER_DAY)
  return { since: until - VOLUME_DAYS * MICROS_PER_DAY, until }
}

export const parseVolume = (text: string): bigint => parseDecimal(text, VOLUME_SCALE, 'volume')
