import { gunzipSync } from 'node:zlib'
import type { Instrument, Micros } from '../../kernel/index.ts'
import type { MarketHost } from '../port/index.ts'
import { Bridge, microsOfMs, type PublicProtocol, PublicStream, type WatchedBook } from '../streams/index.ts'
import { htxSymbol } from './symbols.ts'

/** https://huobiapi.github.io/docs/spot/v1/en/#market-by-price-incremental-update */
type HtxLevel = readonly [price: number, quantity: number]

interface BookTick {
  readonly seqNum: number
  readonly prevSeqNum: number
  /** A side without changes may be left out. */
  readonly bids?: readonly HtxLevel[]
  readonly asks?: readonly HtxLevel[]
}

interface TradeTick {
  readonly data: readonly {
    readonly ts: number
    readonly amount: number
    readonly price: number
    readonly direction: 'buy' | 'sell'
  }[]
}

interface TickerTick {
  readonly bid: number
  readonly ask: number
  readonly lastPrice: number
}

interface Message {
  readonly ping?: number
  readonly status?: string
  readonly 'err-msg'?: string
  readonly subbed?: string
  readonly rep?: string
  readonly data?: BookTick
  readonly ch?: string
  readonly tick?: unknown
}

const BOOK = 'mbp.150'
const TRADES = 'trade.detail'
const TICKER = 'ticker'
/** A frame that unpacks to more is none of the venue's. */
const FRAME_BYTES_MAX = 4 * 2 ** 20

const MARKET = 'market.'

const topicOf = ({ symbol }: WatchedBook, channel: string) => `${MARKET}${symbol}.${channel}`

class HtxProtocol implements PublicProtocol {
  /** The venue pings every five seconds and closes after two without answer. */
  readonly pingEveryMs = null
  readonly silentAfterMs = 20_000
  readonly #stream: PublicStream
  readonly #channels: readonly string[]
  readonly #bridges = new Map<WatchedBook, Bridge<BookTick>>()
  #lastId = 0
  #unsubscribed: number

  constructor(stream: PublicStream, channels: readonly string[]) {
    this.#stream = stream
    this.#channels = channels
    this.#unsubscribed = stream.books.length * channels.length
    for (const watched of stream.books)
      this.#bridges.set(
        watched,
        new Bridge<BookTick>(stream, watched, {
          write(book, { bids, asks }) {
            book.writeNumbers('buy', bids ?? [])
            book.writeNumbers('sell', asks ?? [])
          },
          requestSnapshot: book => this.#ask('req', topicOf(book, BOOK)),
        }),
      )
  }

  unpack(frame: Uint8Array): string {
    return gunzipSync(frame, { maxOutputLength: FRAME_BYTES_MAX }).toString('utf8')
  }

  open(): void {
    for (const watched of this.#stream.books)
      for (const channel of this.#channels) this.#ask('sub', topicOf(watched, channel))
  }

  resubscribe(watched: WatchedBook): void {
    this.#bridges.get(watched)!.restart()
  }

  read(frame: unknown, at: Micros): void {
    const message = frame as Message
    if (message.ping !== undefined) {
      this.#stream.send({ pong: message.ping })
      return
    }
    if (message.status === 'error') {
      this.#stream.fail(`refused by HTX: ${message['err-msg']}`)
      return
    }
    const topic = message.ch ?? message.rep ?? message.subbed ?? ''
    const end = topic.indexOf('.', MARKET.length)
    const watched = this.#stream.find(topic.slice(MARKET.length, end))
    if (watched === undefined) this.#stream.counts.ignored += 1
    else if (message.ch !== undefined) this.#tick(watched, topic.slice(end + 1), message.tick, at)
    else if (message.rep !== undefined) this.#snapshot(watched, message.data!, at)
    else this.#subscribed(watched, topic.slice(end + 1), at)
  }

  #tick(watched: WatchedBook, channel: string, tick: unknown, at: Micros): void {
    if (channel === BOOK) {
      const change = tick as BookTick
      this.#bridges.get(watched)!.onChange(change.prevSeqNum + 1, change.seqNum, change, at)
    } else if (channel === TRADES) {
      for (const { price, amount, direction, ts } of (tick as TradeTick).data)
        this.#stream.trade(
          watched,
          watched.ticksOfNumber(price),
          watched.lotsOfNumber(amount),
          direction,
          microsOfMs(ts),
        )
    } else if (channel === TICKER) {
      const [bid, ask, last] = [(tick as TickerTick).bid, (tick as TickerTick).ask, (tick as TickerTick).lastPrice]
      this.#stream.ticker(
        watched,
        watched.ticksOfNumber(bid),
        watched.ticksOfNumber(ask),
        watched.ticksOfNumber(last),
        at,
      )
    } else this.#stream.counts.ignored += 1
  }

  #snapshot(watched: WatchedBook, { seqNum, bids, asks }: BookTick, at: Micros): void {
    const write = () => {
      watched.writeNumbers('buy', bids ?? [])
      watched.writeNumbers('sell', asks ?? [])
    }
    this.#bridges.get(watched)!.onSnapshot(seqNum, write, at)
  }

  #subscribed(watched: WatchedBook, channel: string, at: Micros): void {
    if (channel === BOOK) {
      this.#bridges.get(watched)!.restart()
      return
    }
    this.#unsubscribed -= 1
    if (this.#unsubscribed === 0) this.#stream.host.onReady(at)
  }

  #ask(what: 'sub' | 'req', topic: string): void {
    this.#lastId += 1
    this.#stream.send({ [what]: topic, id: String(this.#lastId) })
  }
}

/** Books of 150 levels, numbered changes joined to a snapshot that is asked for on the same socket: `/feed`, which has nothing else. */
export const createHtxBookSession = (instruments: readonly Instrument[], host: MarketHost): PublicStream =>
  new PublicStream(instruments, host, {
    symbolOf: htxSymbol,
    protocol: stream => new HtxProtocol(stream, [BOOK]),
  })

/** Trades and tickers: `/ws`. */
export const createHtxTradeSession = (instruments: readonly Instrument[], host: MarketHost): PublicStream =>
  new PublicStream(instruments, host, {
    symbolOf: htxSymbol,
    hasBooks: false,
    protocol: stream => new HtxProtocol(stream, [TRADES, TICKER]),
  })
