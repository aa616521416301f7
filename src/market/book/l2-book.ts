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

export type Applied = 'applied' | 'old' | Staleness

/**
 * One side as two arrays, worst level first, so that changes near the best price move little memory. Bounded: beyond
 * `depth` the worst level is dropped, as venues do who publish a fixed depth.
 */
class BookSide {
  readonly #sign: 1 | -1
  readonly #depth: number
  readonly #prices: Float64Array
  readonly #quantities: Float64Array
  length = 0

  constructor(side: Side, depth: number) {
    this.#sign = side === 'buy' ? 1 : -1
    this.#depth = depth
    this.#prices = new Float64Array(depth + 1)
    this.#quantities = new Float64Array(depth + 1)
  }

  /** NaN when there is none. `rank` 0 is the best. */
  price(rank: number): Ticks {
    return rank < this.length ? this.#prices[this.length - 1 - rank]! : Number.NaN
  }

  quantity(rank: number): Lots {
    return rank < this.length ? this.#quantities[this.length - 1 - rank]! : 0
  }

  clear(): void {
    this.length = 0
  }

  set(price: Ticks, quantity: Lots): void {
    const at = this.#find(price)
    const isThere = at < this.length && this.#prices[at] === price
    if (isThere && quantity > 0) this.#quantities[at] = quantity
    else if (isThere) this.#shift(at + 1, at)
    else if (quantity > 0) this.#insert(at, price, quantity)
  }

  #insert(at: number, price: Ticks, quantity: Lots): void {
    if (this.length === this.#depth) {
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

  #shift(from: number, to: number): void {
    this.#prices.copyWithin(to, from, this.length)
    this.#quantities.copyWithin(to, from, this.length)
    this.length += to - from
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

/** A venue's order book by price level, from a snapshot and numbered changes. Prices in ticks, quantities in lots. */
export class L2Book {
  readonly #bids: BookSide
  readonly #asks: BookSide
  #sequence = 0
  #at: Micros = 0
  #staleness: Staleness | null = 'empty'

  constructor(depth = BOOK_DEPTH_MAX) {
    const bounded = Math.min(depth, BOOK_DEPTH_MAX)
    this.#bids = new BookSide('buy', bounded)
    this.#asks = new BookSide('sell', bounded)
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
  }

  snapshot(snapshot: BookSnapshot): Applied {
    this.#bids.clear()
    this.#asks.clear()
    this.#staleness = null
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
    for (let i = 0; i < bids.length; i++) this.#bids.set(bids[i]![0], bids[i]![1])
    for (let i = 0; i < asks.length; i++) this.#asks.set(asks[i]![0], asks[i]![1])
    this.#sequence = change.sequence
    this.#at = change.at
    if (this.#bids.price(0) >= this.#asks.price(0)) this.#staleness = 'crossed'
    return this.#staleness ?? 'applied'
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
