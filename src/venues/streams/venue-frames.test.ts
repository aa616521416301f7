import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { defineInstrument, MICROS_PER_SECOND } from '../../kernel/index.ts'
import { createHtxTradeSession } from '../htx/public-session.ts'
import type { VenueName } from '../port/index.ts'
import { BOOK_SESSIONS } from '../public-sessions.ts'
import { FakeMarketHost } from './fake.ts'

/** Given frames as the venues document them, then what is sent and told. Books are in `public-stream.test.ts`. */
function opened(venue: VenueName, pair: string, symbol: string, make = BOOK_SESSIONS[venue]) {
  const instrument = defineInstrument({ venue, pair, symbol, tick: '0.0001', lot: '0.1' })
  const host = new FakeMarketHost([instrument])
  const session = make([instrument], host)
  session.onOpen(MICROS_PER_SECOND)
  const sent = () => host.sent.splice(0).map(text => (text.startsWith('{') ? JSON.parse(text) : text))
  const read = (...frames: (object | string)[]) => {
    for (const frame of frames) session.onFrame(typeof frame === 'string' ? frame : JSON.stringify(frame), 2_000_000)
  }
  const trades = () => host.trades.map(([, trade]) => trade)
  return { host, session, sent, read, trades, instrument }
}

const buy = { price: 5_023, quantity: 12_000, side: 'buy' }

describe('Binance', () => {
  test('subscribes, asks for the snapshot once that is acknowledged, and asks for life', () => {
    const { host, session, sent, read } = opened('binance', 'XRP/USDT', 'XRPUSDT')
    expect(sent()).toEqual([
      { method: 'SUBSCRIBE', params: ['xrpusdt@depth@100ms', 'xrpusdt@trade', 'xrpusdt@ticker'], id: 1 },
    ])
    expect(host.snapshotsAsked).toEqual([])
    read({ result: null, id: 1 })
    expect(host.snapshotsAsked).toEqual(['binance:XRP/USDT'])
    session.onTick(17 * MICROS_PER_SECOND)
    expect(sent()).toEqual([{ method: 'LIST_SUBSCRIPTIONS', id: 2 }])
    read({ error: { code: 2, msg: 'Invalid request' }, id: 1 })
    expect(host.failures).toEqual(['refused by Binance: Invalid request'])
  })

  test('trades and tickers; the aggressor is who was not the maker', () => {
    const { host, read, trades } = opened('binance', 'XRP/USDT', 'XRPUSDT')
    const trade = { e: 'trade', s: 'XRPUSDT', p: '0.50230000', q: '1200.00', T: 1_700_000_000_123, m: false }
    read({ stream: 'xrpusdt@trade', data: trade }, { stream: 'x', data: { ...trade, m: true } })
    expect(trades()).toEqual([
      { ...buy, at: 1_700_000_000_123_000 },
      { ...buy, side: 'sell', at: 1_700_000_000_123_000 },
    ])
    read({ stream: 'xrpusdt@ticker', data: { e: '24hrTicker', s: 'XRPUSDT', b: '0.5022', a: '0.5024', c: '0.5023' } })
    expect(host.tickers).toMatchObject([{ bid: 5_022, ask: 5_024, last: 5_023 }])
  })
})

test('Kraken: the names of version 2, whatever REST calls it; a refusal ends it; pings', () => {
  const { host, session, sent, read } = opened('kraken', 'XRP/USD', 'XXRPZUSD')
  const symbol = ['XRP/USD']
  expect(sent()).toEqual([
    { method: 'subscribe', params: { channel: 'book', symbol, depth: 100, snapshot: true } },
    { method: 'subscribe', params: { channel: 'trade', symbol, snapshot: false } },
    { method: 'subscribe', params: { channel: 'ticker', symbol, snapshot: true } },
  ])
  for (let s = 2; s < 32; s++) read({ channel: 'heartbeat' })
  session.onFrame('{"channel":"heartbeat"}', 30 * MICROS_PER_SECOND)
  session.onTick(31 * MICROS_PER_SECOND)
  expect(sent()[0]).toEqual({ method: 'ping' })
  read({ method: 'subscribe', success: false, error: 'Currency pair not supported XRP/USD' })
  expect(host.failures).toEqual(['refused by Kraken: Currency pair not supported XRP/USD'])
})

test('OKX: pings are bare text', () => {
  const { host, session, sent, read } = opened('okx', 'XRP/USDT', 'XRP-USDT')
  expect(sent()[0].args).toHaveLength(3)
  session.onTick(22 * MICROS_PER_SECOND)
  expect(sent()).toContain('ping')
  read('pong', { event: 'error', code: '60012', msg: 'Invalid request' })
  expect(host.failures).toEqual(['refused by OKX: Invalid request'])
})

test('Bybit: at most ten topics a request; trades', () => {
  const instruments = ['A', 'B', 'C', 'D'].map(base =>
    defineInstrument({ venue: 'bybit', pair: `${base}${base}/USDT`, tick: '0.0001', lot: '0.1' }),
  )
  const host = new FakeMarketHost(instruments)
  BOOK_SESSIONS.bybit(instruments, host).onOpen(1)
  expect(host.sent.map(text => JSON.parse(text).args.length)).toEqual([10, 2])
  const { read, trades } = opened('bybit', 'XRP/USDT', 'XRPUSDT')
  const data = [{ T: 1_700_000_000_123, s: 'XRPUSDT', S: 'Buy', v: '1200', p: '0.5023' }]
  read({ topic: 'publicTrade.XRPUSDT', type: 'snapshot', ts: 1, data })
  expect(trades()).toEqual([{ ...buy, at: 1_700_000_000_123_000 }])
})

test('Bybit: a number of 1 begins the book anew', () => {
  const { host, read, instrument } = opened('bybit', 'XRP/USDT', 'XRPUSDT')
  const frame = (type: string, u: number, b: string[][], a: string[][]) => ({
    topic: 'orderbook.50.XRPUSDT',
    type,
    ts: 1,
    data: { s: 'XRPUSDT', b, a, u, seq: 1 },
  })
  read(frame('snapshot', 70, [['0.5', '1']], [['0.6', '1']]), frame('delta', 1, [['0.4', '2']], []))
  expect(host.book(instrument.id).toSnapshot(5)).toMatchObject({ sequence: 1, bids: [[4_000, 20]], asks: [] })
})

test('KuCoin: waits for the welcome; changes that the snapshot holds are dropped one by one', () => {
  const { host, session, sent, read, trades, instrument } = opened('kucoin', 'XRP/USDT', 'XRP-USDT')
  expect(sent()).toEqual([])
  read({ id: 'x', type: 'welcome' })
  expect(sent().map(({ topic }) => topic)).toEqual(
    ['/market/level2', '/market/match', '/market/ticker'].map(channel => `${channel}:XRP-USDT`),
  )
  read({ id: '1', type: 'ack' })
  const asks = [
    ['0.6', '7', '11'],
    ['0.7', '8', '12'],
    ['0', '0', '13'],
  ]
  const data = { symbol: 'XRP-USDT', sequenceStart: 11, sequenceEnd: 13, changes: { asks, bids: [] } }
  read({ type: 'message', topic: '/market/level2:XRP-USDT', subject: 'trade.l2update', data })
  const snapshot = { code: '200000', data: { sequence: '11', bids: [['0.5', '1']], asks: [['0.6', '9']] } }
  session.onSnapshot(instrument.id, JSON.stringify(snapshot), 3)
  expect(host.book(instrument.id).toSnapshot(5)).toMatchObject({
    sequence: 13,
    asks: [
      [6_000, 90],
      [7_000, 80],
    ],
  })
  const match = { symbol: 'XRP-USDT', side: 'buy', size: '1200', price: '0.5023', time: '1700000000123456789' }
  read({ type: 'message', topic: '/market/match:XRP-USDT', subject: 'trade.l3match', data: match })
  expect(trades()).toEqual([{ ...buy, at: 1_700_000_000_123_456 }])
})

describe('HTX', () => {
  const pack = (message: object) => new Uint8Array(gzipSync(JSON.stringify(message)))

  test('answers pings; trades and tickers come on a socket of their own, which is ready without books', () => {
    const { host, session, sent, trades, instrument } = opened('htx', 'XRP/USDT', 'xrpusdt', createHtxTradeSession)
    expect(sent().map(({ sub }) => sub)).toEqual(['market.xrpusdt.trade.detail', 'market.xrpusdt.ticker'])
    session.onFrame(pack({ ping: 1_492_420_473_027 }), 2)
    expect(sent()).toEqual([{ pong: 1_492_420_473_027 }])
    for (const channel of ['trade.detail', 'ticker'])
      session.onFrame(pack({ id: '1', status: 'ok', subbed: `market.xrpusdt.${channel}`, ts: 1 }), 2)
    expect(host.readyCount).toBe(1)
    const data = [{ id: 1, ts: 1_700_000_000_123, tradeId: 1, amount: 1_200.00004, price: 0.5023, direction: 'buy' }]
    session.onFrame(pack({ ch: 'market.xrpusdt.trade.detail', ts: 1, tick: { id: 1, ts: 1, data } }), 2)
    expect(trades()).toEqual([{ ...buy, at: 1_700_000_000_123_000 }])
    const tick = { open: 0.5, close: 0.5023, bid: 0.5022, bidSize: 1, ask: 0.5024, askSize: 1, lastPrice: 0.5023 }
    session.onFrame(pack({ ch: 'market.xrpusdt.ticker', ts: 1, tick }), 2)
    expect(host.tickers).toMatchObject([{ instrument: instrument.id, bid: 5_022, ask: 5_024, last: 5_023 }])
    session.onTick(60 * MICROS_PER_SECOND)
    expect([host.failures.length, host.told, host.book(instrument.id).staleness]).toEqual([1, [], 'empty'])
  })

  test('what is not packed, or unpacks to too much, cannot be read', () => {
    for (const frame of [Uint8Array.of(1, 2, 3), new Uint8Array(gzipSync(Buffer.alloc(5 * 2 ** 20, 32)))]) {
      const { host, session } = opened('htx', 'XRP/USDT', 'xrpusdt')
      session.onFrame(frame, 2)
      expect(host.failures).toHaveLength(1)
    }
  })
})

describe('Bitfinex', () => {
  const subscribed = (chanId: number, channel: string) => ({ event: 'subscribed', channel, chanId, symbol: 'tXRPUSD' })

  test('turns numbers and checksums on; holds the book to its checksum', () => {
    const { host, sent, read } = opened('bitfinex', 'XRP/USD', 'tXRPUSD')
    expect(sent()[0]).toEqual({ event: 'conf', flags: 196_608 })
    read(subscribed(7, 'book'), '[7,[[0.5,1,10],[0.4,2,20.5],[0.6,1,-3]],1]')
    // crc32 of '0.5:10:0.6:-3:0.4:20.5' by Python's zlib, as a signed integer.
    read('[7,"cs",1594492668,2]')
    expect(host.told).toEqual([null])
    read('[7,"cs",1,3]')
    expect(host.told).toEqual([null, 'checksum'])
    expect(sent().at(-1)).toEqual({ event: 'unsubscribe', chanId: 7 })
    read({ event: 'unsubscribed', status: 'OK', chanId: 7 })
    expect(sent()).toMatchObject([{ event: 'subscribe', channel: 'book', symbol: 'tXRPUSD', len: '100' }])
  })

  test('a trade is told once; a channel that is silent while others speak loses its book', () => {
    const { host, session, read, trades } = opened('bitfinex', 'XRP/USD', 'tXRPUSD')
    read(subscribed(7, 'book'), subscribed(8, 'trades'), '[7,[[0.5,1,10],[0.6,1,-3]],1]')
    read('[8,[[1,1700000000000,5,0.5]],2]', '[8,"te",[401597395,1700000000123,1200,0.5023],3]')
    read('[8,"tu",[401597395,1700000000123,1200,0.5023],4]', '[8,"hb",5]')
    expect(trades()).toEqual([{ ...buy, at: 1_700_000_000_123_000 }])
    session.onFrame('[8,"hb",6]', 43 * MICROS_PER_SECOND)
    session.onTick(43 * MICROS_PER_SECOND)
    expect(host.told).toEqual([null, 'silent'])
    expect(host.failures).toEqual([])
    read({ event: 'info', code: 20_051, msg: 'Stopping' })
    expect(host.failures).toEqual(['Bitfinex says 20051: Stopping'])
  })
})
