import { describe, expect, test } from 'vitest'
import {
  type CallName,
  type FaultRule,
  memoryNetwork,
  SIMULATED_VENUES,
  VenueSimulator,
} from '../../simulators/venues/index.ts'
import { type OrderId, type OrderRequest, seededRandom } from '../kernel/index.ts'
import { createMetrics, silentLog } from '../platform/index.ts'
import { manualTime } from '../platform/testing.ts'
import { ConnectedVenue } from './connected-venue.ts'
import { venueKey } from './credentials/key.ts'
import { venueMetrics } from './metrics.ts'
import { TransportError, VENUE_NAMES, type VenueName } from './port/index.ts'

/** A venue as a process is connected to it, and its simulator in memory. */
async function open(name: VenueName) {
  await import('ccxt')
  const { clock, timers, advance } = manualTime()
  const definition = SIMULATED_VENUES.find(one => one.name === name)!
  const simulator = new VenueSimulator({ definition, seed: 'connected', start: clock.now(), market: 'still' })
  const host = `${name}.sim`
  simulator.addresses = { rest: `http://${host}`, ws: `ws://${host}` }
  timers.every(50, () => simulator.advance(clock.now()))
  const XRP = definition.instruments.find(({ instrument }) => instrument.base === 'XRP')!.instrument
  const metrics = createMetrics()
  const watchCalls = venueMetrics(metrics, () => [connected])
  const connected: ConnectedVenue = new ConnectedVenue({
    venue: name,
    mode: 'simulated',
    isTestnet: false,
    mayTrade: true,
    endpoint: { rest: `http://${host}`, ws: `ws://${host}` },
    key: venueKey(definition.credentials),
    instruments: [XRP.id],
    transport: memoryNetwork({
      simulators: new Map([[host, simulator]]),
      clock,
      timers,
      random: seededRandom('network'),
      latencyMs: 10,
      jitterMs: 0,
      failure: (message, isSent) => new TransportError(message, { isSent }),
    }),
    clock,
    timers,
    random: seededRandom('connector'),
    log: silentLog,
    onCall: watchCalls(name),
  })
  async function settle<T>(promise: Promise<T>): Promise<T> {
    let isOver = false
    const over = () => {
      isOver = true
    }
    promise.then(over, over)
    for (let i = 0; i < 3_000 && !isOver; i++) {
      await advance(20)
      await new Promise(resolve => setImmediate(resolve))
    }
    return promise
  }
  await settle(connected.venue.instruments())
  let orders = 0
  const reports: string[] = []
  return {
    simulator,
    connected,
    advance,
    reports,
    /** The figures of one venue as Prometheus reads them: `calls_total{kind="order",result="answered"}` → 3. */
    async figuresOf(): Promise<Record<string, number>> {
      const { text } = await metrics.text()
      return Object.fromEntries(
        [...text.matchAll(/^bourse_venue_(\w+)\{(.*)\} (\S+)$/gm)].map(([, metric, labels, value]) => {
          const others = labels!.split(',').filter(label => label !== `venue="${name}"`)
          return [others.length === 0 ? metric : `${metric}{${others.join(',')}}`, Number(value)]
        }),
      )
    },
    watch: () =>
      connected.venue.watch([XRP.id], {
        onMarket: input => connected.onMarket(input),
        onStale: (id, reason) => connected.onStale(id, reason),
        onReport: report => reports.push(report.type),
        onBalance() {},
        onPrivateReady() {},
        onExternal() {},
      }),
    settle,
    XRP,
    order: (base = 'XRP'): OrderRequest => {
      const { instrument } = definition.instruments.find(one => one.instrument.base === base)!
      return {
        id: `00000000000c-${++orders}` as OrderId,
        instrument: instrument.id,
        side: 'buy',
        type: 'limit',
        timeInForce: 'gtc',
        price: Math.round(
          (Number(definition.prices[instrument.pair]) * 0.9 * 10 ** instrument.priceScale) / instrument.tickSize,
        ),
        quantity: Math.round(
          ((100 / Number(definition.prices[instrument.pair])) * 10 ** instrument.quantityScale) / instrument.lotSize,
        ),
      }
    },
    truth: () => simulator.exchange.ordersOf(simulator.accounts[0]!).at(-1),
    fault: (kind: FaultRule['kind'], on: CallName | 'book', count: number) =>
      simulator.faults.add({ kind, on: [on], count, ms: 1, probability: 1, part: 0.5 }),
    figures: (kind: 'order' | 'cancel' | 'query') => {
      const { calls, errors, breaker } = connected.view(null).calls.find(one => one.kind === kind)!
      return { calls, errors, breaker }
    },
  }
}

describe.each(VENUE_NAMES)('%s', name => {
  test('an answer that the venue is down is its failure, under whatever HTTP status; a refusal is none', async () => {
    const { connected, settle, order, fault, figures } = await open(name)
    const before = figures('query')
    fault('maintenance', 'query', 1)
    await expect(settle(connected.venue.balances())).rejects.toMatchObject({ code: 'venue.unavailable' })
    expect(figures('query').errors - before.errors).toBe(1)

    fault('refuse', 'place', 4)
    for (let i = 0; i < 4; i++) expect(await settle(connected.venue.place(order()))).toMatchObject({ type: 'rejected' })
    expect(figures('order')).toEqual({ calls: 4, errors: 0, breaker: 'closed' })

    fault('maintenance', 'place', 3)
    for (let i = 0; i < 3; i++) expect(await settle(connected.venue.place(order()))).toMatchObject({ type: 'unknown' })
    expect(figures('order')).toEqual({ calls: 7, errors: 3, breaker: 'open' })
    await connected.close()
  })
})

test.each(['bitfinex', 'coinbase', 'htx', 'kraken', 'kucoin', 'okx'] as const)(
  'everything of the account is canceled at %s, also what nobody watches',
  async name => {
    const { simulator, connected, settle, order } = await open(name)
    for (const base of ['XRP', 'BTC', 'XRP'])
      expect(await settle(connected.venue.place(order(base)))).toMatchObject({ type: 'accepted' })
    expect(simulator.exchange.openOrdersOf(simulator.accounts[0]!)).toHaveLength(3)
    expect(await settle(connected.venue.cancelAll())).toMatchObject({ type: 'accepted' })
    expect(simulator.exchange.openOrdersOf(simulator.accounts[0]!)).toEqual([])
    await connected.close()
  },
)

test.each(VENUE_NAMES)(
  'the fills of an order are told before its end at %s, however late its history answers',
  async name => {
    const { simulator, connected, settle, order, watch, advance, reports, XRP, truth } = await open(name)
    watch()
    await advance(3_000)
    simulator.faults.add({ kind: 'delay', on: ['query'], ms: 1_500, probability: 1, part: 0.5 })
    const { bids, asks } = await settle(connected.venue.book(XRP.id, 1))
    expect(bids.length).toBe(1)
    const [price, there] = asks[0]!
    await settle(connected.venue.place({ ...order(), price, quantity: there * 2, timeInForce: 'ioc' }))
    for (let i = 0; i < 400; i++) await advance(50)
    expect(truth()).toMatchObject({ state: 'expired', filled: there })
    const [end, ...before] = reports.filter(type => type !== 'accepted').reverse()
    expect(end).toMatch(/^(canceled|expired)$/)
    expect(new Set(before)).toEqual(new Set(['filled']))
    await connected.close()
  },
)

describe('what Prometheus is told', () => {
  test('is what became of the calls, and how long they took', async () => {
    const { connected, settle, order, fault, figuresOf } = await open('kraken')
    const started = (await figuresOf())['calls_total{kind="query",result="answered"}']!
    await settle(connected.venue.balances())
    await settle(connected.venue.place(order()))
    fault('refuse', 'place', 1)
    await settle(connected.venue.place(order()))
    fault('maintenance', 'place', 3)
    for (let i = 0; i < 3; i++) await settle(connected.venue.place(order()))
    const figures = await figuresOf()
    expect(figures).toMatchObject({
      'calls_total{kind="query",result="answered"}': started + 1,
      'calls_total{kind="order",result="answered"}': 1,
      'calls_total{kind="order",result="refused"}': 1,
      'calls_total{kind="order",result="failed"}': 3,
      'call_seconds_count{kind="order"}': 5,
      'breaker_state{kind="order",state="open"}': 1,
      'breaker_state{kind="order",state="closed"}': 0,
      'breaker_state{kind="cancel",state="closed"}': 1,
      health_score: 0,
      requests_waiting: 0,
    })
    // Ten milliseconds there and ten back, each.
    expect(figures['call_seconds_sum{kind="order"}']).toBeCloseTo(0.1, 3)
    // Of the engine's buckets, one for each pair, the fullest.
    expect(figures['rate_used_ratio{bucket="engine"}']).toBeGreaterThan(0)
    await connected.close()
  })

  test('is how the streams and books stand, and what has gone wrong with them', async () => {
    const { simulator, connected, fault, watch, figuresOf, advance, XRP } = await open('binance')
    simulator.faults.add({ kind: 'clock_skew', ms: 400, probability: 1, part: 0.5 })
    connected.start([XRP])
    expect(await figuresOf()).toMatchObject({ books: 1, books_stale: 1, stream_messages_total: 0 })
    watch()
    const traded = simulator.exchange.market.instruments.find(({ instrument }) => instrument.id === XRP.id)!
    const stir = () => {
      simulator.house({ instrument: traded, side: 'sell', price: undefined, quantity: 10, isTaking: true })
      return advance(200)
    }
    for (let i = 0; i < 40; i++) await stir()
    const before = await figuresOf()
    expect(before).toMatchObject({
      books_stale: 0,
      'stream_ready{stream="market"}': 1,
      'stream_ready{stream="account"}': 1,
      'stream_reconnects_total{stream="market"}': 0,
      'book_faults_total{fault="gap"}': 0,
      book_resubscriptions_total: 0,
      clock_skew_seconds: 0.4,
    })
    expect(before.stream_messages_total).toBeGreaterThan(before.book_updates_total!)
    fault('gap', 'book', 1)
    for (let i = 0; i < 40; i++) await stir()
    expect(await figuresOf()).toMatchObject({
      'book_faults_total{fault="gap"}': 1,
      book_resubscriptions_total: 1,
      books_stale: 0,
      'stream_reconnects_total{stream="market"}': 0,
    })
    fault('disconnect', 'book', 1)
    for (let i = 0; i < 40; i++) await stir()
    const after = await figuresOf()
    expect(after).toMatchObject({
      'book_faults_total{fault="gap"}': 1,
      'stream_reconnects_total{stream="market"}': 1,
      'stream_ready{stream="market"}': 1,
    })
    expect(after.stream_messages_total).toBeGreaterThan(before.stream_messages_total!)
    await connected.close()
  })
})
