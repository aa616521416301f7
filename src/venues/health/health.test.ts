import { describe, expect, test } from 'vitest'
import { AppError, ManualClock, MICROS_PER_MS, seededRandom } from '../../kernel/index.ts'
import { eventTypes } from '../../platform/index.ts'
import { venueEvents } from '../events.ts'
import { TransportError } from '../port/index.ts'
import { type CallResult, CallWindow } from './calls.ts'
import { type BreakerChange, VenueMonitor } from './monitor.ts'
import { type HealthInput, scoreOf } from './score.ts'
import { ClockSkew } from './skew.ts'

const NOON = 1_763_726_400_000_000
const SECOND = 1_000_000

describe("a venue's clock", () => {
  test('is told within half of the shortest way, whatever the latency of each direction', () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = seededRandom(seed)
      const offset = (random.next() - 0.5) * 10 * SECOND
      const skew = new ClockSkew()
      let now = NOON
      for (let i = 0; i < 20; i++) {
        now += random.below(10 * SECOND)
        const [out, back] = [random.exponential() * 80_000 + 5_000, random.exponential() * 80_000 + 5_000]
        skew.sample(now, now + out + offset, now + out + back)
        now += out + back
      }
      const read = skew.read(now)!
      expect(Math.abs(read.offset - offset)).toBeLessThanOrEqual(read.errorMax + 1)
    }
  })

  test('the same both ways, it is exact: the formula of RFC 5905', () => {
    const skew = new ClockSkew()
    skew.sample(NOON, NOON + 40_000 + 1_500_000, NOON + 80_000)
    expect(skew.read(NOON)).toEqual({ offset: 1_500_000, errorMax: 40_000 })
    expect(skew.readMs(NOON)).toBe(1_500)
  })

  test('long ways do not count where there are short ones, and old samples not at all', () => {
    const skew = new ClockSkew()
    for (let i = 0; i < 20; i++) skew.sample(NOON, NOON + 2 * SECOND, NOON + 2 * SECOND)
    for (let i = 0; i < 5; i++) skew.sample(NOON, NOON + 5_000 + 300_000, NOON + 10_000)
    expect(skew.read(NOON)?.offset).toBe(300_000)
    expect(skew.read(NOON + 3_600 * SECOND)).toBeNull()
    expect(skew.readMs(NOON + 3_600 * SECOND)).toBe(0)
  })

  test('a way that took no time or far too much says nothing', () => {
    const skew = new ClockSkew()
    skew.sample(NOON, NOON, NOON - 1)
    skew.sample(NOON, NOON, NOON + 6 * SECOND)
    expect(skew.read(NOON)).toBeNull()
  })
})

describe('figures of calls', () => {
  test('percentiles by the nearest rank, without those that failed', () => {
    const window = new CallWindow()
    for (let ms = 1; ms <= 100; ms++) window.add(NOON, ms * MICROS_PER_MS, ms % 10 === 0 ? 'refused' : 'answered')
    window.add(NOON, 10 * SECOND, 'failed')
    expect(window.figures(NOON)).toEqual({ calls: 101, failures: 1, p50Ms: 50, p99Ms: 99 })
  })

  test('old calls leave', () => {
    const window = new CallWindow()
    window.add(NOON, 1_000, 'answered')
    expect(window.figures(NOON + 301 * SECOND)).toEqual({ calls: 0, failures: 0, p50Ms: null, p99Ms: null })
  })
})

describe('the score', () => {
  const quiet = { calls: 0, failures: 0, p50Ms: null, p99Ms: null }
  const well: HealthInput = {
    now: NOON,
    calls: { order: quiet, cancel: quiet, query: { calls: 100, failures: 0, p50Ms: 40, p99Ms: 200 } },
    books: [{ goodAt: NOON - SECOND, staleness: null }],
    heartbeat: 5 * SECOND,
    skew: { offset: 100_000, errorMax: 20_000 },
    breakersOpen: [],
  }
  const partOf = (change: Partial<HealthInput>, name: string) => {
    const { score, parts } = scoreOf({ ...well, ...change })
    const part = parts.find(one => one.part === name)!
    // The worst part decides.
    expect(score).toBe(Math.min(...parts.map(one => one.score)))
    return [part.score, part.reason]
  }

  test('is 100 and gives no reason while all is well', () => {
    expect(scoreOf(well)).toEqual({
      score: 100,
      parts: ['latency', 'errors', 'books', 'clock', 'breakers'].map(part => ({ part, score: 100, reason: null })),
    })
  })

  test('falls with latency', () => {
    const slow = { ...well.calls, order: { calls: 9, failures: 0, p50Ms: 1_650, p99Ms: 1_700 } }
    expect(partOf({ calls: slow }, 'latency')).toEqual([50, 'half of the order calls take 1650 ms or more'])
    const tail = { ...well.calls, order: { calls: 9, failures: 0, p50Ms: 10, p99Ms: 9_000 } }
    expect(partOf({ calls: tail }, 'latency')).toEqual([0, 'one order call in a hundred takes 9000 ms or more'])
  })

  test('falls with failures, once there are a few calls', () => {
    const failing = (calls: number, failures: number) => ({ ...well.calls, cancel: { ...quiet, calls, failures } })
    expect(partOf({ calls: failing(10, 3) }, 'errors')).toEqual([0, '3 of 10 cancel calls failed'])
    expect(partOf({ calls: failing(200, 31) }, 'errors')).toEqual([50, '31 of 200 cancel calls failed'])
    expect(partOf({ calls: failing(4, 4) }, 'errors')).toEqual([100, null])
  })

  test('falls with the age of books and with each that is stale', () => {
    const aged = (seconds: number, staleness: string | null = null) => ({ goodAt: NOON - seconds * SECOND, staleness })
    expect(partOf({ books: [aged(1), aged(15)] }, 'books')).toEqual([50, 'a book has not been confirmed for 15.0 s'])
    expect(partOf({ books: [aged(1), aged(1, 'gap'), aged(1), aged(1)] }, 'books')).toEqual([
      75,
      '1 of 4 books are stale: gap',
    ])
    expect(partOf({ books: [] }, 'books')).toEqual([100, null])
  })

  test('falls with a wrong clock, as far as that is certain', () => {
    expect(partOf({ skew: { offset: -1_145_000, errorMax: 20_000 } }, 'clock')).toEqual([
      50,
      'its clock is 1145 ms behind ours',
    ])
    expect(partOf({ skew: { offset: 2_000_000, errorMax: 1_900_000 } }, 'clock')).toEqual([100, null])
    expect(partOf({ skew: null }, 'clock')).toEqual([100, null])
  })

  test('is nothing while a breaker is open', () => {
    expect(partOf({ breakersOpen: ['order', 'query'] }, 'breakers')).toEqual([
      0,
      'no order and no query calls are made: the breaker is open',
    ])
  })
})

describe('the monitor of a venue', () => {
  const OK = { result: 'answered' as CallResult }
  const types = eventTypes(venueEvents)

  function monitor() {
    const clock = new ManualClock(NOON)
    const changes: [string, BreakerChange][] = []
    const watched = new VenueMonitor({
      venue: 'kraken',
      clock,
      onBreaker: (kind, change) => changes.push([kind, change]),
    })
    const down = async (): Promise<typeof OK> => {
      clock.advance(10_000)
      throw new TransportError('connection reset', { isSent: true })
    }
    const up = async (): Promise<typeof OK> => {
      clock.advance(40_000)
      return OK
    }
    return { clock, changes, watched, down, up }
  }

  test('stops orders to a venue that fails them, goes on with cancels, and comes back by itself', async () => {
    const { clock, changes, watched, down, up } = monitor()
    for (let i = 0; i < 3; i++) await expect(watched.call('order', down)).rejects.toBeInstanceOf(TransportError)
    let isCalled = false
    const refused = await watched
      .call('order', async () => {
        isCalled = true
        return OK
      })
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(AppError)
    expect(refused).toMatchObject({ code: 'venue.breaker_open', details: { waitMs: 5_000 } })
    expect(isCalled).toBe(false)
    expect(await watched.call('cancel', up)).toBe(OK)
    expect(watched.health({ books: [], heartbeat: SECOND }).score).toBe(0)
    clock.advance(5 * SECOND)
    expect(await watched.call('order', up)).toBe(OK)
    expect(watched.breaker('order')).toBe('closed')
    expect(changes.map(([kind, change]) => `${kind} ${change.type}`)).toEqual([
      'order venue.breaker_opened',
      'order venue.breaker_half_opened',
      'order venue.breaker_closed',
    ])
    for (const [kind, { type, at: _, ...data }] of changes)
      expect(types.check(type, 1, { venue: 'kraken', kind, ...data })).toEqual({ venue: 'kraken', kind, ...data })
  })

  test('measures the clock by asking for the time', async () => {
    const { clock, watched } = monitor()
    await watched.measureClock(async () => {
      // It waited before it left.
      clock.advance(900_000)
      const sentAt = clock.now()
      clock.advance(30_000)
      const server = clock.now() - 700_000
      clock.advance(30_000)
      return { sentAt, server, receivedAt: clock.now() }
    })
    expect(watched.skew.readMs(clock.now())).toBe(-700)
  })

  test('a refusal by the venue is no failure of its, an error of its server is', async () => {
    const { watched } = monitor()
    for (let i = 0; i < 50; i++) await watched.call('query', async () => ({ result: 'refused' as const }))
    expect(watched.breaker('query')).toBe('closed')
    for (let i = 0; i < 50 && watched.breaker('query') === 'closed'; i++)
      await watched.call('query', async () => ({ result: 'failed' as const }))
    expect(watched.breaker('query')).toBe('open')
  })
})
