import { describe, expect, test } from 'vitest'
import { type AppError, MICROS_PER_DAY } from '../../kernel/index.ts'
import { checkedSchedule, parseVolume, tierOf, volumePeriod } from './schedule.ts'

const tier = (volume: string, makerPpm = 1_000) => ({ volume: parseVolume(volume), makerPpm, takerPpm: 2_000 })
const schedule = [tier('0'), tier('1000', 800), tier('50000', 500)]

describe('the tier of a volume', () => {
  test.each([
    ['0', '0', '1000'],
    ['999.999999', '0', '1000'],
    ['1000', '1000', '50000'],
    ['49999.999999', '1000', '50000'],
    ['50000', '50000', null],
    ['999999999999', '50000', null],
  ])('of %s is that from %s on, and the next is %s', (volume, now, next) => {
    const found = tierOf(schedule, parseVolume(volume))
    expect(found.tier.volume).toBe(parseVolume(now))
    expect(found.next?.volume ?? null).toBe(next === null ? null : parseVolume(next))
  })
})

test('a schedule begins with nothing and rises', () => {
  const refusal = (tiers: readonly ReturnType<typeof tier>[]) => {
    try {
      checkedSchedule(tiers)
      return null
    } catch (error) {
      return (error as AppError).details.rule
    }
  }
  expect(refusal(schedule)).toBeNull()
  expect(refusal([])).toBe('begin with the volume 0')
  expect(refusal([tier('1')])).toBe('begin with the volume 0')
  expect(refusal([tier('0'), tier('5'), tier('5')])).toBe('have volumes that rise from one to the next')
  expect(refusal(Array.from({ length: 21 }, (_, i) => tier(String(i))))).toBe('are at most 20')
})

test('the days that count are whole ones, the same from midnight to midnight', () => {
  const midnight = 20_000 * MICROS_PER_DAY
  const period = { since: midnight - 30 * MICROS_PER_DAY, until: midnight }
  expect(volumePeriod(midnight)).toEqual(period)
  expect(volumePeriod(midnight + MICROS_PER_DAY - 1)).toEqual(period)
  expect(volumePeriod(midnight - 1).until).toBe(midnight - MICROS_PER_DAY)
})
