import type { Instrument, Micros } from '../../kernel/index.ts'
import type { MarketHost } from '../port/index.ts'
import { microsOfIso, type PublicProtocol, PublicStream, type WatchedBook } from '../streams/index.ts'
import { coinbaseSymbol } from './symbols.ts'

/** https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels */
interface BookEvent {
  readonly type: 'snapshot' | 'update'
  readonly product_id: string
  readonly updates: readonly {
    readonly side: 'bid' | 'offer'
    readonly price_level: string
    readonly new_quantity: string
  }[]
}

interface TradesEvent {
  readonly type: 'snapshot' | 'update'
  readonly trades: readonly {
    readonly product_id: string
    readonly price: string
    readonly size: string
    /** Of the maker. */
    readonly side: 'BUY' | 'SELL'
    readonly time: string
  }[]
}

interface TickerEvent {
  readonly tickers: readonly {
    readonly product_id: string
    readonly price: string
    readonly best_bid: string
    readonly best_ask: string
  }[]
}

interface Message {
  readonly type?: string
  readonly message?: string
  readonly channel: string
  /** Of all messages of a connection, without holes. */
  readonly sequence_num: number
  readonly events: readonly unknown[]
}

class CoinbaseProtocol implements PublicProtocol {
  /** The channel `heartbeats` beats every second, whatever the markets do. */
  readonly pingEveryMs = null
  readonly silentAfterMs = 10_000
  readonly #stream: PublicStream
  #sequence: number | null = null

  constructor(stream: PublicStream) {
    this.#stream = stream
  }

  open(): void {
    const product_ids = this.#stream.books.map(watched => watched.symbol)
    this.#stream.send({ type: 'subscribe', channel: 'heartbeats' })
    for (const channel of ['level2', 'market_trades', 'ticker'])
      this.#stream.send({ type: 'subscribe', channel, product_ids })
  }

  resubscribe({ symbol }: WatchedBook): void {
    const what = { channel: 'level2', product_ids: [symbol] }
    this.#stream.send({ type: 'unsubscribe', ...what })
    this.#stream.send({ type: 'subscribe', ...what })
  }

  read(frame: unknown, at: Micros): void {
    const message = frame as Message
    if (message.type === 'error') {
      this.#stream.fail(`refused by Coinbase: ${message.message}`)
      return
    }
    if (!this.#isNext(message.sequence_num, at)) return
    switch (message.channel) {
      case 'l2_data':
        for (const event of message.events as BookEvent[]) this.#book(event, message.sequence_num, at)
        return
      case 'market_trades':
        for (const event of message.events as TradesEvent[]) this.#trades(event)
        return
      case 'ticker':
        for (const event of message.events as TickerEvent[]) this.#tickers(event, at)
        return
      case 'heartbeats':
      case 'subscriptions':
        return
      default:
        this.#stream.counts.ignored += 1
    }
  }

  /** What is missing may have been of any book: all of them are lost. False for a message that was seen before. */
  #isNext(sequence: number, at: Micros): boolean {
    const before = this.#sequence
    if (before !== null && sequence <= before) return false
    this.#sequence = sequence
    if (before !== null && sequence !== before + 1)
      for (const watched of this.#stream.books)
        if (watched.book.staleness === null) this.#stream.lose(watched, 'gap', at)
    return true
  }

  #book(event: BookEvent, sequence: number, at: Micros): void {
    const watched = this.#stream.findOrIgnore(event.product_id)
    if (watched === undefined) return
    const { book } = watched
    if (event.type === 'snapshot') book.begin()
    else if (book.staleness !== null) return
    for (const { side, price_level, new_quantity } of event.updates)
      book.set(side === 'bid' ? 'buy' : 'sell', watched.ticks(price_level), watched.lots(new_quantity))
    this.#stream.settle(watched, book.commit(sequence, at), at)
  }

  /** The snapshot holds trades of before this connection. */
  #trades({ type, trades }: TradesEvent): void {
    if (type === 'snapshot') return
    for (const { product_id, price, size, side, time } of trades) {
      const watched = this.#stream.findOrIgnore(product_id)
      if (watched === undefined) continue
      const aggressor = side === 'BUY' ? 'sell' : 'buy'
      this.#stream.trade(watched, watched.ticks(price), watched.lots(size), aggressor, microsOfIso(time))
    }
  }

  #tickers({ tickers }: TickerEvent, at: Micros): void {
    for (const { product_id, price, best_bid, best_ask } of tickers) {
      const watched = this.#stream.findOrIgnore(product_id)
      if (watched === undefined) continue
      this.#stream.ticker(watched, watched.ticks(best_bid), watched.ticks(best_ask), watched.ticks(price), at)
    }
  }
}

/** Advanced Trade: whole books, trades and tickers, with one numbering for everything on the connection. */
export const createCoinbasePublicSession = (instruments: readonly Instrument[], host: MarketHost): PublicStream =>
  new PublicStream(instruments, host, { symbolOf: coinbaseSymbol, protocol: stream => new CoinbaseProtocol(stream) })
