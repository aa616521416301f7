import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readRecording } from '../../scripts/replay/recording.ts'
import { replay } from '../../scripts/replay/replay.ts'
import { surveyInstruments } from '../../scripts/replay/survey.ts'
import { defineInstrument } from '../../src/kernel/index.ts'
import { FakeMarketHost } from '../../src/venues/fake.ts'
import { BOOK_SESSIONS, type VenueName } from '../../src/venues/index.ts'
import { HtxStep0, KrakenVersion1, OldBybit, OldCoinbase } from './old-protocols.ts'

/** Recordings of other people, read where they lie: `BOURSE_SHARED` names the folder. Without it this file skips itself. */
const shared = process.env.BOURSE_SHARED ?? join(import.meta.dirname, '../../../shared')
const isThere = existsSync(join(shared, 'cases/wire'))
const cryptofeed = (name: string) => join(shared, 'cases/wire/cryptofeed', name)
const ticks = (name: string) => join(shared, 'data/ticks', name)

function replayed(venue: VenueName, file: string) {
  const recorded = readRecording(file)
  return replay(venue, recorded, surveyInstruments(venue, recorded))
}

describe.skipIf(!isThere)('recordings of protocols that are spoken today', () => {
  test('Binance, 3,434 differences: no hole, and the best prices are those of the recorded bookTicker, 577 of 577', () => {
    const outcome = replayed('binance', ticks('hftbacktest_binance_spot_ethusdt_20240808.gz'))
    expect(outcome).toMatchObject({ failures: [], messages: 33_617, gaps: 0, snapshotsJoined: 1 })
    expect(outcome).toMatchObject({ comparedWithTicker: 577, tickerMismatches: 0 })
  })

  test('Binance, four instruments bridged to snapshots of REST', () => {
    const outcome = replayed('binance', cryptofeed('BINANCE.ws.1.0.gz'))
    expect(outcome).toMatchObject({ failures: [], gaps: 0, snapshotsJoined: 4, tickerMismatches: 0 })
    expect(outcome.comparedWithTicker).toBeGreaterThan(20)
  })

  test('KuCoin, 3,853 changes and 9 snapshots, of which all are joined', () => {
    const recorded = readRecording(cryptofeed('KUCOIN.ws.1.0.gz'))
    const changes = recorded.filter(one => one.kind === 'frame' && String(one.frame).includes('"trade.l2update"'))
    expect(changes).toHaveLength(3_853)
    const instruments = surveyInstruments('kucoin', recorded)
    const outcome = replay('kucoin', recorded, instruments)
    expect(outcome).toMatchObject({ failures: [], gaps: 0, snapshotsJoined: 9, tickerMismatches: 0 })
    expect(outcome.comparedWithTicker).toBeGreaterThan(700)
    // One order of 452,338,153.08 CAPP beside others with eight decimals: no unit holds both in a safe integer, and it is said.
    const stale = instruments.filter(one => outcome.books.get(one.id)!.staleness !== null)
    expect(stale.map(one => [one.symbol, outcome.books.get(one.id)!.staleness])).toEqual([['CAPP-BTC', 'unreadable']])
  })

  test('OKX, 290 checksums of 290', () => {
    const outcome = replayed('okx', cryptofeed('OKX.ws.1.0.gz'))
    expect(outcome).toMatchObject({ failures: [], applied: 290, checksumsOk: 290, checksumsBad: 0 })
  })

  test('Bybit, 50 messages of 500 levels, numbered without a hole', () => {
    const outcome = replayed('bybit', ticks('nautilus_bybit_xrpusdt-ob500.data.zip'))
    expect(outcome).toMatchObject({ failures: [], messages: 50, applied: 50, gaps: 0 })
  })

  test('Bitfinex, every message numbered, no hole, and every side within the 100 levels that were asked for', () => {
    const outcome = replayed('bitfinex', cryptofeed('BITFINEX.ws.11.0.gz'))
    expect(outcome).toMatchObject({ failures: [], gaps: 0, applied: 1_600 })
    for (const book of outcome.books.values())
      for (const side of ['buy', 'sell'] as const) expect(book.count(side)).toBeLessThanOrEqual(100)
  })
})

describe.skipIf(!isThere)('recordings of protocols that are gone, decoded by the test alone', () => {
  test('Kraken: the checksums of all 4,269 updates of version 1 hold through the session of version 2', () => {
    const old = new KrakenVersion1()
    const frames = readRecording(cryptofeed('KRAKEN.ws.50.0.gz')).flatMap(one =>
      one.kind === 'frame' ? [old.translate(String(one.frame))].filter(text => text !== undefined) : [],
    )
    const instruments = [...old.instruments.values()]
    const host = new FakeMarketHost(instruments)
    const session = BOOK_SESSIONS.kraken(instruments, host)
    session.onOpen(1)
    frames.forEach((frame, i) => {
      session.onFrame(frame, i + 2)
    })
    expect(old.updates).toBe(4_269)
    expect(session.counts).toMatchObject({ checksumsOk: 4_269 + instruments.length, checksumsBad: 0 })
    expect(host.failures).toEqual([])
  })

  const linesWith = (file: string, text: string) =>
    gunzipSync(readFileSync(cryptofeed(file)))
      .toString()
      .split('\n')
      .filter(line => !line.includes('<-') && line.includes(text)).length

  test('the old Coinbase feed, through the session of Advanced Trade', () => {
    const old = new OldCoinbase()
    const frames = readRecording(cryptofeed('COINBASE.ws.28.0.gz')).flatMap(one =>
      one.kind === 'frame' ? [old.translate(String(one.frame))].filter(text => text !== undefined) : [],
    )
    const instruments = [...old.instruments.values()]
    const host = new FakeMarketHost(instruments)
    const session = BOOK_SESSIONS.coinbase(instruments, host)
    session.onOpen(1)
    for (const frame of frames) session.onFrame(frame, 2)
    const [snapshots, updates] = ['"snapshot"', '"l2update"'].map(type => linesWith('COINBASE.ws.28.0.gz', type))
    expect([instruments.length, snapshots, updates]).toEqual([10, 10, 9_719])
    expect(session.counts).toMatchObject({ applied: snapshots! + updates!, gaps: 0 })
    expect(host.failures).toEqual([])
  })

  test.each([
    ['BYBIT.ws.25.0.gz', 8],
    ['BYBIT.ws.26.0.gz', 2],
  ])('Bybit before version 5: %s', (file, instruments) => {
    const old = new OldBybit()
    for (const one of readRecording(cryptofeed(file))) if (one.kind === 'frame') old.read(String(one.frame))
    expect(old.books.size).toBe(instruments)
    expect(old.updates).toBe(linesWith(file, '"topic":"orderBookL2_25'))
    for (const book of old.books.values()) expect(book.staleness).toBeNull()
  })

  test('HTX step0: frames are unpacked as today', () => {
    const old = new HtxStep0()
    let frames = 0
    for (const one of readRecording(cryptofeed('HUOBI.ws.44.0.gz'))) {
      if (one.kind !== 'frame' || typeof one.frame === 'string') continue
      const text = gunzipSync(one.frame).toString()
      if (text.includes('.depth.step0"') && text.includes('"tick"')) frames += 1
      old.read(one.frame)
    }
    expect([old.books.size, old.updates]).toEqual([10, frames])
    expect(frames).toBeGreaterThan(100)
    for (const book of old.books.values()) expect(book.staleness).toBeNull()
  })
})

const vectors = isThere ? JSON.parse(readFileSync(join(shared, 'cases/wire/checksum_vectors.json'), 'utf8')) : {}

describe.skipIf(!isThere)('the two vectors that Kraken publishes', () => {
  test.each([
    ['kraken_v1', '0.00001'],
    ['kraken_v2', '0.1'],
  ])('%s', (name, tick) => {
    const { asks, bids, qty_all, checksum } = vectors[name]
    const instrument = defineInstrument({ venue: 'kraken', pair: 'BTC/USD', tick, lot: '0.00000001' })
    const side = (levels: (string | [string, string])[]) =>
      `[${levels
        .map(level => (typeof level === 'string' ? [level, qty_all] : level))
        .map(([price, qty]) => `{"price":${price},"qty":${qty}}`)
        .join(',')}]`
    const frame = (sum: number) =>
      `{"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":${side(bids)},"asks":${side(asks)},"checksum":${sum}}]}`
    const host = new FakeMarketHost([instrument])
    const session = BOOK_SESSIONS.kraken([instrument], host)
    session.onOpen(1)
    session.onFrame(frame(checksum), 2)
    session.onFrame(frame(checksum + 1), 3)
    expect(host.told).toEqual([null, 'checksum'])
  })
})

describe.skipIf(!isThere)('messages as the venues send them today', () => {
  const messageOf = (path: string) => readFileSync(join(shared, 'cases/wire/nautilus_trader', path), 'utf8')
  function session(venue: VenueName, pair: string, symbol: string, tick: string, lot: string) {
    const instrument = defineInstrument({ venue, pair, symbol, tick, lot })
    const host = new FakeMarketHost([instrument])
    const made = BOOK_SESSIONS[venue]([instrument], host)
    made.onOpen(1)
    let at = 1
    return {
      host,
      instrument,
      counts: made.counts,
      read: (...paths: string[]) => {
        for (const path of paths) made.onFrame(messageOf(path), ++at)
      },
    }
  }

  test('Kraken', () => {
    const { host, instrument, read, counts } = session('kraken', 'BTC/USD', 'XXBTZUSD', '0.1', '0.00000001')
    read(
      ...['ws_subscribe_response', 'ws_pong', 'ws_ticker_snapshot', 'ws_trade_update'].map(
        name => `kraken/${name}.json`,
      ),
    )
    expect(host.tickers).toEqual([
      { instrument: instrument.id, bid: 1_059_442, ask: 1_059_443, last: 1_058_994, at: 4 },
    ])
    expect(host.trades.map(([, trade]) => trade)).toEqual([
      { at: 1_696_613_755_440_295, price: 1_059_442, quantity: 27_625, side: 'buy' },
      { at: 1_696_613_756_123_456, price: 1_059_105, quantity: 12_460, side: 'sell' },
    ])
    read('kraken/ws_ohlc_update.json')
    expect(counts.ignored).toBe(1)
    // Three levels, whose checksum is not of them: read, and refused.
    read('kraken/ws_book_snapshot.json', 'kraken/ws_book_update.json')
    expect(host.told).toEqual(['checksum'])
    expect(host.failures).toEqual([])
  })

  test('Coinbase', () => {
    const { host, instrument, read } = session('coinbase', 'BTC/USD', 'BTC-USD', '0.01', '0.00000001')
    read(...['ws_l2_data_snapshot', 'ws_l2_data_update'].map(name => `coinbase/${name}.json`))
    const book = host.book(instrument.id)
    expect(book.staleness).toBeNull()
    expect(book.levels(2)).toEqual({
      bids: [
        [6_890_000, 200_000_000],
        [6_889_950, 75_000_000],
      ],
      asks: [
        [6_890_150, 120_000_000],
        [6_890_200, 80_000_000],
      ],
    })
    read('coinbase/ws_market_trades.json')
    expect(host.trades.map(([, trade]) => [trade.price, trade.quantity, trade.side])).toEqual([
      [6_890_050, 150_000, 'sell'],
      [6_890_000, 5_000_000, 'buy'],
    ])
    expect(book.staleness).toBe('gap')
    read('coinbase/ws_ticker.json', 'coinbase/ws_heartbeats.json', 'coinbase/ws_subscriptions.json')
    expect(host.tickers).toMatchObject([{ bid: 6_890_000, ask: 6_890_100, last: 6_890_050 }])
    expect(host.failures).toEqual([])
  })

  test('OKX', () => {
    const { host, instrument, read, counts } = session('okx', 'BTC/USDT', 'BTC-USDT', '0.01', '0.00000001')
    read('okx/ws_tickers.json', 'okx/ws_candle.json')
    expect(host.tickers).toEqual([{ instrument: instrument.id, bid: 888_888, ask: 999_999, last: 999_999, at: 2 }])
    expect(counts.ignored).toBe(1)
    // Sixteen levels of a longer book: their checksum is not of them.
    read('okx/ws_books_snapshot.json', 'okx/ws_books_update.json')
    expect(host.told).toEqual(['checksum'])
    expect(host.failures).toEqual([])
    const spot = session('okx', 'BTC/USD', 'BTC-USD', '0.1', '0.00000001')
    spot.read('okx/ws_trades.json')
    const trade = { at: 1_630_048_897_897_000, price: 422_199, quantity: 12_060_306, side: 'buy' }
    expect(spot.host.trades).toEqual([[spot.instrument.id, trade]])
  })

  test('Bybit', () => {
    const { host, instrument, read } = session('bybit', 'BTC/USDT', 'BTCUSDT', '0.01', '0.001')
    read('bybit/ws_subscription_ack.json', 'bybit/ws_orderbook_snapshot.json', 'bybit/ws_orderbook_delta.json')
    expect(host.book(instrument.id).levels(2)).toEqual({
      bids: [
        [2_745_000, 400],
        [2_744_950, 1_000],
      ],
      asks: [[2_745_150, 900]],
    })
    read('bybit/ws_ticker_linear.json', 'bybit/ws_kline.json')
    expect(host.tickers).toMatchObject([{ bid: 2_745_000, ask: 2_745_150 }])
    expect(host.failures).toEqual([])
    read('bybit/ws_subscription_failure.json')
    expect(host.failures).toEqual(['refused by Bybit: Invalid topic: invalid.topic.BTCUSDT'])
  })

  test('Binance futures: the number before is named', () => {
    const folder = 'binance/futures/market_data_json'
    const { host, instrument, read } = session('binance', 'BTC/USDT', 'BTCUSDT', '0.0001', '0.001')
    read(`${folder}/trade_stream.json`, `${folder}/ticker_stream.json`, `${folder}/depth_update_stream.json`)
    expect(host.trades).toEqual([[instrument.id, { at: 123_456_785_000, price: 10, quantity: 100_000, side: 'sell' }]])
    expect(host.tickers).toMatchObject([{ bid: null, ask: null, last: 165_846_000 }])
    read(`${folder}/book_ticker_stream.json`, `${folder}/kline_stream_open.json`)
    expect(host.failures).toEqual([])
  })
})
