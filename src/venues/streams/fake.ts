import type { Instrument, InstrumentId, Micros, Trade } from '../../kernel/index.ts'
import { L2Book, type Staleness } from '../../market/index.ts'
import type { MarketHost, Ticker } from '../port/index.ts'

/** A host that keeps everything it was told. */
export class FakeMarketHost implements MarketHost {
  readonly sent: string[] = []
  readonly failures: string[] = []
  readonly trades: [InstrumentId, Trade][] = []
  readonly tickers: Ticker[] = []
  readonly snapshotsAsked: InstrumentId[] = []
  /** The staleness of a book each time that it was told of. */
  readonly told: (Staleness | null)[] = []
  readyCount = 0
  readonly #books: ReadonlyMap<InstrumentId, L2Book>

  constructor(instruments: readonly Instrument[]) {
    this.#books = new Map(instruments.map(one => [one.id, new L2Book()]))
  }

  book(instrument: InstrumentId): L2Book {
    return this.#books.get(instrument)!
  }

  send(frame: string): void {
    this.sent.push(frame)
  }

  onReady(_at: Micros): void {
    this.readyCount += 1
  }

  fail(reason: string): void {
    this.failures.push(reason)
  }

  onBook(instrument: InstrumentId, _at: Micros): void {
    this.told.push(this.book(instrument).staleness)
  }

  onTrade(instrument: InstrumentId, trade: Trade): void {
    this.trades.push([instrument, trade])
  }

  onTicker(ticker: Ticker): void {
    this.tickers.push(ticker)
  }

  requestSnapshot(instrument: InstrumentId): void {
    this.snapshotsAsked.push(instrument)
  }
}
