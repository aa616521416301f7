import { crc32 } from 'node:zlib'
import type { Instrument, Micros, Side } from '../../kernel/index.ts'
import type { LevelText } from '../../market/index.ts'
import type { MarketHost } from '../port/index.ts'
import { microsOfIso, type PublicProtocol, PublicStream, TextReader, type WatchedBook } from '../streams/index.ts'
import { krakenStreamSymbol } from './symbols.ts'

interface KrakenLevel {
  readonly price: number
  readonly qty: number
}

interface BookData {
  readonly symbol: string
  readonly bids: readonly KrakenLevel[]
  readonly asks: readonly KrakenLevel[]
  readonly checksum: number
}

interface TradeData {
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly price: number
  readonly qty: number
  readonly timestamp: string
}

interface TickerData {
  readonly symbol: string
  readonly bid: number
  readonly ask: number
  readonly last: number
}

type Message =
  | { readonly channel: 'book'; readonly type: 'snapshot' | 'update'; readonly data: readonly BookData[] }
  | { readonly channel: 'trade'; readonly type: 'snapshot' | 'update'; readonly data: readonly TradeData[] }
  | { readonly channel: 'ticker'; readonly data: readonly TickerData[] }
  | { readonly channel: 'heartbeat' | 'status' }
  | { readonly channel: undefined; readonly method: string; readonly success?: boolean; readonly error?: string }

/** One of the depths that the venue offers: 10, 25, 100, 500, 1000. */
const DEPTH = 100
/** Levels of each side that the checksum covers. */
const CHECKED = 10

/**
 * What the checksum wants of a level: the digits of price and quantity at the pair's decimals, without the point and
 * without leading zeros. Those are the numbers of units.
 * https://docs.kraken.com/api/docs/guides/spot-ws-book-v2
 */
const levelText = ({ tickSize, lotSize }: Instrument): LevelText =>
  tickSize === 1 && lotSize === 1
    ? (price, quantity) => `${price}${quantity}`
    : (price, quantity) => `${price * tickSize}${quantity * lotSize}`

function krakenChecksum(watched: WatchedBook, textOf: LevelText): number {
  const { book } = watched
  let text = ''
  for (let rank = 0, count = Math.min(CHECKED, book.count('sell')); rank < count; rank++)
    text += book.text('sell', rank, textOf)
  for (let rank = 0, count = Math.min(CHECKED, book.count('buy')); rank < count; rank++)
    text += book.text('buy', rank, textOf)
  return crc32(text)
}

class KrakenProtocol implements PublicProtocol {
  /** With anything subscribed a heartbeat comes every second in which nothing else did. */
  readonly pingEveryMs = 30_000
  readonly silentAfterMs = 10_000
  readonly #stream: PublicStream
  readonly #reader = new TextReader()
  readonly #texts = new Map<WatchedBook, LevelText>()

  constructor(stream: PublicStream) {
    this.#stream = stream
    for (const watched of stream.books) this.#texts.set(watched, levelText(watched.instrument))
  }

  open(): void {
    const symbol = this.#stream.books.map(watched => watched.symbol)
    this.#stream.send({ method: 'subscribe', params: { channel: 'book', symbol, depth: DEPTH, snapshot: true } })
    this.#stream.send({ method: 'subscribe', params: { channel: 'trade', symbol, snapshot: false } })
    this.#stream.send({ method: 'subscribe', params: { channel: 'ticker', symbol, snapshot: true } })
  }

  ping(): void {
    this.#stream.send({ method: 'ping' })
  }

  resubscribe({ symbol }: WatchedBook): void {
    const params = { channel: 'book', symbol: [symbol], depth: DEPTH }
    this.#stream.send({ method: 'unsubscribe', params })
    this.#stream.send({ method: 'subscribe', params: { ...params, snapshot: true } })
  }

  /** `{"channel":"book","type":"update","data":[{"symbol":"…","bids":[…],"asks":[…],"checksum":…,"timestamp":"…"}]}` */
  readText(text: string, at: Micros): boolean {
    const reader = this.#reader
    reader.open(text)
    if (!reader.skip('{"channel":"book","type":"update","data":[{"symbol":"')) return false
    const watched = this.#stream.find(reader.until('"'))
    if (watched === undefined || watched.book.staleness !== null || !text.endsWith('"}]}')) return false
    if (!reader.skip(',"bids":[') || !this.#levels(watched, 'buy')) return false
    if (!reader.skip(',"asks":[') || !this.#levels(watched, 'sell') || !reader.skip(',"checksum":')) return false
    const checksum = reader.integer()
    if (!reader.skip(',"timestamp":"')) return false
    this.#settle(watched, checksum, at)
    return true
  }

  #levels(watched: WatchedBook, side: Side): boolean {
    const reader = this.#reader
    const { priceScale, tickSize, quantityScale, lotSize } = watched.instrument
    if (reader.skip(']')) return true
    while (reader.skip('{"price":')) {
      const price = reader.steps(priceScale, tickSize, false)
      if (!reader.skip(',"qty":')) return false
      const quantity = reader.steps(quantityScale, lotSize, false)
      if (!reader.skip('}')) return false
      watched.book.set(side, price, quantity)
      if (reader.skip(']')) return true
      if (!reader.skip(',')) return false
    }
    return false
  }

  read(frame: unknown, at: Micros): void {
    const message = frame as Message
    switch (message.channel) {
      case 'book':
        for (const data of message.data) this.#book(data, message.type === 'snapshot', at)
        return
      case 'trade':
        for (const data of message.data) this.#trade(data)
        return
      case 'ticker':
        for (const data of message.data) this.#ticker(data, at)
        return
      case 'heartbeat':
      case 'status':
        return
      case undefined:
        if (message.method === 'subscribe' && message.success === false)
          this.#stream.fail(`refused by Kraken: ${message.error}`)
        return
      default:
        this.#stream.counts.ignored += 1
    }
  }

  #book(data: BookData, isSnapshot: boolean, at: Micros): void {
    const watched = this.#stream.findOrIgnore(data.symbol)
    if (watched === undefined) return
    const { book } = watched
    if (isSnapshot) book.begin(DEPTH)
    else if (book.staleness !== null) return
    for (const { price, qty } of data.bids)
      book.set('buy', watched.ticksOfNumber(price), watched.exactLotsOfNumber(qty))
    for (const { price, qty } of data.asks)
      book.set('sell', watched.ticksOfNumber(price), watched.exactLotsOfNumber(qty))
    this.#settle(watched, data.checksum, at)
  }

  #settle(watched: WatchedBook, checksum: number, at: Micros): void {
    const outcome = watched.book.commit(watched.book.sequence + 1, at)
    if (outcome !== 'applied' || krakenChecksum(watched, this.#texts.get(watched)!) === checksum) {
      if (outcome === 'applied') this.#stream.counts.checksumsOk += 1
      this.#stream.settle(watched, outcome, at)
    } else this.#stream.lose(watched, 'checksum', at)
  }

  #trade(data: TradeData): void {
    const watched = this.#stream.findOrIgnore(data.symbol)
    if (watched === undefined) return
    const price = watched.ticksOfNumber(data.price)
    this.#stream.trade(watched, price, watched.lotsOfNumber(data.qty), data.side, microsOfIso(data.timestamp))
  }

  #ticker(data: TickerData, at: Micros): void {
    const watched = this.#stream.findOrIgnore(data.symbol)
    if (watched === undefined) return
    const [bid, ask, last] = [data.bid, data.ask, data.last].map(price => watched.ticksOfNumber(price))
    this.#stream.ticker(watched, bid!, ask!, last!, at)
  }
}

/** Version 2: books held to the venue's checksum, trades and tickers. */
export const createKrakenPublicSession = (instruments: readonly Instrument[], host: MarketHost): PublicStream =>
  new PublicStream(instruments, host, {
    symbolOf: krakenStreamSymbol,
    protocol: stream => new KrakenProtocol(stream),
  })
