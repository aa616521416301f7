import type { Instrument, Micros } from '../../kernel/index.ts'
import type { MarketHost } from '../port/index.ts'
import {
  Bridge,
  microsOfMs,
  type PublicProtocol,
  PublicStream,
  type TextLevel,
  TextReader,
  type WatchedBook,
} from '../streams/index.ts'
import { binanceSymbol } from './symbols.ts'

/** https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams, "How to manage a local order book correctly" */
interface DepthUpdate {
  readonly e: 'depthUpdate'
  readonly s: string
  readonly U: number
  readonly u: number
  /** Of the update before: futures only. */
  readonly pu?: number
  readonly b: readonly TextLevel[]
  readonly a: readonly TextLevel[]
}

interface TradeMessage {
  readonly e: 'trade'
  readonly s: string
  readonly p: string
  readonly q: string
  readonly T: number
  /** The buyer was the maker: the aggressor sold. */
  readonly m: boolean
}

interface TickerMessage {
  readonly e: '24hrTicker'
  readonly s: string
  /** Of spot only. */
  readonly b?: string
  readonly a?: string
  readonly c: string
}

/** Best prices; of spot it has no event type. */
interface BookTicker {
  readonly e: undefined | 'bookTicker'
  readonly s: string
  readonly b: string
  readonly a: string
}

type Message = DepthUpdate | TradeMessage | TickerMessage | BookTicker

interface Answer {
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly msg: string }
  readonly id?: number
}

interface Depth {
  readonly lastUpdateId: number
  readonly bids: readonly TextLevel[]
  readonly asks: readonly TextLevel[]
}

const SUBSCRIBE_ID = 1
const PING_ID = 2

/** Futures number with holes and name the number before; spot has none. */
const firstOf = ({ U, pu }: DepthUpdate): number => (pu === undefined ? U : pu + 1)

class BinanceProtocol implements PublicProtocol {
  /** Binance pings on the level of WebSocket, which is not seen here; a question of ours keeps a quiet market apart from a dead line. */
  readonly pingEveryMs = 15_000
  readonly silentAfterMs = 40_000
  readonly #stream: PublicStream
  readonly #reader = new TextReader()
  readonly #bridges = new Map<WatchedBook, Bridge<DepthUpdate>>()

  constructor(stream: PublicStream) {
    this.#stream = stream
    for (const watched of stream.books)
      this.#bridges.set(
        watched,
        new Bridge<DepthUpdate>(stream, watched, {
          write(book, change) {
            book.write('buy', change.b)
            book.write('sell', change.a)
          },
          requestSnapshot: book => stream.host.requestSnapshot(book.instrument.id),
        }),
      )
  }

  open(): void {
    const params = this.#stream.books.flatMap(({ symbol }) => {
      const name = symbol.toLowerCase()
      return [`${name}@depth@100ms`, `${name}@trade`, `${name}@ticker`]
    })
    this.#stream.send({ method: 'SUBSCRIBE', params, id: SUBSCRIBE_ID })
  }

  ping(): void {
    this.#stream.send({ method: 'LIST_SUBSCRIPTIONS', id: PING_ID })
  }

  resubscribe(watched: WatchedBook): void {
    this.#bridges.get(watched)!.restart()
  }

  /** `{"stream":"…","data":{"e":"depthUpdate","E":…,"s":"XRPUSDT","U":…,"u":…,"b":[…],"a":[…]}}` */
  readText(text: string, at: Micros): boolean {
    const reader = this.#reader
    reader.open(text)
    if (!reader.skip('{"stream":"')) return false
    reader.until('"')
    if (!reader.skip(',"data":{"e":"depthUpdate","E":')) return false
    reader.integer()
    if (!reader.skip(',"s":"')) return false
    const watched = this.#stream.find(reader.until('"'))
    if (watched === undefined || !reader.skip(',"U":')) return false
    const bridge = this.#bridges.get(watched)!
    if (!bridge.isNext(reader.integer()) || !reader.skip(',"u":')) return false
    const last = reader.integer()
    if (!(last > watched.book.sequence) || !reader.skip(',"b":') || !reader.levels(watched, 'buy')) return false
    if (!reader.skip(',"a":') || !reader.levels(watched, 'sell') || !reader.skip('}}') || !reader.isAtEnd) return false
    bridge.onWritten(last, at)
    return true
  }

  read(frame: unknown, at: Micros): void {
    // Combined streams wrap what the raw ones send.
    const message = ((frame as { data?: unknown }).data ?? frame) as Message & Answer
    if (message.s === undefined) {
      this.#answer(message)
      return
    }
    const watched = this.#stream.find(message.s)
    if (watched === undefined) {
      this.#stream.counts.ignored += 1
      return
    }
    switch (message.e) {
      case 'depthUpdate':
        this.#bridges.get(watched)!.onChange(firstOf(message), message.u, message, at)
        return
      case 'trade':
        this.#trade(watched, message)
        return
      case '24hrTicker':
        this.#ticker(watched, message, watched.ticks(message.c), at)
        return
      case 'bookTicker':
      case undefined:
        this.#ticker(watched, message, Number.NaN, at)
        return
      default:
        this.#stream.counts.ignored += 1
    }
  }

  #trade(watched: WatchedBook, { p, q, m, T }: TradeMessage): void {
    this.#stream.trade(watched, watched.ticks(p), watched.lots(q), m ? 'sell' : 'buy', microsOfMs(T))
  }

  #answer(answer: Answer): void {
    if (answer.error !== undefined) this.#stream.fail(`refused by Binance: ${answer.error.msg}`)
    else if (answer.id === SUBSCRIBE_ID) for (const bridge of this.#bridges.values()) bridge.restart()
    else if (answer.id !== PING_ID) this.#stream.counts.ignored += 1
  }

  #ticker(watched: WatchedBook, { b = '', a = '' }: { b?: string; a?: string }, last: number, at: Micros): void {
    this.#stream.ticker(watched, watched.ticks(b), watched.ticks(a), last, at)
  }

  readSnapshot(watched: WatchedBook, body: unknown, at: Micros): void {
    const { lastUpdateId, bids, asks } = body as Depth
    const write = () => {
      watched.write('buy', bids)
      watched.write('sell', asks)
    }
    this.#bridges.get(watched)!.onSnapshot(lastUpdateId, write, at)
  }
}

/** Diffs of 100 ms joined to a snapshot of REST, trades and the day's ticker, over one combined socket. */
export const createBinancePublicSession = (instruments: readonly Instrument[], host: MarketHost): PublicStream =>
  new PublicStream(instruments, host, { symbolOf: binanceSymbol, protocol: stream => new BinanceProtocol(stream) })
