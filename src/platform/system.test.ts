import { expect, test } from 'vitest'
import { systemClock, systemIds, systemRandom, systemTimers } from './system.ts'
import { eventually, manualTime } from './testing.ts'

test('the clock tells wall time in whole microseconds and never goes back', () => {
  const clock = systemClock()
  let last = clock.now()
  expect(Math.abs(last / 1_000 - Date.now())).toBeLessThan(1_000)
  for (let i = 0; i < 10_000; i++) {
    const now = clock.now()
    expect(Number.isSafeInteger(now) && now >= last).toBe(true)
    last = now
  }
})

test('ids are ordered by time and random streams differ', () => {
  const ids = systemIds()
  const made = Array.from({ length: 1_000 }, () => ids.next())
  expect(made).toEqual([...made].sort())
  expect(new Set(made).size).toBe(1_000)
  expect(systemRandom().next()).not.toBe(systemRandom().next())
})

test.each([
  ['system', () => ({ timers: systemTimers(), move: () => {} })],
  [
    'manual',
    () => {
      const time = manualTime()
      return { timers: time.timers, move: () => void time.advance(1) }
    },
  ],
])('%s timers never overlap a repeated callback, and a cancelled one does not run', async (_, make) => {
  const { timers, move } = make()
  let running = 0
  let runs = 0
  const repeated = timers.every(1, async () => {
    expect(++running).toBe(1)
    await new Promise(resolve => setImmediate(resolve))
    running--
    runs++
  })
  timers.after(1, () => expect.fail('it was cancelled')).cancel()
  await eventually(() => {
    move()
    return runs >= 3
  })
  repeated.cancel()
})

test('a repeated callback that fails is told and goes on', async () => {
  const errors: unknown[] = []
  const repeated = systemTimers(error => errors.push(error)).every(1, () => Promise.reject(new Error('failed')))
  await eventually(() => errors.length >= 2)
  repeated.cancel()
})
