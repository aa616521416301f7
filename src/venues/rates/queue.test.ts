import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError, seededRandom } from '../../kernel/index.ts'
import { manualTime } from '../../platform/testing.ts'
import type { HttpResponse } from '../port/index.ts'
import { RateBudget, SHARES, sharedMeters } from './budget.ts'
import { NaiveLimiter } from './naive-limiter.ts'
import { RateQueue } from './queue.ts'
import type { Bucket, RateRequest, RequestKind, VenueRates } from './rules.ts'

const OK: HttpResponse = { status: 200, headers: {}, body: '{}' }
const KINDS: readonly RequestKind[] = ['cancel', 'order', 'query']
const TOLERANCE_MS = 250

/** A venue with one bucket, of which a request takes what its parameter says. */
const ratesWith = (bucket: Bucket, hear: VenueRates['hear'] = () => []): VenueRates => ({
  venue: 'kraken',
  buckets: { only: bucket },
  rules: [],
  otherwise: ({ params }) => [{ bucket: 'only', cost: Number(params.cost ?? 1) }],
  hear,
})
const requestOf = (kind: RequestKind, cost = 1, path = '/'): RateRequest => ({
  kind,
  method: 'GET',
  path,
  params: { cost: String(cost) },
})

function queueWith(rates: VenueRates, waitMaxMs?: Record<RequestKind, number>) {
  const time = manualTime()
  const budget = new RateBudget(rates, { toleranceMs: TOLERANCE_MS })
  const queue = new RateQueue({ budget, ...time, ...(waitMaxMs === undefined ? {} : { waitMaxMs }) })
  return { ...time, budget, queue, nowMs: () => time.clock.now() / 1_000 }
}
const FOREVER = { cancel: 1e9, order: 1e9, query: 1e9 }

const buckets: fc.Arbitrary<Bucket> = fc.oneof(
  fc.record({
    type: fc.constantFrom('fixed_window' as const, 'sliding_window' as const),
    scope: fc.constant('key' as const),
    max: fc.integer({ min: 10, max: 60 }),
    windowMs: fc.constantFrom(1_000, 2_000, 10_000),
  }),
  fc.record({
    type: fc.constant('decaying_counter' as const),
    scope: fc.constant('key' as const),
    max: fc.integer({ min: 10, max: 60 }),
    decayPerSecond: fc.constantFrom(0.33, 1, 3.75),
  }),
  fc.record({
    type: fc.constant('token_bucket' as const),
    scope: fc.constant('key' as const),
    max: fc.integer({ min: 10, max: 60 }),
    refillPerSecond: fc.constantFrom(2, 5),
  }),
)

describe('against a naive limiter', () => {
  test('whatever the traffic and the latency, no limit is ever exceeded and every request is answered once', async () => {
    const traffic = fc.array(
      fc.record({
        kind: fc.constantFrom(...KINDS),
        cost: fc.integer({ min: 1, max: 8 }),
        pauseMs: fc.constantFrom(0, 0, 0, 1, 40, 300, 999, 2_500),
      }),
      { minLength: 1, maxLength: 60 },
    )
    await fc.assert(
      fc.asyncProperty(buckets, traffic, fc.integer(), async (bucket, requests, seed) => {
        const { queue, advance, nowMs } = queueWith(ratesWith(bucket), FOREVER)
        const venue = new NaiveLimiter(bucket)
        const random = seededRandom(seed)
        const arrivals: { atMs: number; cost: number }[] = []
        let answered = 0
        for (const { kind, cost, pauseMs } of requests) {
          void queue
            .send(requestOf(kind, cost), async () => {
              // Latency and the venue's clock differ from request to request, within what is tolerated.
              arrivals.push({ atMs: nowMs() + random.next() * TOLERANCE_MS, cost })
              return OK
            })
            .then(() => answered++)
          await advance(pauseMs)
        }
        for (let rounds = 0; answered < requests.length && rounds < 500; rounds++) await advance(5_000)
        expect(answered).toBe(requests.length)
        const refused = arrivals.toSorted((a, b) => a.atMs - b.atMs).filter(one => !venue.admits(one.atMs, one.cost))
        expect(refused).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  test('the naive limiter does refuse those who do not queue', () => {
    const bucket: Bucket = { type: 'sliding_window', scope: 'key', max: 10, windowMs: 1_000 }
    const venue = new NaiveLimiter(bucket)
    const refused = Array.from({ length: 11 }, (_, i) => venue.admits(i, 1)).filter(is => !is)
    expect(refused).toHaveLength(1)
  })

  test('a burst of a thousand earns no 429, and none of it is lost', async () => {
    const bucket: Bucket = { type: 'fixed_window', scope: 'key', max: 100, windowMs: 10_000 }
    const { queue, advance, nowMs } = queueWith(ratesWith(bucket), FOREVER)
    const venue = new NaiveLimiter(bucket)
    const statuses: number[] = []
    for (let i = 0; i < 1_000; i++)
      void queue
        .send(requestOf(KINDS[i % 3]!), async () => ({ ...OK, status: venue.admits(nowMs(), 1) ? 200 : 429 }))
        .then(({ status }) => statuses.push(status))
    for (let i = 0; i < 400 && statuses.length < 1_000; i++) await advance(1_000)
    expect(statuses).toHaveLength(1_000)
    expect(statuses.filter(status => status !== 200)).toEqual([])
  })
})

describe('what goes first', () => {
  const slow: Bucket = { type: 'sliding_window', scope: 'key', max: 1, windowMs: 1_000 }

  test('cancels overtake orders, orders overtake queries, and within a kind the first is first', async () => {
    const { queue, advance } = queueWith(ratesWith(slow), FOREVER)
    const sent: string[] = []
    const names = ['query 1', 'query 2', 'order 1', 'cancel 1', 'query 3', 'order 2', 'cancel 2']
    for (const name of names)
      void queue.send(requestOf(name.split(' ')[0] as RequestKind), async () => {
        sent.push(name)
        return OK
      })
    await advance(20_000)
    expect(sent).toEqual(['query 1', 'cancel 1', 'cancel 2', 'order 1', 'order 2', 'query 2', 'query 3'])
  })

  test('queries leave a reserve that orders may use in part and cancels wholly', async () => {
    const bucket: Bucket = { type: 'fixed_window', scope: 'key', max: 100, windowMs: 3_600_000 }
    const { queue, advance } = queueWith(ratesWith(bucket), FOREVER)
    const sent = { cancel: 0, order: 0, query: 0 }
    for (const kind of ['query', 'order', 'cancel'] as const) {
      for (let i = 0; i < 100; i++)
        void queue.send(requestOf(kind), async () => {
          sent[kind]++
          return OK
        })
      await advance(10)
    }
    expect(SHARES).toEqual({ cancel: 1, order: 0.9, query: 0.75 })
    expect(sent).toEqual({ query: 75, order: 15, cancel: 10 })
  })

  test('who waits for a bucket of its own holds up nobody else', async () => {
    const rates: VenueRates = {
      ...ratesWith(slow),
      otherwise: ({ path }) => [{ bucket: 'only', cost: 1, per: path }],
    }
    const { queue, advance } = queueWith(rates, FOREVER)
    const sent: string[] = []
    for (const path of ['/a', '/a', '/b'])
      void queue.send(requestOf('query', 1, path), async () => {
        sent.push(path)
        return OK
      })
    await advance(1)
    expect(sent).toEqual(['/a', '/b'])
  })
})

describe('what is refused', () => {
  test('a query that would leave too late is refused at once, with the wait, and is not sent', async () => {
    const hour: Bucket = { type: 'fixed_window', scope: 'key', max: 2, windowMs: 3_600_000 }
    const { queue } = queueWith(ratesWith(hour))
    let sent = 0
    const send = async () => {
      sent++
      return OK
    }
    await queue.send(requestOf('query'), send)
    const failure = await queue.send(requestOf('query'), send).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(AppError)
    expect((failure as AppError).code).toBe('venue.rate_limited')
    expect((failure as AppError).details.waitMs).toBeGreaterThan(15_000)
    expect(sent).toBe(1)
    await queue.send(requestOf('cancel'), send)
    expect(sent).toBe(2)
  })

  test('what stands in front is part of the wait', async () => {
    const bucket: Bucket = { type: 'sliding_window', scope: 'key', max: 1, windowMs: 1_000 }
    const { queue, advance } = queueWith(ratesWith(bucket))
    const outcomes: string[] = []
    for (let i = 0; i < 30; i++)
      void queue
        .send(requestOf('query'), async () => OK)
        .then(
          () => outcomes.push('sent'),
          () => outcomes.push('refused'),
        )
    await advance(60_000)
    // 15 seconds of patience at 1.25 seconds each, and the first goes at once.
    expect(outcomes.filter(outcome => outcome === 'sent').length).toBeGreaterThanOrEqual(11)
    expect(outcomes.filter(outcome => outcome === 'sent').length).toBeLessThanOrEqual(13)
    expect(outcomes).toHaveLength(30)
  })

  test('waiting is bounded, and the last places are for cancels', async () => {
    const { queue } = queueWith(ratesWith({ type: 'fixed_window', scope: 'key', max: 1, windowMs: 60_000 }), FOREVER)
    const codes: string[] = []
    const send = (kind: RequestKind) =>
      void queue.send(requestOf(kind), async () => OK).catch((error: AppError) => codes.push(error.code))
    for (let i = 0; i < 1_600; i++) send('query')
    for (let i = 0; i < 500; i++) send('cancel')
    await Promise.resolve()
    await Promise.resolve()
    expect(queue.waiting).toBe(2_000)
    queue.close()
    await new Promise(resolve => setImmediate(resolve))
    expect(queue.waiting).toBe(0)
    expect(new Set(codes)).toEqual(new Set(['venue.rate_limited']))
    expect(codes.length).toBe(1_600 + 500 - 1)
  })

  test('closing refuses who waits and who comes', async () => {
    const { queue } = queueWith(ratesWith({ type: 'sliding_window', scope: 'key', max: 1, windowMs: 1_000 }))
    await queue.send(requestOf('query'), async () => OK)
    const waiting = queue.send(requestOf('query'), async () => OK)
    queue.close()
    await expect(waiting).rejects.toMatchObject({ code: 'venue.rate_limited' })
    await expect(queue.send(requestOf('cancel'), async () => OK)).rejects.toMatchObject({ code: 'venue.rate_limited' })
  })
})

describe('the word of the venue', () => {
  const wide: Bucket = { type: 'fixed_window', scope: 'ip', max: 1_000, windowMs: 60_000 }

  test('while banned nothing leaves, cancels included; afterwards everything does', async () => {
    const banned = { ...OK, status: 418, headers: { 'retry-after': '30' } }
    const rates = ratesWith(wide, (_, response) =>
      response.status === 418 ? [{ type: 'pause', of: 'everything', forMs: 30_000 }] : [],
    )
    const { queue, advance, nowMs } = queueWith(rates, FOREVER)
    const from = nowMs()
    await queue.send(requestOf('query'), async () => banned)
    const sentAt: number[] = []
    for (const kind of KINDS)
      void queue.send(requestOf(kind), async () => {
        sentAt.push(nowMs() - from)
        return OK
      })
    await advance(29_900)
    expect(sentAt).toEqual([])
    await advance(2_000)
    expect(sentAt).toHaveLength(3)
    expect(Math.min(...sentAt)).toBeGreaterThanOrEqual(30_000)
  })

  test('what others have used with us is counted, and what the venue has not seen yet is not forgotten', async () => {
    const { budget, clock } = queueWith(
      ratesWith(wide, (_, response) => [{ type: 'used', bucket: 'only', used: Number(response.headers.used) }]),
    )
    const request = requestOf('query')
    const charges = budget.charges(request, clock.now())
    budget.take(charges, clock.now())
    const heard = (used: number) =>
      budget.hear(request, charges, { ...OK, headers: { used: String(used) } }, clock.now(), clock.now())
    heard(700)
    expect(budget.use(clock.now())).toEqual([{ bucket: 'only', used: 700, max: 1_000 }])
    heard(10)
    expect(budget.use(clock.now())[0]?.used).toBe(700)
  })

  test('two keys behind one address share what is counted by address', () => {
    const shared = sharedMeters()
    const one = new RateBudget(ratesWith(wide), { shared })
    const other = new RateBudget(ratesWith(wide), { shared })
    one.take([{ bucket: 'only', cost: 900 }], 0)
    expect(other.wait([{ bucket: 'only', cost: 1 }], 'query', 0).waitMs).toBeGreaterThan(0)
    expect(other.wait([{ bucket: 'only', cost: 1 }], 'cancel', 0).waitMs).toBe(0)
  })
})
