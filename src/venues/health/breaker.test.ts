import { describe, expect, test } from 'vitest'
import { scenarios } from '../../kernel/fake.ts'
import { fold, isRefusal, seededRandom } from '../../kernel/index.ts'
import { BREAKER_SETTINGS, type BreakerEvent, type BreakerSettings, breakerDecider } from './breaker.ts'

const SETTINGS: BreakerSettings = {
  consecutiveMax: 3,
  failureShareMax: 0.5,
  callsMin: 6,
  callsMax: 8,
  open: 1_000,
  openMax: 3_000,
  probes: 2,
}
const decider = breakerDecider(SETTINGS)
const { given } = scenarios(decider)
const good: BreakerEvent = { type: 'settled', isGood: true }
const bad: BreakerEvent = { type: 'settled', isGood: false }
const opened = (at: number, until: number): BreakerEvent => ({
  type: 'venue.breaker_opened',
  at,
  until,
  failures: 3,
  calls: 3,
})
const halfOpened: BreakerEvent = { type: 'venue.breaker_half_opened', at: 2_000 }
const called: BreakerEvent = { type: 'called' }
const settle = (at: number, isGood: boolean, calledAt = at) => ({ type: 'settle', at, calledAt, isGood }) as const

describe('a breaker', () => {
  test('opens at the third failure in a row, and a good answer between starts the row anew', () => {
    given(bad, bad).when(settle(500, false)).then(bad, opened(500, 1_500))
    given(bad, bad, good).when(settle(500, false)).then(bad)
  })

  test('opens by the share of failures, once there are enough calls', () => {
    given(bad, good, bad, good).when(settle(500, false)).then(bad)
    given(bad, good, bad, good, good)
      .when(settle(500, false))
      .then(bad, { type: 'venue.breaker_opened', at: 500, until: 1_500, failures: 3, calls: 6 })
  })

  test('forgets calls beyond its window', () => {
    const eight = Array.from({ length: 8 }, () => good)
    given(bad, bad, ...eight)
      .when(settle(500, false))
      .then(bad)
  })

  test('while open lets nothing through and says until when; then a probe', () => {
    given(opened(500, 1_500)).when({ type: 'call', at: 1_499 }).thenRefused('venue.breaker_open', { until: 1_500 })
    given(opened(500, 1_500))
      .when({ type: 'call', at: 1_500 })
      .then({ type: 'venue.breaker_half_opened', at: 1_500 }, called)
  })

  test('half open lets as many probes through as it needs, and no more', () => {
    given(opened(500, 1_500), halfOpened, called).when({ type: 'call', at: 2_001 }).then(called)
    given(opened(500, 1_500), halfOpened, called, called)
      .when({ type: 'call', at: 2_001 })
      .thenRefused('venue.breaker_open')
    given(opened(500, 1_500), halfOpened, called, called, good)
      .when({ type: 'call', at: 2_001 })
      .thenRefused('venue.breaker_open')
  })

  test('closes when all probes are good, and opens for twice as long when one is not, up to a bound', () => {
    given(opened(500, 1_500), halfOpened, called, called, good)
      .when(settle(2_002, true))
      .then(good, { type: 'venue.breaker_closed', at: 2_002 })
    const again = (before: number, lasts: number) => {
      const history = Array.from({ length: before }, () => [opened(500, 1_500), halfOpened, called]).flat()
      given(...history)
        .when(settle(2_002, false))
        .then(bad, { type: 'venue.breaker_opened', at: 2_002, until: 2_002 + lasts, failures: 1, calls: 1 })
    }
    again(1, 2_000)
    again(2, 3_000)
    again(40, 3_000)
  })

  test('what was under way when it opened neither closes nor opens it', () => {
    given(opened(500, 1_500))
      .when(settle(600, true, 400))
      .then()
    given(opened(500, 1_500), halfOpened, called)
      .when(settle(2_100, false, 400))
      .then()
    given(opened(500, 1_500), halfOpened, called)
      .when(settle(2_100, true, 400))
      .then()
  })

  test('whatever happens, it never sticks: a venue that has recovered is called again', () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = seededRandom(seed)
      for (const settings of [SETTINGS, ...Object.values(BREAKER_SETTINGS)]) {
        const breaker = breakerDecider(settings)
        let state = breaker.initial
        let at = 0
        const run = (isGood: boolean): boolean => {
          at += 1 + random.below(Math.max(2, settings.open / 2))
          const call = breaker.decide(state, { type: 'call', at })
          if (isRefusal(call)) return false
          state = fold(breaker, call, state)
          const answer = breaker.decide(state, settle(at, isGood))
          if (!isRefusal(answer)) state = fold(breaker, answer, state)
          return true
        }
        for (let i = 0; i < 100; i++) run(random.next() < 0.3)
        at += settings.openMax
        for (let i = 0; i < settings.probes; i++) expect(run(true)).toBe(true)
        expect(state.state).toBe('closed')
      }
    }
  })
})
