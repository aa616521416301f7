import { crc32 } from 'node:zlib'
import { type Instrument, MICROS_PER_SECOND, type Micros } from '../../kernel/index.ts'
import type { LevelText } from '../../market/index.ts'
import type { MarketHost } from '../port/index.ts'
import { microsOfMs, type PublicProtocol, PublicStream, TextReader, type WatchedBook } from '../streams/index.ts'
import { bitfinexSymbol } from './symbols.ts'

/** Amounts above zero are bids, below zero asks; with a count of zero the level is gone. https://docs.bitfinex.com/reference/ws-public-books */
type BookEntry = readonly [price: number, count: number, amount: number]
type TradeEntry = readonly [id: number, ms: number, amount: number, price: number]
type TickerEntry = readonly [bid: number, s: number, ask: number, s: number, d: number, p: number, last: number]

interface EventMessage {
  readonly event: string
  readonly channel?: Channel
  readonly chanId?: number
  readonly symbol?: string
  readonly code?: number
  readonly msg?: string
}

/** With numbering on, the number of the message comes last. */
type ChannelMessage = readonly [chanId: number, ...rest: unknown[]]

type Channel = 'book' | 'trades' | 'ticker'
const CHANNELS: readonly Channel[] = ['book', 'trades', 'ticker']

/** `SEQ_ALL` numbers all messages of the connection, `OB_CHECKSUM` sends checksums of books. */
const CONF_FLAGS = 65_536 | 131_072
const LENGTH = '100'
/** Levels of each side that the checksum covers. */
const CHECKED = 25
/** A channel beats every 15 seconds in which nothing else came on it. */
const CHANNEL_SILENT: Micros = 40 * MICROS_PER_SECOND
/** The server is about to restart; it goes into, and comes out of, maintenance. */
const GOING_AWAY = [20_051, 20_060, 20_061]

/** The numbers are written as JavaScript does, which is what the venue runs on: small ones with an exponent. */
const levelText = (instrument: Instrument, sign: 1 | -1): LevelText => {
  const { priceScale, tickSize, quantityScale, lotSize } = instrument
  const [price, quantity] = [10 ** priceScale, 10 ** quantityScale]
  return (ticks, lots) => `${(ticks * tickSize) / price}:${(sign * lots * lotSize) / quantity}`
}

interface Texts {
  readonly bid: LevelText
  readonly ask: LevelText
}

/** https://docs.bitfinex.com/docs/ws-websocket-checksum: bids and asks in turn, signed. */
function bitfinexChecksum({ book }: WatchedBook, { bid, ask }: Texts): number {
  const bids = Math.min(CHECKED, book.count('buy'))
  const asks = Math.min(CHECKED, book.count('sell'))
  let text = ''
  for (let rank = 0; rank < bids || rank < asks; rank++) {
    if (rank < bids) text += `${text === '' ? '' : ':'}${book.text('buy', rank, bid)}`
    if (rank < asks) text += `${text === '' ? '' : ':'}${book.text('sell', rank, ask)}`
  }
  return crc32(text) | 0
}

interface Subscribed {
  readonly channel: Channel
  readonly watched: WatchedBook
  heardAt: Micros
}

class BitfinexProtocol implements PublicProtocol {
  readonly pingEveryMs = 15_000
  readonly silentAfterMs = 40_000
  readonly #stream: PublicStream
  readonly #texts = new Map<WatchedBook, Texts>()
  readonly #reader = new TextReader()
  readonly #channels = new Map<number, Subscribed>()
  #sequence: number | null = null

  constructor(stream: PublicStream) {
    this.#stream = stream
    for (const watched of stream.books)
      this.#texts.set(watched, { bid: levelText(watched.instrument, 1), ask: levelText(watched.instrument, -1) })
  }

  open(): void {
    this.#stream.send({ event: 'conf', flags: CONF_FLAGS })
    for (const watched of this.#stream.books) for (const channel of CHANNELS) this.#subscribe(channel, watched)
  }

  ping(at: Micros): void {
    this.#stream.send({ event: 'ping', cid: Math.floor(at / MICROS_PER_SECOND) % 100_000 })
  }

  onTick(at: Micros): void {
    for (const { channel, watched, heardAt } of this.#channels.values())
      if (channel === 'book' && watched.book.staleness === null && at - heardAt > CHANNEL_SILENT)
        this.#stream.lose(watched, 'silent', at)
  }

  /** Subscribed again once the venue says that the old one is gone: it refuses a second of the same. */
  resubscribe(watched: WatchedBook): void {
    const old = [...this.#channels].find(([, one]) => one.channel === 'book' && one.watched === watched)
    if (old === undefined) this.#subscribe('book', watched)
    else this.#stream.send({ event: 'unsubscribe', chanId: old[0] })
  }

  #subscribe(channel: Channel, { symbol }: WatchedBook): void {
    const book = channel === 'book' ? { prec: 'P0', freq: 'F0', len: LENGTH } : {}
    this.#stream.send({ event: 'subscribe', channel, symbol, ...book })
  }

  /** `[chanId,[price,count,amount],number]` */
  readText(text: string, at: Micros): boolean {
    const reader = this.#reader
    reader.open(text)
    if (this.#sequence === null || !reader.skip('[')) return false
    const subscribed = this.#channels.get(reader.integer())
    if (subscribed?.channel !== 'book' || !reader.skip(',[')) return false
    const { watched } = subscribed
    const { book } = watched
    const { priceScale, tickSize, quantityScale, lotSize } = watched.instrument
    const price = reader.steps(priceScale, tickSize, false)
    if (!reader.skip(',')) return false
    const count = reader.integer()
    if (!reader.skip(',')) return false
    const side = reader.skip('-') ? 'sell' : 'buy'
    const lots = reader.steps(quantityScale, lotSize, false)
    if (!reader.skip('],') || reader.integer() !== this.#sequence + 1 || !reader.skip(']') || !reader.isAtEnd)
      return false
    if (!(price > 0) || !(lots > 0) || !(count >= 0) || book.staleness !== null) return false
    this.#sequence += 1
    subscribed.heardAt = at
    book.set(side, price, count === 0 ? 0 : lots)
    this.#stream.settle(watched, book.commit(book.sequence + 1, at), at)
    return true
  }

  read(frame: unknown, at: Micros): void {
    if (!Array.isArray(frame)) {
      this.#event(frame as EventMessage, at)
      return
    }
    const message = frame as unknown as ChannelMessage
    const [chanId, what] = message
    if (!this.#isNext(message, at)) return
    const subscribed = this.#channels.get(chanId)
    if (subscribed === undefined) {
      this.#stream.counts.ignored += 1
      return
    }
    subscribed.heardAt = at
    if (what === 'hb') return
    const { channel, watched } = subscribed
    if (what === 'cs') this.#checksum(watched, message[2] as number, at)
    else if (channel === 'book') this.#book(watched, what as BookEntry | readonly BookEntry[], at)
    else if (channel === 'ticker') this.#ticker(watched, what as TickerEntry, at)
    else if (what === 'te') this.#trade(watched, message[2] as TradeEntry)
  }

  /** The number is the last of a message that is longer than what it tells. What is missing may have been of any book. */
  #isNext(message: ChannelMessage, at: Micros): boolean {
    const told = typeof message[1] === 'string' && message[1] !== 'hb' ? 3 : 2
    const sequence = message[told]
    if (typeof sequence !== 'number') return true
    const before = this.#sequence
    if (before !== null && sequence <= before) return false
    this.#sequence = sequence
    if (before !== null && sequence !== before + 1)
      for (const watched of this.#stream.books)
        if (watched.book.staleness === null) this.#stream.lose(watched, 'gap', at)
    return true
  }

  #event({ event, channel, chanId, symbol, code, msg }: EventMessage, at: Micros): void {
    if (event === 'subscribed') {
      const watched = this.#stream.find(symbol!)
      if (watched === undefined) this.#stream.counts.ignored += 1
      else this.#channels.set(chanId!, { channel: channel!, watched, heardAt: at })
    } else if (event === 'unsubscribed') {
      const old = this.#channels.get(chanId!)
      this.#channels.delete(chanId!)
      if (old !== undefined) this.#subscribe(old.channel, old.watched)
    } else if (event === 'error') this.#stream.fail(`refused by Bitfinex: ${msg}`)
    else if (event === 'info' && GOING_AWAY.includes(code!)) this.#stream.fail(`Bitfinex says ${code}: ${msg}`)
    else if (event !== 'info' && event !== 'conf' && event !== 'pong') this.#stream.counts.ignored += 1
  }

  #book(watched: WatchedBook, entries: BookEntry | readonly BookEntry[], at: Micros): void {
    const { book } = watched
    if (typeof entries[0] === 'number') {
      if (book.staleness !== null) return
      set(watched, entries as BookEntry)
    } else {
      book.begin()
      for (const entry of entries as readonly BookEntry[]) set(watched, entry)
    }
    this.#stream.settle(watched, book.commit(book.sequence + 1, at), at)
  }

  #checksum(watched: WatchedBook, checksum: number, at: Micros): void {
    if (watched.book.staleness !== null) return
    if (bitfinexChecksum(watched, this.#texts.get(watched)!) !== checksum) this.#stream.lose(watched, 'checksum', at)
    else this.#stream.counts.checksumsOk += 1
  }

  #ticker(watched: WatchedBook, entry: TickerEntry, at: Micros): void {
    const [bid, ask, last] = [entry[0], entry[2], entry[6]].map(price => watched.ticksOfNumber(price!))
    this.#stream.ticker(watched, bid!, ask!, last!, at)
  }

  /** `te` comes at once; `tu` tells the same trade again, with its final id. */
  #trade(watched: WatchedBook, [, ms, amount, price]: TradeEntry): void {
    const side = amount > 0 ? 'buy' : 'sell'
    const lots = watched.lotsOfNumber(Math.abs(amount))
    this.#stream.trade(watched, watched.ticksOfNumber(price), lots, side, microsOfMs(ms))
  }
}

function set(watched: WatchedBook, [price, count, amount]: BookEntry): void {
  const lots = count === 0 ? 0 : watched.exactLotsOfNumber(Math.abs(amount))
  watched.book.set(amount > 0 ? 'buy' : 'sell', watched.ticksOfNumber(price), lots)
}

/** Books held to numbers and checksums, trades, tickers. */
export const createBitfinexPublicSession = (instruments: readonly Instrument[], host: MarketHost): PublicStream =>
  new PublicStream(instruments, host, { symbolOf: bitfinexSymbol, protocol: stream => new BitfinexProtocol(stream) })
