import type { Instrument, Micros } from '../../kernel/index.ts'
import type { MarketHost } from '../port/index.ts'
import {
  microsOfMs,
  type PublicProtocol,
  PublicStream,
  type TextLevel,
  TextReader,
  type WatchedBook,
} from '../streams/index.ts'
import { bybitSymbol } from './symbols.ts'

/** https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook */
interface BookData {
  readonly s: string
  readonly b: readonly TextLevel[]
  readonly a: readonly TextLevel[]
  /** Of this update; 1 after a restart of the venue's service, which begins with a snapshot. */
  readonly u: number
}

interface TradeData {
  readonly T: number
  readonly s: string
  readonly S: 'Buy' | 'Sell'
  readonly v: string
  readonly p: string
}

interface TickerData {
  readonly symbol: string
  readonly lastPrice?: string
}

interface Message {
  readonly op?: string
  readonly success?: boolean
  readonly ret_msg?: string
  readonly topic: string
  readonly type: 'snapshot' | 'delta'
  readonly data: unknown
}

const DEPTH = 50
/** Topics in one request: the venue's limit for spot. */
const TOPICS_MAX = 10

/** `,"seq":…},"cts":…}` or without the last time. */
function isTail(reader: TextReader): boolean {
  if (!reader.skip(',"seq":')) return false
  reader.integer()
  if (!reader.skip('}')) return false
  if (reader.skip(',"cts":')) reader.integer()
  return reader.skip('}') && reader.isAtEnd
}

class BybitProtocol implements PublicProtocol {
  readonly pingEveryMs = 20_000
  readonly silentAfterMs = 45_000
  readonly #reader = new TextReader()
  readonly #stream: PublicStream

  constructor(stream: PublicStream) {
    this.#stream = stream
  }

  open(): void {
    const topics = this.#stream.books.flatMap(({ symbol }) => [
      `orderbook.${DEPTH}.${symbol}`,
      `publicTrade.${symbol}`,
      `tickers.${symbol}`,
    ])
    for (let i = 0; i < topics.length; i += TOPICS_MAX)
      this.#stream.send({ op: 'subscribe', args: topics.slice(i, i + TOPICS_MAX) })
  }

  ping(): void {
    this.#stream.send({ op: 'ping' })
  }

  resubscribe({ symbol }: WatchedBook): void {
    const args = [`orderbook.${DEPTH}.${symbol}`]
    this.#stream.send({ op: 'unsubscribe', args })
    this.#stream.send({ op: 'subscribe', args })
  }

  /** `{"topic":"orderbook.50.…","type":"delta","ts":…,"data":{"s":"…","b":[…],"a":[…],"u":…,"seq":…},"cts":…}` */
  readText(text: string, at: Micros): boolean {
    const reader = this.#reader
    reader.open(text)
    if (!reader.skip('{"topic":"orderbook.')) return false
    reader.until('"')
    if (!reader.skip(',"type":"delta","ts":')) return false
    reader.integer()
    if (!reader.skip(',"data":{"s":"')) return false
    const watched = this.#stream.find(reader.until('"'))
    if (watched === undefined || watched.book.staleness !== null || !reader.skip(',"b":')) return false
    // The number comes last and decides whether the levels may be written.
    const levels = reader.at
    const end = reader.last('],"u":')
    if (end < levels) return false
    reader.at = end + '],"u":'.length
    const update = reader.integer()
    if (update === 1 || update !== watched.book.sequence + 1 || !isTail(reader)) return false
    reader.at = levels
    if (!reader.levels(watched, 'buy') || !reader.skip(',"a":') || !reader.levels(watched, 'sell')) return false
    if (reader.at !== end + 1) return false
    this.#stream.settle(watched, watched.book.commit(update, at), at)
    return true
  }

  read(frame: unknown, at: Micros): void {
    const message = frame as Message
    if (message.op !== undefined) {
      if (message.success === false) this.#stream.fail(`refused by Bybit: ${message.ret_msg}`)
      return
    }
    const channel = message.topic.slice(0, message.topic.indexOf('.'))
    if (channel === 'orderbook') this.#book(message.data as BookData, message.type === 'snapshot', at)
    else if (channel === 'publicTrade') for (const trade of message.data as TradeData[]) this.#trade(trade)
    else if (channel === 'tickers') this.#ticker(message.data as TickerData, at)
    else this.#stream.counts.ignored += 1
  }

  #book(data: BookData, isSnapshot: boolean, at: Micros): void {
    const watched = this.#stream.findOrIgnore(data.s)
    if (watched === undefined) return
    const { book } = watched
    if (isSnapshot || data.u === 1) book.begin()
    else {
      if (book.staleness !== null || data.u <= book.sequence) return
      if (data.u !== book.sequence + 1) {
        this.#stream.lose(watched, 'gap', at)
        return
      }
    }
    watched.write('buy', data.b)
    watched.write('sell', data.a)
    this.#stream.settle(watched, book.commit(data.u, at), at)
  }

  #trade({ s, p, v, S, T }: TradeData): void {
    const watched = this.#stream.findOrIgnore(s)
    if (watched === undefined) return
    this.#stream.trade(watched, watched.ticks(p), watched.lots(v), S === 'Buy' ? 'buy' : 'sell', microsOfMs(T))
  }

  /** Of spot the ticker has no best prices: they are the book's. */
  #ticker({ symbol, lastPrice }: TickerData, at: Micros): void {
    const watched = this.#stream.findOrIgnore(symbol)
    if (watched === undefined) return
    const { book } = watched
    const best = (side: 'buy' | 'sell') => (book.staleness === null ? book.best(side) : Number.NaN)
    const last = lastPrice === undefined ? Number.NaN : watched.ticks(lastPrice)
    this.#stream.ticker(watched, best('buy'), best('sell'), last, at)
  }
}

/** Version 5: books of 50 levels numbered without holes, trades, tickers. */
export const createBybitPublicSession = (instruments: readonly Instrument[], host: MarketHost): PublicStream =>
  new PublicStream(instruments, host, { symbolOf: bybitSymbol, protocol: stream => new BybitProtocol(stream) })
