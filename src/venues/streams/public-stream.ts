import { type Instrument, type InstrumentId, MICROS_PER_SECOND, type Micros, type Side } from '../../kernel/index.ts'
import type { Applied, Staleness } from '../../market/index.ts'
import type { MarketHost, PublicSession } from '../port/index.ts'
import { noCounts } from './counts.ts'
import type { PublicProtocol, PublicVenue } from './protocol.ts'
import { WatchedBook } from './watched-book.ts'

/** A book that is lost more often than this within the window ends its connection, so that backoff applies. */
export const RESUBSCRIBES_MAX = 4
const RESUBSCRIBE_WINDOW: Micros = 60 * MICROS_PER_SECOND
/** A snapshot that was asked for and has not come after this is asked for again. */
const SNAPSHOT_WAIT: Micros = 10 * MICROS_PER_SECOND
const MICROS_PER_MS = 1_000

/**
 * One life of a venue's public socket. What all venues share is here: books by symbol, what happens when one cannot be
 * trusted, pings, silence, frames that cannot be read. What is the venue's own is its {@link PublicProtocol}.
 */
export class PublicStream implements PublicSession {
  readonly counts = noCounts()
  readonly books: readonly WatchedBook[]
  readonly host: MarketHost
  readonly #protocol: PublicProtocol
  readonly #hasBooks: boolean
  readonly #bySymbol = new Map<string, WatchedBook>()
  #waitingFor: number
  #heardAt: Micros = 0
  #pingedAt: Micros = 0
  #state: 'opening' | 'open' | 'failed' = 'opening'

  constructor(instruments: readonly Instrument[], host: MarketHost, venue: PublicVenue) {
    this.host = host
    this.books = instruments.map(one => new WatchedBook(one, venue.symbolOf(one), host.book(one.id)))
    for (const watched of this.books) this.#bySymbol.set(watched.symbol, watched)
    this.#hasBooks = venue.hasBooks ?? true
    this.#waitingFor = this.books.length
    this.#protocol = venue.protocol(this)
  }

  onOpen(at: Micros): void {
    this.#state = 'open'
    this.#heardAt = at
    this.#pingedAt = at
    for (const watched of this.#hasBooks ? this.books : []) {
      watched.book.invalidate('resubscribing')
      watched.askedAt = at
    }
    this.#protocol.open(at)
  }

  onFrame(frame: string | Uint8Array, at: Micros): void {
    if (this.#state === 'failed') return
    this.#heardAt = at
    this.counts.messages += 1
    const text = typeof frame === 'string' ? frame : this.#unpack(frame)
    if (text === undefined) return
    try {
      if (this.#protocol.readText?.(text, at)) return
      const message = this.#parse(text)
      if (message !== undefined) this.#protocol.read(message, at)
    } catch (error) {
      this.#misread(error)
    }
  }

  onSnapshot(instrument: InstrumentId, body: string, at: Micros): void {
    const watched = this.books.find(one => one.instrument.id === instrument)
    if (watched === undefined || this.#state === 'failed') return
    const snapshot = this.#parse(body)
    if (snapshot === undefined) return
    try {
      this.#protocol.readSnapshot?.(watched, snapshot, at)
    } catch (error) {
      this.#misread(error)
    }
  }

  onTick(at: Micros): void {
    if (this.#state !== 'open') return
    const { pingEveryMs, silentAfterMs } = this.#protocol
    if (at - this.#heardAt > silentAfterMs * MICROS_PER_MS) {
      this.fail(`nothing heard for ${silentAfterMs} ms`, 'silent', at)
      return
    }
    if (pingEveryMs !== null && at - this.#pingedAt >= pingEveryMs * MICROS_PER_MS) {
      this.#pingedAt = at
      this.#protocol.ping?.(at)
    }
    this.#protocol.onTick?.(at)
    for (const watched of this.books)
      if (watched.askedAt !== null && at - watched.askedAt > SNAPSHOT_WAIT)
        this.lose(watched, watched.book.staleness ?? 'resubscribing', at)
  }

  resubscribe(instrument: InstrumentId, at: Micros): void {
    const watched = this.books.find(one => one.instrument.id === instrument)
    if (watched !== undefined && this.#state === 'open' && this.#hasBooks) this.lose(watched, 'resubscribing', at)
  }

  find(symbol: string): WatchedBook | undefined {
    return this.#bySymbol.get(symbol)
  }

  /** The same; what is told of a symbol that nobody watches is counted as ignored. */
  findOrIgnore(symbol: string): WatchedBook | undefined {
    const watched = this.#bySymbol.get(symbol)
    if (watched === undefined) this.counts.ignored += 1
    return watched
  }

  send(message: unknown): void {
    this.host.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** After a commit: tells the host, or asks for the book anew if it cannot be trusted. */
  settle(watched: WatchedBook, outcome: Applied, at: Micros): void {
    if (outcome !== 'applied') {
      if (outcome !== 'old') this.lose(watched, outcome, at)
      return
    }
    this.counts.applied += 1
    watched.askedAt = null
    this.host.onBook(watched.instrument.id, at)
    if (watched.hasBeenGood) return
    watched.hasBeenGood = true
    this.#waitingFor -= 1
    if (this.#waitingFor === 0) this.host.onReady(at)
  }

  /** The book cannot be trusted: says so at once, and asks for it anew, or ends the connection if that was tried too often. */
  lose(watched: WatchedBook, why: Staleness, at: Micros): void {
    if (why === 'gap') this.counts.gaps += 1
    if (why === 'checksum') this.counts.checksumsBad += 1
    watched.book.invalidate(why)
    this.host.onBook(watched.instrument.id, at)
    const { resubscribedAt } = watched
    while (resubscribedAt.length > 0 && at - resubscribedAt[0]! > RESUBSCRIBE_WINDOW) resubscribedAt.shift()
    if (resubscribedAt.length === RESUBSCRIBES_MAX) {
      this.fail(`the book of ${watched.symbol} was lost ${RESUBSCRIBES_MAX + 1} times in a minute (${why})`, why, at)
      return
    }
    this.counts.resubscribed += 1
    resubscribedAt.push(at)
    watched.askedAt = at
    this.#protocol.resubscribe(watched, at)
  }

  trade(watched: WatchedBook, price: number, quantity: number, side: Side, at: Micros): void {
    if (price > 0 && quantity > 0 && at > 0) this.host.onTrade(watched.instrument.id, { at, price, quantity, side })
    else this.counts.ignored += 1
  }

  /** Prices that are none, NaN for one, are left out. */
  ticker(watched: WatchedBook, bid: number, ask: number, last: number, at: Micros): void {
    const known = (price: number) => (price > 0 ? price : null)
    this.host.onTicker({ instrument: watched.instrument.id, bid: known(bid), ask: known(ask), last: known(last), at })
  }

  /** Nothing more is read or sent here. */
  fail(reason: string, why: Staleness = 'disconnected', at?: Micros): void {
    if (this.#state === 'failed') return
    this.#state = 'failed'
    for (const { book, instrument } of this.#hasBooks ? this.books : []) {
      if (book.staleness === null) book.invalidate(why)
      this.host.onBook(instrument.id, at ?? this.#heardAt)
    }
    this.host.fail(reason)
  }

  #parse(text: string): unknown {
    if (text === this.#protocol.pong) return undefined
    try {
      return JSON.parse(text)
    } catch (error) {
      this.#unreadable(error)
      return undefined
    }
  }

  #unpack(frame: Uint8Array): string | undefined {
    try {
      if (this.#protocol.unpack !== undefined) return this.#protocol.unpack(frame)
      return (Buffer.isBuffer(frame) ? frame : Buffer.from(frame.buffer, frame.byteOffset, frame.length)).toString(
        'utf8',
      )
    } catch (error) {
      this.#unreadable(error)
      return undefined
    }
  }

  #unreadable(error: unknown): void {
    this.fail(`a frame cannot be read: ${(error as Error).message.slice(0, 100)}`, 'unreadable')
  }

  /** A frame of another shape than the protocol's ends in a TypeError of the reader; what else is thrown is a bug of ours. */
  #misread(error: unknown): void {
    if (!(error instanceof TypeError)) throw error
    this.fail(`a frame is not what the venue documents: ${error.message.slice(0, 100)}`, 'unreadable')
  }
}
