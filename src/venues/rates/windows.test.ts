import { describe, expect, test } from 'vitest'
import { manualTime } from '../../platform/testing.ts'
import type { HttpResponse } from '../port/index.ts'
import { RateBudget } from './budget.ts'
import { RateQueue } from './queue.ts'
import type { Bucket, VenueRates } from './rules.ts'

/** What a venue says of a window that is about to end, or has just ended, is nothing that the next window owes. */

const WINDOW_MS = 60_000
const MAX = 6_000
const BUCKET: Bucket = { type: 'fixed_window', scope: 'ip', max: MAX, windowMs: WINDOW_MS }
const COST = 20
const RATES: VenueRates = {
  venue: 'binance',
  buckets: { weight: BUCKET },
  rules: [],
  otherwise: () => [{ bucket: 'weight', cost: COST }],
  hear: (_request, { status, headers }) =>
    status === 429
      ? [{ type: 'full' }]
      : [{ type: 'used', bucket: 'weight', used: Number(headers['x-mbx-used-weight-1m']) }],
}
const QUERY = { kind: 'query', method: 'GET', path: '/', params: {} } as const

/** A venue that counts by its own clock, and what others than us use of the same address. */
function venueAt(nowMs: () => number, others = 0) {
  let window = -1
  let used = 0
  return {
    count(): HttpResponse {
      const present = Math.floor(nowMs() / WINDOW_MS)
      if (present !== window) used = others
      window = present
      used += COST
      return { status: used > MAX ? 429 : 200, headers: { 'x-mbx-used-weight-1m': String(used) }, body: '{}' }
    },
  }
}

function setUp(others = 0) {
  const time = manualTime()
  const nowMs = () => time.clock.now() / 1_000
  const budget = new RateBudget(RATES)
  const queue = new RateQueue({ budget, ...time })
  const venue = venueAt(nowMs, others)
  const [toMs, fromMs] = [60, 60]
  const statuses: number[] = []
  const refused: unknown[] = []
  const ask = () =>
    queue
      .send(QUERY, async () => {
        await new Promise<void>(resolve => time.timers.after(toMs, resolve))
        const response = venue.count()
        await new Promise<void>(resolve => time.timers.after(fromMs, resolve))
        return response
      })
      .then(
        ({ status }) => statuses.push(status),
        (error: unknown) => refused.push(error),
      )
  /** To the next whole minute of the venue's, less `beforeMs`. */
  const toMinute = async (beforeMs: number) => {
    const at = nowMs()
    await time.advance((Math.floor(at / WINDOW_MS) + 1) * WINDOW_MS - beforeMs - at)
  }
  return { ...time, nowMs, budget, queue, ask, statuses, refused, toMinute }
}

describe('where a window ends', () => {
  test('a load that fits every window is never held up, whatever the venue says at its end', async () => {
    const { ask, advance, statuses, refused, queue, toMinute } = setUp()
    await toMinute(0)
    // 200 calls a minute take 4,000 of 6,000, below what queries may use.
    for (let i = 0; i < 1_000; i++) {
      void ask()
      await advance(300)
    }
    await advance(1_000)
    expect(refused).toEqual([])
    expect(queue.waiting).toBe(0)
    expect(statuses).toHaveLength(1_000)
    expect(statuses.filter(status => status !== 200)).toEqual([])
  })

  test('what others use of the same address is heard in every window, and what is left is never exceeded', async () => {
    const { ask, advance, statuses, refused, toMinute } = setUp(3_000)
    await toMinute(0)
    for (let i = 0; i < 1_000; i++) {
      void ask()
      await advance(300)
    }
    await advance(1_000)
    // 3,000 and 200 calls of 20 are more than there is: some are kept back by us, and none is refused by the venue.
    expect(refused.length).toBeGreaterThan(100)
    expect(statuses.length).toBeGreaterThan(5 * 70)
    expect(statuses.filter(status => status !== 200)).toEqual([])
  })

  test('a refusal at the end of a window holds up that window and not the next', async () => {
    const { ask, advance, statuses, toMinute } = setUp(MAX)
    await toMinute(200)
    void ask()
    await advance(150)
    expect(statuses).toEqual([429])
    void ask()
    await advance(50)
    expect(statuses).toEqual([429])
    // A quarter of a second of doubt about the venue's clock, and the way there and back.
    await advance(500)
    expect(statuses).toHaveLength(2)
  })

  test('a refusal within a window holds up the rest of it', async () => {
    const { ask, advance, statuses, refused, toMinute } = setUp(MAX)
    await toMinute(0)
    await advance(30_000)
    void ask()
    await advance(200)
    void ask()
    await advance(1_000)
    expect(statuses).toEqual([429])
    expect(refused).toMatchObject([{ code: 'venue.rate_limited' }])
  })
})
