import { crc32 } from 'node:zlib'
import {
  type BookSnapshot,
  type Level,
  type Lots,
  type Micros,
  priceText,
  quantityText,
  type Side,
  type Ticks,
} from '../../kernel/index.ts'
import type { HouseMarket } from '../listing.ts'

/** Levels of each side that the checksum covers. */
export const CHECKSUM_LEVELS = 25
const SNAPSHOT_LEVELS = 1_000

interface ShownOrder {
  readonly side: Side
  readonly price: Ticks
  readonly visible: Lots
}

type ShownChange = ShownOrder & { readonly order: number; readonly isNew: boolean }

/** An order of an L3 book; `quantity` 0 takes it away, `isNew` puts it behind all others of its price. */
export interface L3Change {
  readonly order: string
  readonly side: Side
  readonly price: string
  readonly quantity: string
  readonly isNew: boolean
}

type LevelTexts = readonly (readonly [price: string, quantity: string])[]

/**
 * What changed in a book. `sequence` counts the changes of this market from 1 without a gap: a snapshot is the book after the
 * change of its sequence. `checksum` is the CRC-32 (ISO 3309, unsigned) of the best 25 levels after the change, best first,
 * bid and ask in turn: `bidPrice:bidQuantity:askPrice:askQuantity:…`, a side that has run out left out.
 */
export interface L2Change {
  readonly at: Micros
  readonly sequence: number
  readonly checksum: number
  readonly bids: LevelTexts
  readonly asks: LevelTexts
}

export interface L3Update {
  readonly at: Micros
  readonly sequence: number
  readonly checksum: number
  readonly orders: readonly L3Change[]
}

/** One side by price, best first; a level is the sum of what its orders show. */
class FeedSide {
  readonly prices: Ticks[] = []
  readonly #quantities = new Map<Ticks, Lots>()
  readonly #isBetter: (a: Ticks, b: Ticks) => boolean

  constructor(side: Side) {
    this.#isBetter = side === 'buy' ? (a, b) => a > b : (a, b) => a < b
  }

  quantity(price: Ticks): Lots {
    return this.#quantities.get(price) ?? 0
  }

  add(price: Ticks, change: Lots): void {
    const before = this.#quantities.get(price)
    const after = (before ?? 0) + change
    if (after === 0) {
      this.#quantities.delete(price)
      this.prices.splice(this.#find(price), 1)
      return
    }
    if (before === undefined) this.prices.splice(this.#find(price), 0, price)
    this.#quantities.set(price, after)
  }

  /** Where the price is, or would be. */
  #find(price: Ticks): number {
    let [low, high] = [0, this.prices.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#isBetter(this.prices[middle]!, price)) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The public book of one market, by level and by order, made from what the engine shows. */
export class BookFeed {
  readonly #market: HouseMarket
  /** In the order of arrival, so that those of one price are in their priority. */
  readonly #orders = new Map<number, ShownOrder>()
  readonly #sides = { buy: new FeedSide('buy'), sell: new FeedSide('sell') }
  #changedLevels = { buy: new Set<Ticks>(), sell: new Set<Ticks>() }
  #changedOrders: ShownChange[] = []
  #sequence = 0
  #at: Micros = 0

  constructor(market: HouseMarket) {
    this.#market = market
  }

  get sequence(): number {
    return this.#sequence
  }

  /** See `ReportSink.shown`. */
  show(order: number, side: Side, price: Ticks, visible: Lots, isNew: boolean): void {
    const known = this.#orders.get(order)
    if (known !== undefined) this.#change(known.side, known.price, -known.visible)
    if (visible === 0 || isNew || known?.price !== price) this.#orders.delete(order)
    if (visible > 0) {
      this.#change(side, price, visible)
      this.#orders.set(order, { side, price, visible })
    }
    this.#changedOrders.push({ order, side, price, visible, isNew })
  }

  /** Takes up what changed since the last time as one change; null when nothing did. */
  flush(at: Micros): { l2: L2Change; l3: L3Update } | null {
    if (this.#changedOrders.length === 0) return null
    this.#sequence += 1
    this.#at = at
    const checksum = this.#checksum()
    const levels = (side: Side): LevelTexts =>
      [...this.#changedLevels[side]].map(price => this.#levelText(price, this.#sides[side].quantity(price)))
    const common = { at, sequence: this.#sequence, checksum }
    const changes = {
      l2: { ...common, bids: levels('buy'), asks: levels('sell') },
      l3: { ...common, orders: this.#changedOrders.map(change => this.#orderText(change)) },
    }
    this.#changedLevels = { buy: new Set(), sell: new Set() }
    this.#changedOrders = []
    return changes
  }

  /** The book by level, best first, as after the last change. */
  l2(depth = SNAPSHOT_LEVELS): L2Change {
    const levels = (side: Side): LevelTexts =>
      this.#sides[side].prices.slice(0, depth).map(price => this.#levelText(price, this.#sides[side].quantity(price)))
    return { ...this.#head(), bids: levels('buy'), asks: levels('sell') }
  }

  /** The book by order, those of one price in their priority. */
  l3(): L3Update {
    const orders = [...this.#orders].map(([order, shown]) => this.#orderText({ ...shown, order, isNew: true }))
    return { ...this.#head(), orders }
  }

  /** In ticks and lots, for the rest of the product. */
  snapshot(depth: number): BookSnapshot {
    const levels = (side: Side): Level[] =>
      this.#sides[side].prices.slice(0, depth).map(price => [price, this.#sides[side].quantity(price)])
    return { at: this.#at, sequence: this.#sequence, bids: levels('buy'), asks: levels('sell') }
  }

  #head() {
    return { at: this.#at, sequence: this.#sequence, checksum: this.#checksum() }
  }

  #change(side: Side, price: Ticks, lots: Lots): void {
    this.#sides[side].add(price, lots)
    this.#changedLevels[side].add(price)
  }

  #levelText(price: Ticks, quantity: Lots): readonly [string, string] {
    const { instrument } = this.#market
    return [priceText(instrument, price), quantityText(instrument, quantity)]
  }

  #orderText({ order, side, price, visible, isNew }: ShownChange): L3Change {
    const [priceDecimal, quantity] = this.#levelText(price, visible)
    return { order: String(order), side, price: priceDecimal, quantity, isNew }
  }

  #checksum(): number {
    const parts: string[] = []
    for (let rank = 0; rank < CHECKSUM_LEVELS; rank++)
      for (const side of [this.#sides.buy, this.#sides.sell]) {
        const price = side.prices[rank]
        if (price !== undefined) parts.push(...this.#levelText(price, side.quantity(price)))
      }
    return crc32(parts.join(':'))
  }
}
