import { crc32 } from 'node:zlib'
import { type Level, type MarketInput, type Micros, priceText, quantityText, readSteps } from '../../kernel/index.ts'
import { L2Book, type LevelText } from '../../market/index.ts'
import type { VenueListener } from '../../venues/index.ts'
import { CHECKSUM_LEVELS, type L2Change } from '../feed/book-feed.ts'
import type { HouseMarket } from '../listing.ts'
import type { Part } from '../shards.ts'

/** Levels of a book that strategies and pages see. */
const DEPTH = 50

export const NOT_OWNED = 'the exchange takes no orders now'

/**
 * One market as the exchange's public stream tells it: the same changes, with the same sequence and checksum, that outsiders
 * get, put together as they have to. What is told of a book is what they see, and a change that is lost or wrong is noticed.
 */
export class MarketWatch {
  readonly #part: Part
  readonly #listener: VenueListener
  readonly #now: () => Micros
  readonly #book = new L2Book()
  readonly #levelText: LevelText
  readonly #unfollow: () => void
  #market: HouseMarket
  #isOwned: boolean
  /** What was last told of it; undefined before anything was. */
  #staleness: string | null | undefined

  constructor(options: {
    readonly part: Part
    readonly market: HouseMarket
    readonly isOwned: boolean
    readonly listener: VenueListener
    readonly now: () => Micros
  }) {
    const { part, market, listener, now } = options
    this.#part = part
    this.#market = market
    this.#listener = listener
    this.#now = now
    this.#isOwned = options.isOwned
    this.#levelText = (price, quantity) =>
      `${priceText(this.#market.instrument, price)}:${quantityText(this.#market.instrument, quantity)}`
    const isOurs = ({ number }: HouseMarket) => number === market.number
    this.#unfollow = part.feed.follow({
      onL2: (of, change) => {
        if (isOurs(of)) this.#onChange(change)
      },
      onL3: () => {},
      onTrade: (of, trade) => {
        if (isOurs(of)) listener.onMarket({ kind: 'trade', instrument: of.instrument.id, at: trade.at, data: trade })
      },
      onPhase: of => {
        if (isOurs(of)) this.#tellStaleness()
      },
    })
    this.restart()
  }

  /** Takes the whole book anew: a state was loaded, or a change was lost. */
  restart(): void {
    this.#market = this.#part.markets[this.#market.number] ?? this.#market
    const { at, sequence, bids, asks } = this.#part.feed.book(this.#market.number).l2()
    this.#book.snapshot({ at, sequence, bids: this.#levels(bids), asks: this.#levels(asks) })
    this.#tellBook()
  }

  onTurn(isOwned: boolean): void {
    this.#isOwned = isOwned
    this.#tellStaleness()
  }

  close(): void {
    this.#unfollow()
  }

  #onChange(change: L2Change): void {
    const { at, sequence } = change
    const applied = this.#book.apply({
      at,
      sequence,
      bids: this.#levels(change.bids),
      asks: this.#levels(change.asks),
    })
    if (applied === 'old') return
    if (applied === 'applied' && this.#checksum() !== change.checksum) this.#book.invalidate('checksum')
    this.#tellBook()
    if (this.#book.staleness !== null) this.restart()
  }

  #tellBook(): void {
    this.#tellStaleness()
    if (this.#book.staleness !== null) return
    const { at, sequence } = this.#book
    const data = { at, sequence, ...this.#book.levels(DEPTH) }
    const input: MarketInput = { kind: 'book', instrument: this.#market.instrument.id, at: this.#now(), data }
    this.#listener.onMarket(input)
  }

  #tellStaleness(): void {
    const staleness = this.#why()
    if (staleness === this.#staleness) return
    this.#staleness = staleness
    this.#listener.onStale(this.#market.instrument.id, staleness, this.#now())
  }

  #why(): string | null {
    if (!this.#isOwned) return NOT_OWNED
    const { phase } = this.#part.feed.standing(this.#market.number)
    return phase === 'trading' ? this.#book.staleness : `the market is in its phase ${phase}`
  }

  #levels(texts: L2Change['bids']): Level[] {
    const { priceScale, tickSize, quantityScale, lotSize } = this.#market.instrument
    return texts.map(([price, quantity]) => [
      readSteps(price, priceScale, tickSize),
      readSteps(quantity, quantityScale, lotSize),
    ])
  }

  #checksum(): number {
    const parts: string[] = []
    for (let rank = 0; rank < CHECKSUM_LEVELS; rank++)
      for (const side of ['buy', 'sell'] as const)
        if (rank < this.#book.count(side)) parts.push(this.#book.text(side, rank, this.#levelText))
    return crc32(parts.join(':'))
  }
}
