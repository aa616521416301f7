import type { Instrument } from '../../src/kernel/index.ts'
import { L2Book } from '../../src/market/index.ts'
import { BOOK_SESSIONS, type MarketHost, type VenueName } from '../../src/venues/index.ts'
import type { Recorded } from './recording.ts'

export interface Replayed {
  readonly messages: number
  readonly applied: number
  readonly gaps: number
  readonly checksumsOk: number
  readonly checksumsBad: number
  readonly comparedWithTicker: number
  readonly tickerMismatches: number
}

/** Best prices that a venue told of a numbered state of its book. */
interface Best {
  readonly symbol: string
  readonly sequence: number
  readonly bid: string
  readonly ask: string
}

/** Tickers that wait for the book to get as far. */
const TICKERS_MAX = 1_000

/** Only these two say which state of the book a ticker is of. */
const BEST: Partial<Record<VenueName, (text: string) => Best | null>> = {
  binance(text) {
    if (!text.includes('bookTicker')) return null
    const { s, u, b, a } = JSON.parse(text).data
    return { symbol: s, sequence: u, bid: b, ask: a }
  },
  kucoin(text) {
    if (!text.includes('"trade.ticker"')) return null
    const { topic, data } = JSON.parse(text)
    return { symbol: topic.split(':')[1], sequence: Number(data.sequence), bid: data.bestBid, ask: data.bestAsk }
  },
}

/** Everything else that a session tells is let go. */
export interface ReplayOutcome extends Replayed {
  readonly failures: readonly string[]
  readonly snapshotsJoined: number
  readonly books: ReadonlyMap<string, L2Book>
}

/** A recording through the venue's own session, and its books held against the tickers that name a state of them. */
export function replay(
  venue: VenueName,
  recorded: readonly Recorded[],
  instruments: readonly Instrument[],
): ReplayOutcome {
  const books = new Map(instruments.map(one => [one.id, new L2Book()]))
  const bySymbol = new Map(instruments.map(one => [one.symbol ?? one.pair, one]))
  const failures: string[] = []
  const tickers = new Tickers(bySymbol, books)
  const host: MarketHost = {
    send: () => {},
    onReady: () => {},
    fail: reason => failures.push(reason),
    book: id => books.get(id)!,
    onBook: id => tickers.onBook(id),
    onTrade: () => {},
    onTicker: () => {},
    requestSnapshot: () => {},
  }
  const session = BOOK_SESSIONS[venue](instruments, host)
  session.onOpen(recorded[0]?.at ?? 0)
  let snapshotsJoined = 0
  for (const one of recorded) {
    if (one.kind === 'frame') {
      session.onFrame(one.frame, one.at)
      const best = typeof one.frame === 'string' ? BEST[venue]?.(one.frame) : null
      if (best) tickers.onTicker(best)
      continue
    }
    const instrument = one.symbol === null ? instruments[0] : bySymbol.get(one.symbol)
    if (instrument === undefined) continue
    const book = books.get(instrument.id)!
    const { sequence } = book
    session.onSnapshot(instrument.id, one.body, one.at)
    if (book.sequence > sequence && book.staleness !== 'gap') snapshotsJoined += 1
  }
  const { messages, applied, gaps, checksumsOk, checksumsBad } = session.counts
  const { compared: comparedWithTicker, mismatches: tickerMismatches } = tickers
  const counts = { messages, applied, gaps, checksumsOk, checksumsBad, comparedWithTicker, tickerMismatches }
  return { ...counts, failures, snapshotsJoined, books }
}

class Tickers {
  compared = 0
  mismatches = 0
  readonly #instruments: ReadonlyMap<string, Instrument>
  readonly #books: ReadonlyMap<string, L2Book>
  /** By symbol and number, oldest first. */
  readonly #waiting = new Map<string, Best>()

  constructor(instruments: ReadonlyMap<string, Instrument>, books: ReadonlyMap<string, L2Book>) {
    this.#instruments = instruments
    this.#books = books
  }

  onTicker(best: Best): void {
    const instrument = this.#instruments.get(best.symbol)
    if (instrument === undefined) return
    const book = this.#books.get(instrument.id)!
    if (book.sequence >= best.sequence && book.sequence > 0) this.#compare(best, instrument, book)
    else {
      if (this.#waiting.size === TICKERS_MAX) this.#waiting.delete(this.#waiting.keys().next().value!)
      this.#waiting.set(`${instrument.id} ${best.sequence}`, best)
    }
  }

  onBook(id: string): void {
    const book = this.#books.get(id)!
    const key = `${id} ${book.sequence}`
    const best = this.#waiting.get(key)
    if (best === undefined) return
    this.#waiting.delete(key)
    this.#compare(best, this.#instruments.get(best.symbol)!, book)
  }

  #compare(best: Best, instrument: Instrument, book: L2Book): void {
    if (book.staleness !== null || book.sequence !== best.sequence) return
    this.compared += 1
    const [bid, ask] = [book.best('buy'), book.best('sell')].map(
      ticks => (ticks * instrument.tickSize) / 10 ** instrument.priceScale,
    )
    if (bid !== Number(best.bid) || ask !== Number(best.ask)) this.mismatches += 1
  }
}
