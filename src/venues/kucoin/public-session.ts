import type { Instrument, Micros } from '../../kernel/index.ts'
import type { MarketHost } from '../port/index.ts'
import {
  Bridge,
  microsOfNanos,
  type PublicProtocol,
  PublicStream,
  type TextLevel,
  type WatchedBook,
} from '../streams/index.ts'
import { kucoinSymbol } from './symbols.ts'

/** https://www.kucoin.com/docs/websocket/spot-trading/public-channels/level2-market-data */
interface Level2Data {
  readonly sequenceStart: number
  readonly sequenceEnd: number
  readonly changes: { readonly asks: readonly Level2Change[]; readonly bids: readonly Level2Change[] }
}

/** A price of zero changes nothing and only uses up its number. */
type Level2Change = readonly [price: string, quantity: string, sequence: string]

interface MatchData {
  readonly side: 'buy' | 'sell'
  readonly price: string
  readonly size: string
  readonly time: string
}

interface TickerData {
  readonly bestBid: string
  readonly bestAsk: string
  readonly price: string
}

interface Message {
  readonly id?: string
  readonly type: string
  readonly topic: string
  readonly data: unknown
}

interface Snapshot {
  readonly data: { readonly sequence: string; readonly bids: readonly TextLevel[]; readonly asks: readonly TextLevel[] }
}

const LEVEL2 = '/market/level2'
const MATCH = '/market/match'
const TICKER = '/market/ticker'
/** Names in one topic: the venue's limit. */
const SYMBOLS_MAX = 100

function writeSide(watched: WatchedBook, side: 'buy' | 'sell', changes: readonly Level2Change[], after: number): void {
  for (const [price, quantity, sequence] of changes)
    if (price !== '0' && Number(sequence) > after) watched.book.set(side, watched.ticks(price), watched.lots(quantity))
}

class KucoinProtocol implements PublicProtocol {
  /** The venue asks for 18 seconds in the answer that names the socket, and gives up 10 seconds later. */
  readonly pingEveryMs = 18_000
  readonly silentAfterMs = 40_000
  readonly #stream: PublicStream
  readonly #bridges = new Map<WatchedBook, Bridge<Level2Data>>()
  #lastId = 0
  /** Ids of the requests for books that have not been acknowledged, each with the books it asks for. */
  readonly #asked = new Map<string, readonly WatchedBook[]>()

  constructor(stream: PublicStream) {
    this.#stream = stream
    for (const watched of stream.books)
      this.#bridges.set(
        watched,
        new Bridge<Level2Data>(stream, watched, {
          write(book, { changes }, after) {
            writeSide(book, 'buy', changes.bids, after)
            writeSide(book, 'sell', changes.asks, after)
          },
          requestSnapshot: book => stream.host.requestSnapshot(book.instrument.id),
        }),
      )
  }

  /** The venue speaks first. */
  open(): void {}

  ping(): void {
    this.#lastId += 1
    this.#stream.send({ id: String(this.#lastId), type: 'ping' })
  }

  resubscribe(watched: WatchedBook): void {
    this.#bridges.get(watched)!.restart()
  }

  read(frame: unknown, at: Micros): void {
    const message = frame as Message
    switch (message.type) {
      case 'message':
        this.#message(message, at)
        return
      case 'welcome':
        this.#subscribe()
        return
      case 'ack':
        this.#acknowledged(message.id!)
        return
      case 'error':
        this.#stream.fail(`refused by KuCoin: ${message.data}`)
        return
      case 'pong':
        return
      default:
        this.#stream.counts.ignored += 1
    }
  }

  #subscribe(): void {
    for (let i = 0; i < this.#stream.books.length; i += SYMBOLS_MAX) {
      const books = this.#stream.books.slice(i, i + SYMBOLS_MAX)
      const names = books.map(watched => watched.symbol).join(',')
      for (const channel of [LEVEL2, MATCH, TICKER]) {
        this.#lastId += 1
        const id = String(this.#lastId)
        if (channel === LEVEL2) this.#asked.set(id, books)
        this.#stream.send({
          id,
          type: 'subscribe',
          topic: `${channel}:${names}`,
          privateChannel: false,
          response: true,
        })
      }
    }
  }

  /** From here on every change comes by the stream: the time for a snapshot. */
  #acknowledged(id: string): void {
    for (const watched of this.#asked.get(id) ?? []) this.#bridges.get(watched)!.restart()
    this.#asked.delete(id)
  }

  #message({ topic, data }: Message, at: Micros): void {
    const colon = topic.indexOf(':')
    const channel = topic.slice(0, colon)
    const watched = this.#stream.find(topic.slice(colon + 1))
    if (watched === undefined) this.#stream.counts.ignored += 1
    else if (channel === LEVEL2) {
      const change = data as Level2Data
      this.#bridges.get(watched)!.onChange(change.sequenceStart, change.sequenceEnd, change, at)
    } else if (channel === MATCH) {
      const { price, size, side, time } = data as MatchData
      this.#stream.trade(watched, watched.ticks(price), watched.lots(size), side, microsOfNanos(time))
    } else if (channel === TICKER) {
      const { bestBid, bestAsk, price } = data as TickerData
      this.#stream.ticker(watched, watched.ticks(bestBid), watched.ticks(bestAsk), watched.ticks(price), at)
    } else this.#stream.counts.ignored += 1
  }

  readSnapshot(watched: WatchedBook, body: unknown, at: Micros): void {
    const { sequence, bids, asks } = (body as Snapshot).data
    const write = () => {
      watched.write('buy', bids)
      watched.write('sell', asks)
    }
    this.#bridges.get(watched)!.onSnapshot(Number(sequence), write, at)
  }
}

/** Numbered changes joined to a snapshot of REST, matches and tickers. */
export const createKucoinPublicSession = (instruments: readonly Instrument[], host: MarketHost): PublicStream =>
  new PublicStream(instruments, host, { symbolOf: kucoinSymbol, protocol: stream => new KucoinProtocol(stream) })
