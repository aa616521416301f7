import { expect, test } from 'vitest'
import { ManualClock, MICROS_PER_SECOND } from '../kernel/index.ts'
import { Durations } from './durations.ts'
import { type HealthSources, marketVerdict, SystemHealth, type Verdict } from './system-health.ts'
import { SystemHealthView } from './views.ts'

const figures = {
  uptimeSeconds: 1,
  eventsDispatched: 2,
  dispatchLag: 3,
  deadLetters: 4,
  inputsPerSecond: 5,
  decisionP99Ms: 0.1,
  commitP99Ms: null,
  eventLoopP99Ms: 7,
  heapMiB: 8,
  sockets: 9,
}
const ok: Verdict = { state: 'ok', detail: 'fine' }

function system(changed: Partial<HealthSources> = {}) {
  const clock = new ManualClock(1_000)
  const sources = {
    database: () => ok,
    market: () => ok,
    node: () => ok,
    dispatcher: () => ok,
    event_loop: () => ok,
    ...changed,
  }
  return { clock, health: new SystemHealth({ clock, sources, figures: () => figures }) }
}

test('a healthy system says so, part by part, with its figures', async () => {
  const view = await system().health.look()
  expect(view).toMatchObject({ at: 1_000, state: 'ok', figures })
  expect(view.parts.map(part => part.name)).toEqual(['database', 'market', 'node', 'dispatcher', 'event_loop'])
  expect(SystemHealthView.parse(view)).toEqual(view)
})

test('the whole is as bad as its worst part', async () => {
  const degraded = () => ({ state: 'degraded', detail: 'slow' }) as const
  const down = () => ({ state: 'down', detail: 'gone' }) as const
  expect((await system({ node: degraded }).health.look()).state).toBe('degraded')
  expect((await system({ node: degraded, market: down }).health.look()).state).toBe('down')
})

test('a check that throws or rejects is a part that is down, and hides no other', async () => {
  const { health } = system({
    database: () => Promise.reject(new Error(`no answer ${'x'.repeat(500)}`)),
    node() {
      throw 'not even an error'
    },
  })
  const view = await health.look()
  expect(view.parts.map(part => part.state)).toEqual(['down', 'ok', 'down', 'ok', 'ok'])
  expect([view.parts[0]!.detail.length, view.parts[2]!.detail]).toEqual([300, 'failed'])
})

test('a part remembers since when it has been as it is', async () => {
  let verdict: Verdict = ok
  const { clock, health } = system({ market: () => verdict })
  const since = async () => (await health.look()).parts[1]!.since
  expect(await since()).toBe(1_000)
  clock.set(2_000)
  expect(await since()).toBe(1_000)
  verdict = { state: 'down', detail: 'silent' }
  expect(await since()).toBe(2_000)
  clock.set(3_000)
  verdict = { state: 'down', detail: 'still silent' }
  expect(await since()).toBe(2_000)
  verdict = ok
  expect(await since()).toBe(3_000)
})

test('a view is the last look, and the first one looks', async () => {
  let looks = 0
  const { health } = system({
    market() {
      looks += 1
      return ok
    },
  })
  await health.view()
  await health.view()
  expect(looks).toBe(1)
  await health.look()
  expect(looks).toBe(2)
})

test.each([
  [0, 'degraded'],
  [2, 'ok'],
  [2.000001, 'degraded'],
  [30, 'degraded'],
  [30.000001, 'down'],
] as const)('a market that has been silent for %d seconds', (seconds, state) => {
  const now = 1_000 * MICROS_PER_SECOND
  expect(marketVerdict(seconds === 0 ? 0 : now - seconds * MICROS_PER_SECOND, now).state).toBe(state)
})

test('percentiles by nearest rank, of the last thousand alone', () => {
  const durations = new Durations()
  expect(durations.percentile(0.99)).toBeNull()
  durations.add(5)
  expect([0.01, 0.5, 1].map(share => durations.percentile(share))).toEqual([5, 5, 5])
  const hundred = new Durations()
  for (let i = 100; i >= 1; i--) hundred.add(i)
  expect([0.5, 0.95, 0.99, 1].map(share => hundred.percentile(share))).toEqual([50, 95, 99, 100])
  const many = new Durations()
  for (let i = 0; i < 5_000; i++) many.add(i < 4_000 ? 1_000_000 : i - 4_000)
  expect([many.count, many.percentile(1), many.percentile(0.5)]).toEqual([5_000, 999, 499])
})
