import { crc32 } from 'node:zlib'
import type { Instrument, Micros } from '../../kernel/index.ts'
import type { LevelText } from '../../market/index.ts'
import type { MarketHost } from '../port/index.ts'
import {
  microsOfMs,
  type PublicProtocol,
  PublicStream,
  plainText,
  type TextLevel,
  TextReader,
  type WatchedBook,
} from '../streams/index.ts'
import { okxSymbol } from './symbols.ts'

/** https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-order-book-channel */
interface BookData {
  readonly bids: readonly TextLevel[]
  readonly asks: readonly TextLevel[]
  /** Zero, or left out, where the venue does not make one. */
  readonly checksum?: number
  /** -1 in a snapshot. */
  readonly prevSeqId?: number
  readonly seqId?: number
}

interface TradeData {
  readonly px: string
  readonly sz: string
  readonly side: 'buy' | 'sell'
  readonly ts: string
}

interface TickerData {
  readonly bidPx: string
  readonly askPx: string
  readonly last: string
}

interface Message {
  readonly event?: string
  readonly msg?: string
  readonly arg: { readonly channel: string; readonly instId: string }
  readonly action?: 'snapshot' | 'update'
  readonly data: readonly unknown[]
}

/** Levels of each side that the checksum covers. */
const CHECKED = 25
const CHANNELS = ['books', 'trades', 'tickers']

const levelText =
  ({ priceScale, tickSize, quantityScale, lotSize }: Instrument): LevelText =>
  (price, quantity) =>
    `${plainText(price * tickSize, priceScale)}:${plainText(quantity * lotSize, quantityScale)}`

/** Bids and asks in turn; where one side is shorter the other goes on alone. Signed. */
function okxChecksum({ book }: WatchedBook, textOf: LevelText): number {
  const bids = Math.min(CHECKED, book.count('buy'))
  const asks = Math.min(CHECKED, book.count('sell'))
  let text = ''
  for (let rank = 0; rank < bids || rank < asks; rank++) {
    if (rank < bids) text += `${text === '' ? '' : ':'}${book.text('buy', rank, textOf)}`
    if (rank < asks) text += `${text === '' ? '' : ':'}${book.text('sell', rank, textOf)}`
  }
  return crc32(text) | 0
}

class OkxProtocol implements PublicProtocol {
  /** The venue closes a socket on which nothing was sent for 30 seconds. */
  readonly pingEveryMs = 20_000
  readonly silentAfterMs = 45_000
  readonly pong = 'pong'
  readonly #stream: PublicStream
  readonly #reader = new TextReader()
  readonly #texts = new Map<WatchedBook, LevelText>()

  constructor(stream: PublicStream) {
    this.#stream = stream
    for (const watched of stream.books) this.#texts.set(watched, levelText(watched.instrument))
  }

  open(): void {
    const args = this.#stream.books.flatMap(({ symbol }) => CHANNELS.map(channel => ({ channel, instId: symbol })))
    this.#stream.send({ op: 'subscribe', args })
  }

  ping(): void {
    this.#stream.send('ping')
  }

  resubscribe({ symbol }: WatchedBook): void {
    const args = [{ channel: 'books', instId: symbol }]
    this.#stream.send({ op: 'unsubscribe', args })
    this.#stream.send({ op: 'subscribe', args })
  }

  /** `{"arg":{"channel":"books","instId":"…"},"action":"update","data":[{"asks":[…],"bids":[…],"ts":…}]}` */
  readText(text: string, at: Micros): boolean {
    const reader = this.#reader
    reader.open(text)
    if (!reader.skip('{"arg":{"channel":"books","instId":"')) return false
    const watched = this.#stream.find(reader.until('"'))
    if (watched === undefined || watched.book.staleness !== null) return false
    if (!reader.skip('},"action":"update","data":[{"asks":')) return false
    // The numbers come last and decide whether the levels may be written.
    const end = reader.last('],"ts":')
    if (end < 0 || !text.endsWith('}]}')) return false
    const data = JSON.parse(`{${reader.from(end + 2, text.length - 2)}`) as BookData
    if (data.prevSeqId !== undefined && data.prevSeqId !== watched.book.sequence) return false
    if (!reader.levels(watched, 'sell') || !reader.skip(',"bids":') || !reader.levels(watched, 'buy')) return false
    if (reader.at !== end + 1) return false
    this.#settle(watched, data, at)
    return true
  }

  read(frame: unknown, at: Micros): void {
    const message = frame as Message
    if (message.event !== undefined) {
      if (message.event === 'error') this.#stream.fail(`refused by OKX: ${message.msg}`)
      return
    }
    const watched = this.#stream.find(message.arg.instId)
    if (watched === undefined || !CHANNELS.includes(message.arg.channel)) {
      this.#stream.counts.ignored += 1
      return
    }
    for (const data of message.data) this.#read(message, watched, data, at)
  }

  #read(message: Message, watched: WatchedBook, data: unknown, at: Micros): void {
    if (message.arg.channel === 'books') this.#book(watched, data as BookData, message.action === 'snapshot', at)
    else if (message.arg.channel === 'trades') {
      const { px, sz, side, ts } = data as TradeData
      this.#stream.trade(watched, watched.ticks(px), watched.lots(sz), side, microsOfMs(ts))
    } else {
      const { bidPx, askPx, last } = data as TickerData
      this.#stream.ticker(watched, watched.ticks(bidPx), watched.ticks(askPx), watched.ticks(last), at)
    }
  }

  #book(watched: WatchedBook, data: BookData, isSnapshot: boolean, at: Micros): void {
    const { book } = watched
    if (isSnapshot) book.begin()
    else {
      if (book.staleness !== null) return
      if (data.prevSeqId !== undefined && data.prevSeqId !== book.sequence) {
        if (data.seqId !== book.sequence) this.#stream.lose(watched, 'gap', at)
        return
      }
    }
    watched.write('buy', data.bids)
    watched.write('sell', data.asks)
    this.#settle(watched, data, at)
  }

  #settle(watched: WatchedBook, data: BookData, at: Micros): void {
    const { book } = watched
    const outcome = book.commit(data.seqId ?? book.sequence + 1, at)
    if (outcome === 'applied' && data.checksum) {
      if (okxChecksum(watched, this.#texts.get(watched)!) !== data.checksum) {
        this.#stream.lose(watched, 'checksum', at)
        return
      }
      this.#stream.counts.checksumsOk += 1
    }
    this.#stream.settle(watched, outcome, at)
  }
}

/** Books of 400 levels in a chain of sequence numbers and, where the venue still makes them, checksums; trades, tickers. */
export const createOkxPublicSession = (instruments: readonly Instrument[], host: MarketHost): PublicStream =>
  new PublicStream(instruments, host, { symbolOf: okxSymbol, protocol: stream => new OkxProtocol(stream) })
