import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MICROS_PER_MINUTE, MICROS_PER_MS } from '../../../src/kernel/index.ts'
import type { VenueSimulator } from '../core/index.ts'
import { binanceClient, openSocket, START, stillBinance } from './testing.ts'

const STREAMS = 'stream.binance.com:9443'
const API = 'ws-api.binance.com:443'
const living = () => stillBinance({ market: 'living', past: 10 * MICROS_PER_MINUTE })

/** Lets a simulator live, step by step. */
function live(simulator: VenueSimulator, ms: number, stepMs = 50): void {
  const { market } = simulator.exchange
  for (let passed = 0; passed < ms; passed += stepMs) simulator.advance(market.now + stepMs * MICROS_PER_MS)
}

interface Diff {
  readonly U: number
  readonly u: number
  readonly b: [string, string][]
  readonly a: [string, string][]
}

/** A book kept as Binance's guide says: a snapshot, and then each diff that follows it. */
function rebuilt(
  snapshot: { lastUpdateId: number; bids: [string, string][]; asks: [string, string][] },
  diffs: Diff[],
) {
  const [bids, asks] = [new Map(snapshot.bids), new Map(snapshot.asks)]
  let last = snapshot.lastUpdateId
  let applied = 0
  for (const { U, u, b, a } of diffs) {
    if (u <= last) continue
    expect(U).toBeLessThanOrEqual(last + 1)
    if (applied > 0) expect(U).toBe(last + 1)
    for (const [book, side] of [[bids, b] as const, [asks, a] as const])
      for (const [price, quantity] of side) Number(quantity) === 0 ? book.delete(price) : book.set(price, quantity)
    last = u
    applied += 1
  }
  const sorted = (book: Map<string, string>, sign: number) =>
    [...book].sort(([x], [y]) => sign * (Number(x) - Number(y)))
  return { applied, book: { lastUpdateId: last, bids: sorted(bids, -1), asks: sorted(asks, 1) } }
}

describe('market streams', () => {
  test.each([
    ['xrpusdt@depth@100ms', 50],
    ['xrpusdt@depth', 15],
  ])('%s rebuilds the book of REST', (stream, atLeast) => {
    const simulator = living()
    const { open } = binanceClient(simulator)
    const { frames } = openSocket(simulator, STREAMS, `/ws/${stream}`)
    live(simulator, 2_000)
    const snapshot = open('/api/v3/depth?symbol=XRPUSDT&limit=5000').body
    live(simulator, 20_000)
    const diffs = frames as Diff[]
    const { applied, book } = rebuilt(snapshot, diffs)
    expect(applied).toBeGreaterThan(atLeast)
    // The slow stream tells a little later what REST tells at once.
    const now = open('/api/v3/depth?symbol=XRPUSDT&limit=5000').body
    if (stream.endsWith('100ms')) expect(book).toEqual(now)
    else expect(now.lastUpdateId - book.lastUpdateId).toBeLessThanOrEqual(200)
  })

  test('combined streams say which they are; subscriptions are listed and ended', () => {
    const simulator = living()
    const { frames, ask } = openSocket(simulator, STREAMS, '/stream?streams=xrpusdt@bookTicker/btcusdt@depth5@100ms')
    ask({ method: 'SUBSCRIBE', params: ['ethusdt@depth@100ms'], id: 1 })
    ask({ method: 'LIST_SUBSCRIPTIONS', id: 2 })
    expect(frames).toEqual([
      { result: null, id: 1 },
      { result: ['xrpusdt@bookTicker', 'btcusdt@depth5@100ms', 'ethusdt@depth@100ms'], id: 2 },
    ])
    live(simulator, 10_000)
    const of = (stream: string) => frames.filter(frame => frame.stream === stream).map(({ data }) => data)
    expect(of('ethusdt@depth@100ms')[0]).toMatchObject({ e: 'depthUpdate', s: 'ETHUSDT' })
    expect(of('btcusdt@depth5@100ms')[0].bids).toHaveLength(5)
    const ticker = of('xrpusdt@bookTicker').at(-1)
    expect(Number(ticker.b)).toBeLessThan(Number(ticker.a))
    ask({ method: 'UNSUBSCRIBE', params: ['ethusdt@depth@100ms', 'xrpusdt@bookTicker', 'btcusdt@depth5@100ms'], id: 3 })
    const count = frames.length
    live(simulator, 2_000)
    expect(frames).toHaveLength(count)
  })

  test('trades, their candles and their day agree with one another', () => {
    const simulator = living()
    const names = ['trade', 'aggTrade', 'kline_1m', 'ticker']
    const { frames } = openSocket(simulator, STREAMS, `/ws/${names.map(name => `xrpusdt@${name}`).join('/')}`)
    live(simulator, 180_000, 500)
    const of = (event: string) => frames.filter(({ e }) => e === event)
    const trades = of('trade')
    expect(trades.length).toBeGreaterThan(10)
    expect(of('aggTrade').map(({ a, p, q, m }) => [a, p, q, m])).toEqual(trades.map(({ t, p, q, m }) => [t, p, q, m]))
    const closed = of('kline')
      .map(({ k }) => k)
      .filter(({ x }) => x)
    expect(closed.length).toBeGreaterThanOrEqual(2)
    for (const { t, T, o, c, h, l, v, n, q } of closed.slice(1)) {
      const within = trades.filter(trade => trade.T >= t && trade.T <= T)
      const prices = within.map(({ p }) => Number(p))
      expect(n).toBe(within.length)
      if (n === 0) continue
      expect([o, c]).toEqual([within[0].p, within.at(-1).p])
      expect([Number(h), Number(l)]).toEqual([Math.max(...prices), Math.min(...prices)])
      expect(Number(v)).toBeCloseTo(
        within.reduce((sum, trade) => sum + Number(trade.q), 0),
        6,
      )
      expect(Number(q)).toBeCloseTo(
        within.reduce((sum, trade) => sum + Number(trade.q) * Number(trade.p), 0),
        6,
      )
    }
    expect(of('24hrTicker').at(-1).c).toBe(trades.at(-1).p)
  })

  test('what is no question is refused, and the socket lives on', () => {
    const simulator = stillBinance()
    const { frames, ask } = openSocket(simulator, STREAMS, '/ws')
    ask({ method: 'SHOUT', id: 7 })
    ask({ method: 'LIST_SUBSCRIPTIONS', id: 8 })
    expect(frames).toEqual([
      { error: { code: 0, msg: expect.stringContaining('SHOUT') }, id: 7 },
      { result: [], id: 8 },
    ])
  })
})

describe('the user data stream', () => {
  const subscribed = () => {
    const simulator = stillBinance()
    const client = binanceClient(simulator)
    const { frames, ask } = openSocket(simulator, API, '/ws-api/v3')
    ask(client.question('userDataStream.subscribe.signature'))
    expect(frames.splice(0)).toEqual([
      { id: 'userDataStream.subscribe.signature', status: 200, result: { subscriptionId: 0 } },
    ])
    const events = () => frames.filter(({ subscriptionId }) => subscriptionId === 0).map(({ event }) => event)
    const reports = () => events().filter(({ e }) => e === 'executionReport')
    return { simulator, client, frames, ask, events, reports }
  }

  test('a wrong signature hears nothing', () => {
    const simulator = stillBinance()
    const { frames, ask } = openSocket(simulator, API, '/ws-api/v3')
    const { apiKey } = simulator.accounts[0]!
    ask(binanceClient(simulator, { apiKey, secret: 'guessed' }).question('userDataStream.subscribe.signature'))
    expect(frames).toMatchObject([{ status: 400, error: { code: -1022 } }])
    binanceClient(simulator).limit()
    expect(frames).toHaveLength(1)
  })

  test('an order’s life is told: placed, filled with its fee, the rest canceled under the cancel’s id', () => {
    const { client, reports, events } = subscribed()
    const { orderId } = client.limit({ quantity: 2_500, price: '2.3005', newClientOrderId: 'mine' }).body
    client.call('DELETE', '/api/v3/order', { symbol: 'XRPUSDT', orderId, newClientOrderId: 'away' })
    expect(reports().map(({ x, X, i, c, C, l, z, n, N, w }) => [x, X, i, c, C, l, z, n, N, w])).toEqual([
      ['NEW', 'NEW', orderId, 'mine', '', '0.00000000', '0.00000000', '0', null, true],
      ['TRADE', 'PARTIALLY_FILLED', orderId, 'mine', '', '2173.90000000', '2173.90000000', '2.17390000', 'XRP', true],
      ['CANCELED', 'CANCELED', orderId, 'away', 'mine', '0.00000000', '2173.90000000', '0', null, false],
    ])
    // 1,000,000 − 2,173.9 × 2.3005, and nothing is held any more.
    const position = events().findLast(
      ({ e, B }) => e === 'outboundAccountPosition' && B.some(({ a }: { a: string }) => a === 'USDT'),
    )
    expect(position.B).toContainEqual({ a: 'USDT', f: '994998.94305000', l: '0.00000000' })
  })

  test('a stop that triggers, an order that expires, one that is amended', () => {
    const { client, reports } = subscribed()
    client.place({ type: 'STOP_LOSS', quantity: 40, stopPrice: '2.301', newClientOrderId: 'stop' })
    client.limit({ quantity: 2_500, price: '2.301', timeInForce: 'IOC', newClientOrderId: 'taker' })
    client.limit({ quantity: 9_000, price: '2.301', timeInForce: 'FOK', newClientOrderId: 'fok' })
    client.limit({ newClientOrderId: 'before' })
    client.call('PUT', '/api/v3/order/amend/keepPriority', {
      symbol: 'XRPUSDT',
      origClientOrderId: 'before',
      newQty: 30,
      newClientOrderId: 'after',
    })
    const of = (id: string) => reports().filter(({ c }) => c === id)
    expect(of('stop').map(({ x, X, w, P }) => [x, X, w, P])).toEqual([
      ['NEW', 'NEW', false, '2.30100000'],
      ['NEW', 'NEW', true, '2.30100000'],
      ['TRADE', 'FILLED', false, '2.30100000'],
    ])
    expect(of('fok').map(({ x, X, eR }) => [x, X, eR])).toEqual([
      ['NEW', 'NEW', undefined],
      ['EXPIRED', 'EXPIRED', 'INSUFFICIENT_LIQUIDITY'],
    ])
    expect(of('after').map(({ x, X, C, q }) => [x, X, C, q])).toEqual([['REPLACED', 'NEW', 'before', '30.00000000']])
  })

  test('it ends when that is asked for', () => {
    const { client, frames, ask } = subscribed()
    ask({ id: 9, method: 'userDataStream.unsubscribe', params: {} })
    client.limit()
    expect(frames).toEqual([{ id: 9, status: 200, result: {} }])
  })

  test('questions are answered on the same socket', () => {
    const { client, frames, ask } = subscribed()
    ask({ id: 1, method: 'time' })
    ask(
      client.question('order.place', {
        symbol: 'XRPUSDT',
        side: 'BUY',
        type: 'LIMIT',
        timeInForce: 'GTC',
        quantity: 40,
        price: 2,
      }),
    )
    ask(client.question('openOrders.status'))
    const answers = frames.filter(({ status }) => status !== undefined)
    expect(answers[0]).toEqual({ id: 1, status: 200, result: { serverTime: START / MICROS_PER_MS } })
    expect(answers[2].result.map(({ orderId }: { orderId: number }) => orderId)).toEqual([answers[1].result.orderId])
  })

  const recorded = join(
    process.env.BOURSE_SHARED ?? join(import.meta.dirname, '../../../../shared'),
    'cases/wire/nautilus_trader/binance/spot/user_data_json',
  )
  const recording = (() => {
    try {
      const read = (name: string) => JSON.parse(readFileSync(join(recorded, `${name}.json`), 'utf8'))
      return { report: read('execution_report_wrapped'), position: read('account_position_wrapped') }
    } catch {
      return null
    }
  })()

  test.skipIf(recording === null)('the fields are those of recorded messages', () => {
    const { client, events } = subscribed()
    client.limit()
    const [report, position] = ['executionReport', 'outboundAccountPosition'].map(name =>
      events().find(({ e }) => e === name),
    )
    expect(Object.keys(report).toSorted()).toEqual(
      // Ids of executions are not told.
      Object.keys(recording!.report.event)
        .filter(name => name !== 'I')
        .toSorted(),
    )
    expect(Object.keys(position)).toEqual(Object.keys(recording!.position.event))
    const types = (one: object) =>
      Object.entries(one)
        .map(([name, value]) => [name, typeof value])
        .filter(([name]) => name !== 'I')
    expect(types(report).toSorted()).toEqual(types(recording!.report.event).toSorted())
  })
})
