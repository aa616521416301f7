import type { BookSnapshot, Level, Lots, Micros, Side, Ticks } from '../../kernel/index.ts'

/** Why a book must not be traded on. */
export type Staleness =
  /** No snapshot yet. */
  | 'empty'
  /** An update is missing: ask for a snapshot. */
  | 'gap'
  /** The best bid is at or above the best ask: something was lost or applied twice. */
  | 'crossed'
  /** The connection said so. */
  | 'disconnected'
  /** The venue's checksum is not that of the book. */
  | 'checksum'
  /** A price or quantity is no decimal, or not a whole number of ticks or lots. */
  | 'unreadable'
  /** Most levels of its snapshot are gone, and what lay behind them was never told. */
  | 'thin'
  /** Nothing was heard for longer than the venue's heartbeat allows. */
  | 'silent'
  /** Asked for anew; its snapshot has not come yet. */
  | 'resubscribing'

export interface L2Delta {
  readonly at: Micros
  /** Of this update. */
  readonly sequence: number
  /** Of the update that this one follows; left out where the venue numbers without gaps. */
  readonly previous?: number
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
}

export interface Taking {
  /** What the book can fill, at most what was asked for. */
  readonly quantity: Lots
  /** Quantity-weighted mean price in ticks, floating; NaN when nothing is filled. */
  readonly vwap: number
  /** The last level that is touched; NaN when none is. */
  readonly worst: Ticks
}

/** Levels kept of each side; venues publish at most 1,000. */
const BOOK_DEPTH_MAX = 1_000

/** Levels that are moved one by one; more are copied at once. */
const STEPS_MAX = 48

/** A snapshot of so many levels of a side may have been cut off; one of fewer is taken to be the whole. */
const CUT_MIN = 100
/** Of a snapshot that may have been cut off so much must be left. */
const LEFT_SHARE = 0.25

/** Levels of each side whose text is kept: no venue's checksum covers more. */
const TEXTS_MAX = 25

export type Applied = 'applied' | 'old' | Staleness

/** The text of a level as a venue's checksum wants it. */
export type LevelText = (price: Ticks, quantity: Lots) => string

/**
 * One side as two arrays, worst level first, so that changes near the best price move little memory. Bounded: `cut`
 * drops what is worse than `depth` levels, as venues do who publish a fixed depth. It is done once a change is whole,
 * because a level that one part of it pushes out another part may let in again; in between there is room for as many more.
 */
class BookSide {
  readonly #sign: 1 | -1
  readonly #capacity: number
  readonly #prices: Float64Array
  readonly #quantities: Float64Array
  /** By rank, the best first; empty where it was not asked for since the level changed. */
  readonly #texts: string[] = new Array<string>(TEXTS_MAX).fill('')
  #hasTexts = false
  length = 0

  constructor(side: Side, depth: number) {
    this.#sign = side === 'buy' ? 1 : -1
    this.#capacity = depth * 2
    this.#prices = new Float64Array(this.#capacity)
    this.#quantities = new Float64Array(this.#capacity)
  }

  /** NaN when there is none. `rank` 0 is the best. */
  price(rank: number): Ticks {
    return rank < this.length ? this.#prices[this.length - 1 - rank]! : Number.NaN
  }

  quantity(rank: number): Lots {
    return rank < this.length ? this.#quantities[this.length - 1 - rank]! : 0
  }

  text(rank: number, textOf: LevelText): string {
    const kept = rank < TEXTS_MAX ? this.#texts[rank]! : ''
    if (kept !== '') return kept
    const made = textOf(this.price(rank), this.quantity(rank))
    if (rank < TEXTS_MAX) {
      this.#texts[rank] = made
      this.#hasTexts = true
    }
    return made
  }

  clear(): void {
    this.length = 0
    this.#forgetTexts()
  }

  /** Drops the worst levels beyond `depth`. */
  cut(depth: number): void {
    const over = this.length - depth
    if (over <= 0) return
    this.#prices.copyWithin(0, over, this.length)
    this.#quantities.copyWithin(0, over, this.length)
    this.length = depth
    if (depth < TEXTS_MAX) this.#forgetTexts()
  }

  set(price: Ticks, quantity: Lots): void {
    const at = this.#find(price)
    const isThere = at < this.length && this.#prices[at] === price
    if (isThere && quantity > 0) {
      if (this.#quantities[at] === quantity) return
      this.#quantities[at] = quantity
      const rank = this.length - 1 - at
      if (this.#hasTexts && rank < TEXTS_MAX) this.#texts[rank] = ''
    } else if (isThere) {
      if (this.#hasTexts) this.#removeText(this.length - 1 - at)
      this.#shift(at + 1, at)
    } else if (quantity > 0) {
      if (this.#hasTexts) this.#insertText(this.length - at)
      this.#insert(at, price, quantity)
    }
  }

  #insert(at: number, price: Ticks, quantity: Lots): void {
    if (this.length === this.#capacity) {
      if (at === 0) return
      this.#prices.copyWithin(0, 1, at)
      this.#quantities.copyWithin(0, 1, at)
      this.#prices[at - 1] = price
      this.#quantities[at - 1] = quantity
      return
    }
    this.#shift(at, at + 1)
    this.#prices[at] = price
    this.#quantities[at] = quantity
  }

  /** By one place. Calling out to copy costs more than a few steps here, and most changes are near the end. */
  #shift(from: number, to: number): void {
    const { length } = this
    const prices = this.#prices
    const quantities = this.#quantities
    if (length - from > STEPS_MAX) {
      prices.copyWithin(to, from, length)
      quantities.copyWithin(to, from, length)
    } else if (to < from) {
      for (let i = from; i < length; i++) {
        prices[i - 1] = prices[i]!
        quantities[i - 1] = quantities[i]!
      }
    } else {
      for (let i = length; i > from; i--) {
        prices[i] = prices[i - 1]!
        quantities[i] = quantities[i - 1]!
      }
    }
    this.length = length + to - from
  }

  #insertText(rank: number): void {
    for (let i = TEXTS_MAX - 1; i > rank; i--) this.#texts[i] = this.#texts[i - 1]!
    if (rank < TEXTS_MAX) this.#texts[rank] = ''
  }

  #removeText(rank: number): void {
    if (rank >= TEXTS_MAX) return
    for (let i = rank + 1; i < TEXTS_MAX; i++) this.#texts[i - 1] = this.#texts[i]!
    this.#texts[TEXTS_MAX - 1] = ''
  }

  #forgetTexts(): void {
    if (this.#hasTexts) this.#texts.fill('')
    this.#hasTexts = false
  }

  /** First position whose price is `price` or better. Updates come near the best, so a walk from there often ends at once. */
  #find(price: Ticks): number {
    const wanted = price * this.#sign
    let high = this.length
    let low = Math.max(0, high - 8)
    if (low > 0 && this.#prices[low]! * this.#sign >= wanted) {
      high = low
      low = 0
    }
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#prices[middle]! * this.#sign < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
}

const leastOf = (count: number): number => (count < CUT_MIN ? 0 : count * LEFT_SHARE)

/** A venue's order book by price level, from a snapshot and numbered changes. Prices in ticks, quantities in lots. */
export class L2Book {
  readonly #bids: BookSide
  readonly #asks: BookSide
  readonly #depthMax: number
  /** What the venue publishes of each side, where that is less. */
  #depth: number
  #sequence = 0
  #at: Micros = 0
  #staleness: Staleness | null = 'empty'
  /** Between the begin of a snapshot and its commit. */
  #isBegun = false
  #isUnreadable = false
  /** Levels that the sides must still have. */
  #bidsMin = 0
  #asksMin = 0

  constructor(depth = BOOK_DEPTH_MAX) {
    this.#depthMax = Math.min(depth, BOOK_DEPTH_MAX)
    this.#depth = this.#depthMax
    this.#bids = new BookSide('buy', this.#depthMax)
    this.#asks = new BookSide('sell', this.#depthMax)
  }

  get sequence(): number {
    return this.#sequence
  }

  /** Of the last change. */
  get at(): Micros {
    return this.#at
  }

  /** Null while the book may be trusted. Only a snapshot makes a stale book good again. */
  get staleness(): Staleness | null {
    return this.#staleness
  }

  /** Says that changes may be missing, e.g. when the connection broke. */
  invalidate(why: Staleness): void {
    this.#staleness = why
    this.#isBegun = false
  }

  snapshot(snapshot: BookSnapshot): Applied {
    this.begin()
    return this.#take(snapshot)
  }

  /** Applies a change. One that is not newer is `old` and changes nothing; one that leaves a hole makes the book stale. */
  apply(delta: L2Delta): Applied {
    if (this.#staleness !== null) return this.#staleness
    if (delta.sequence <= this.#sequence) return 'old'
    if ((delta.previous ?? delta.sequence - 1) !== this.#sequence) {
      this.#staleness = 'gap'
      return 'gap'
    }
    return this.#take(delta)
  }

  #take(change: BookSnapshot | L2Delta): Applied {
    const { bids, asks } = change
    for (let i = 0; i < bids.length; i++) this.set('buy', bids[i]![0], bids[i]![1])
    for (let i = 0; i < asks.length; i++) this.set('sell', asks[i]![0], asks[i]![1])
    return this.commit(change.sequence, change.at)
  }

  /**
   * Empties the book for a snapshot that is written level by level with `set`; it stays stale until `commit`.
   * @param depth levels of each side that the venue publishes and expects to be kept
   */
  begin(depth = this.#depthMax): void {
    this.#bids.clear()
    this.#asks.clear()
    this.#depth = Math.min(depth, this.#depthMax)
    this.#staleness ??= 'resubscribing'
    this.#isBegun = true
    this.#isUnreadable = false
  }

  /** Sets a level; zero lots remove it. What is no price or quantity, NaN for one, is kept out and fails the commit. */
  set(side: Side, price: Ticks, quantity: Lots): void {
    if (!(price > 0) || !(quantity >= 0)) this.#isUnreadable = true
    else if (side === 'buy') this.#bids.set(price, quantity)
    else this.#asks.set(price, quantity)
  }

  /** Ends a snapshot or a change that was written with `set`. Whether it follows the one before, the caller has checked. */
  commit(sequence: number, at: Micros): Applied {
    this.#bids.cut(this.#depth)
    this.#asks.cut(this.#depth)
    if (this.#isBegun) {
      this.#isBegun = false
      this.#staleness = null
      this.#bidsMin = leastOf(this.#bids.length)
      this.#asksMin = leastOf(this.#asks.length)
    }
    this.#sequence = sequence
    this.#at = at
    if (this.#staleness !== null) return this.#staleness
    if (this.#isUnreadable) this.#staleness = 'unreadable'
    else if (this.#bids.price(0) >= this.#asks.price(0)) this.#staleness = 'crossed'
    else if (this.#bids.length < this.#bidsMin || this.#asks.length < this.#asksMin) this.#staleness = 'thin'
    return this.#staleness ?? 'applied'
  }

  /** How many levels a side has. */
  count(side: Side): number {
    return this.#side(side).length
  }

  /** What `textOf` makes of a level, kept until the level changes: always ask one book with the same function. */
  text(side: Side, rank: number, textOf: LevelText): string {
    return this.#side(side).text(rank, textOf)
  }

  /** Best price of a side, NaN when it is empty. */
  best(side: Side): Ticks {
    return this.#side(side).price(0)
  }

  /** NaN unless both sides have a price. May lie between two ticks. */
  mid(): number {
    return (this.#bids.price(0) + this.#asks.price(0)) / 2
  }

  levels(depth: number): { bids: Level[]; asks: Level[] } {
    return { bids: this.#levelsOf('buy', depth), asks: this.#levelsOf('sell', depth) }
  }

  /** Lots that rest on `side` at `limit` or better. */
  depthTo(side: Side, limit: Ticks): Lots {
    const book = this.#side(side)
    const sign = side === 'buy' ? 1 : -1
    let sum = 0
    for (let rank = 0; rank < book.length && book.price(rank) * sign >= limit * sign; rank++) sum += book.quantity(rank)
    return sum
  }

  /** What taking `quantity` with an order of `side` would give: it walks the other side. */
  take(side: Side, quantity: Lots): Taking {
    const book = this.#side(side === 'buy' ? 'sell' : 'buy')
    let open = quantity
    let value = 0
    let worst = Number.NaN
    for (let rank = 0; rank < book.length && open > 0; rank++) {
      worst = book.price(rank)
      const part = Math.min(open, book.quantity(rank))
      open -= part
      value += part * worst
    }
    return { quantity: quantity - open, vwap: value / (quantity - open), worst }
  }

  toSnapshot(depth: number): BookSnapshot {
    return { at: this.#at, sequence: this.#sequence, ...this.levels(depth) }
  }

  #side(side: Side): BookSide {
    return side === 'buy' ? this.#bids : this.#asks
  }

  #levelsOf(side: Side, depth: number): Level[] {
    const book = this.#side(side)
    const levels: Level[] = []
    for (let rank = 0; rank < Math.min(depth, book.length); rank++) levels.push([book.price(rank), book.quantity(rank)])
    return levels
  }
}
