import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { MICROS_PER_MINUTE, MICROS_PER_MS, type Micros, priceText, quantityText } from '../../src/kernel/index.ts'
import { FakeMarketHost } from '../../src/venues/fake.ts'
import { BOOK_SESSIONS, VENUES, type VenueName } from '../../src/venues/index.ts'
import { SIMULATED_VENUES, type SimulatedInstrument, VenueSimulator } from './index.ts'
import { requestTo } from './testing.ts'

/** The product's own sessions keep the books of the simulated venues: what they hold is what stands in the exchange. */

interface Way {
  readonly host: string
  readonly path: string
  /** By what the session notices that an update is missing. */
  readonly noticedBy: 'gap' | 'checksum'
  /** As many levels as the session keeps. */
  readonly depth: number
  /** Where the session asks for its snapshot by REST. */
  readonly snapshot?: (symbol: string) => { host: string; path: string; rawQuery: string }
  /** Headers of a question that is signed. */
  readonly sign?: (request: string, atMs: number) => Record<string, string>
  /** Where the token is given out without which nobody connects. */
  readonly token?: { readonly host: string; readonly path: string }
  /** Where trades and tickers come from, where that is another socket than the books'. */
  readonly tradesFrom?: string
}

const WAYS: Readonly<Record<string, Way>> = {
  binance: {
    host: 'stream.binance.com:9443',
    path: '/stream',
    noticedBy: 'gap',
    depth: 5_000,
    snapshot: symbol => ({ host: 'api.binance.com', path: '/api/v3/depth', rawQuery: `symbol=${symbol}&limit=5000` }),
  },
  bitfinex: { host: 'api-pub.bitfinex.com', path: '/ws/2', noticedBy: 'gap', depth: 100 },
  bybit: { host: 'stream.bybit.com', path: '/v5/public/spot', noticedBy: 'gap', depth: 50 },
  coinbase: { host: 'advanced-trade-ws.coinbase.com', path: '/', noticedBy: 'gap', depth: 5_000 },
  htx: { host: 'api.huobi.pro', path: '/feed', noticedBy: 'gap', depth: 150, tradesFrom: '/ws' },
  kraken: { host: 'ws.kraken.com', path: '/v2', noticedBy: 'checksum', depth: 100 },
  kucoin: {
    host: 'ws-api-spot.kucoin.com',
    path: '/',
    noticedBy: 'gap',
    depth: 5_000,
    snapshot: symbol => ({
      host: 'api.kucoin.com',
      path: '/api/v3/market/orderbook/level2',
      rawQuery: `symbol=${symbol}`,
    }),
    sign(request, atMs) {
      const { apiKey, secret, passphrase = '' } = SIMULATED_VENUES.find(({ name }) => name === 'kucoin')!.credentials
      const hmac = (text: string) => createHmac('sha256', secret).update(text).digest('base64')
      return {
        'kc-api-key': apiKey,
        'kc-api-timestamp': String(atMs),
        'kc-api-sign': hmac(`${atMs}${request}`),
        'kc-api-passphrase': hmac(passphrase),
      }
    },
    token: { host: 'api.kucoin.com', path: '/api/v1/bullet-public' },
  },
  okx: { host: 'ws.okx.com:8443', path: '/ws/v5/public', noticedBy: 'gap', depth: 400 },
}

/** As often as books are published: none lags behind the exchange then. */
const STEP: Micros = 100 * MICROS_PER_MS
const START: Micros = 1_763_700_000_000_000
const listed = SIMULATED_VENUES.filter(({ name }) => name in WAYS)

function connect(name: string) {
  const definition = SIMULATED_VENUES.find(one => one.name === name)!
  const way = WAYS[name]!
  const simulator = new VenueSimulator({ definition, seed: 'books', start: START, past: 10 * MICROS_PER_MINUTE })
  const instruments = definition.instruments.map(({ instrument }) => instrument)
  const host = new FakeMarketHost(instruments)
  const session = BOOK_SESSIONS[name as VenueName](instruments, host)
  const now = () => simulator.exchange.market.now
  const request = (
    method: string,
    { host, path, rawQuery = '' }: { host: string; path: string; rawQuery?: string },
  ) => {
    const tail = rawQuery === '' ? '' : `?${rawQuery}`
    const headers = way.sign?.(`${method}${path}${tail}`, Math.floor(now() / MICROS_PER_MS)) ?? {}
    const { answer } = simulator.request(requestTo(host, `${path}${tail}`, { method, headers }))
    return answer!.body
  }
  const token: Record<string, string> =
    way.token === undefined ? {} : { token: JSON.parse(request('POST', way.token)).data.token as string }
  const socket = simulator.connect(
    { host: way.host, path: way.path, query: new URLSearchParams(token) },
    { send: frame => session.onFrame(frame, now()), close: reason => host.fail(reason) },
  )
  let carrySecond = () => {}
  /** Carries what the session has asked for. */
  const carry = () => {
    carrySecond()
    for (const frame of host.sent.splice(0)) socket.onFrame(frame)
    for (const id of host.snapshotsAsked.splice(0)) {
      const { symbol } = definition.instruments.find(({ instrument }) => instrument.id === id)!
      session.onSnapshot!(id, request('GET', way.snapshot!(symbol)), now())
    }
  }
  session.onOpen(now())
  carry()
  const trades = way.tradesFrom === undefined ? host : new FakeMarketHost(instruments)
  if (way.tradesFrom !== undefined) {
    const other = VENUES[name as VenueName]!.market.streams[1]!.session(instruments, trades)
    const second = simulator.connect(
      { host: way.host, path: way.tradesFrom, query: new URLSearchParams() },
      { send: frame => other.onFrame(frame, now()), close: reason => host.fail(reason) },
    )
    other.onOpen(now())
    carrySecond = () => {
      for (const frame of trades.sent.splice(0)) second.onFrame(frame)
    }
    carrySecond()
  }
  return {
    simulator,
    host,
    trades,
    definition,
    live(ms: number) {
      for (let passed = 0; passed < ms * MICROS_PER_MS; passed += STEP) {
        simulator.advance(now() + STEP)
        session.onTick(now())
        carry()
      }
    },
    /** What the session holds, and what was last told. */
    sides(one: SimulatedInstrument) {
      const { instrument } = one
      const { depth } = way
      const text = (levels: readonly (readonly [number, number])[]) =>
        levels.map(([price, quantity]) => `${priceText(instrument, price)} ${quantityText(instrument, quantity)}`)
      const { bids, asks } = host.book(instrument.id).levels(depth)
      const levels = simulator.exchange.market.levels(one, depth)
      return { held: [text(bids), text(asks)], standing: [text(levels.bids), text(levels.asks)] }
    },
  }
}

describe.each(listed.map(({ name }) => name))('%s', name => {
  test('every book is good, and is the one of the exchange', () => {
    const { live, host, trades, definition, sides } = connect(name)
    live(30_000)
    expect(host.failures).toEqual([])
    for (const one of definition.instruments) {
      expect(host.book(one.instrument.id).staleness).toBeNull()
      const { held, standing } = sides(one)
      expect(held[0]!.length).toBeGreaterThan(5)
      expect(held).toEqual(standing)
    }
    expect(trades.trades.length).toBeGreaterThan(10)
    expect(trades.tickers.length).toBeGreaterThan(3)
  })

  test('an update that is left out makes a book stale at once, and it becomes good again', () => {
    const { live, simulator, host, definition, sides } = connect(name)
    live(5_000)
    host.told.length = 0
    simulator.faults.add({ kind: 'gap', on: ['book'], count: 1, probability: 1, ms: 0, part: 0.5 })
    live(10_000)
    expect(simulator.faults.fired.map(({ kind }) => kind)).toEqual(['gap'])
    expect(host.told).toContain(WAYS[name]!.noticedBy)
    live(5_000)
    for (const one of definition.instruments) {
      expect(host.book(one.instrument.id).staleness).toBeNull()
      const { held, standing } = sides(one)
      expect(held).toEqual(standing)
    }
  })
})
