import type { Lots, Ticks } from '../../../kernel/index.ts'
import { NONE } from './arrays.ts'
import { isCrossed, type Market } from './core.ts'

/**
 * Where a market would uncross; the rule is told in the naive engine. One pass over the levels that cross, from the lowest price
 * up: volume and surplus are the same over a limit, and over all ticks between two limits.
 */
export class AuctionPrice {
  price: Ticks = 0
  quantity: Lots = 0

  #reference: Ticks = 0
  #surplus = 0
  /** Of the prices that are the best so far: the ends, the nearest to the reference, and on which sides there is a surplus. */
  #lowest: Ticks = 0
  #highest: Ticks = 0
  #nearest: Ticks = 0
  #isAllToBuy = false
  #isAllToSell = false

  /** Finds `price` and `quantity`, both 0 when nothing would trade. */
  find(market: Market): void {
    this.price = 0
    this.quantity = 0
    if (!isCrossed(market)) return
    this.#reference = market.reference
    const { bids, asks } = market
    const highest = bids.bestPrice
    let [buying, selling] = [0, 0]
    let bid = bids.best
    for (let level = bids.best; level !== NONE && bids.price[level]! >= asks.bestPrice; level = bids.worse[level]!) {
      buying += bids.open[level]!
      bid = level
    }
    let ask = asks.best
    for (let price = asks.bestPrice; price <= highest; ) {
      if (ask !== NONE && asks.price[ask] === price) {
        selling += asks.open[ask]!
        ask = asks.worse[ask]!
      }
      this.#consider(price, price, buying, selling)
      if (bid !== NONE && bids.price[bid] === price) {
        buying -= bids.open[bid]!
        bid = bids.better[bid]!
      }
      const nextBid = bid === NONE ? highest + 1 : bids.price[bid]!
      const nextAsk = ask === NONE ? highest + 1 : asks.price[ask]!
      const next = nextBid < nextAsk ? nextBid : nextAsk
      if (price < highest && next > price + 1) this.#consider(price + 1, next - 1, buying, selling)
      price = next
    }
    if (this.#isAllToBuy) this.price = this.#highest
    else this.price = this.#isAllToSell ? this.#lowest : this.#nearest
  }

  #consider(low: Ticks, high: Ticks, buying: number, selling: number): void {
    const quantity = buying < selling ? buying : selling
    const surplus = buying - selling
    const isBetter =
      quantity > this.quantity || (quantity === this.quantity && Math.abs(surplus) < Math.abs(this.#surplus))
    if (!isBetter && (quantity < this.quantity || Math.abs(surplus) > Math.abs(this.#surplus))) return
    const nearest = this.#reference < low ? low : this.#reference > high ? high : this.#reference
    if (isBetter) {
      this.quantity = quantity
      this.#surplus = surplus
      this.#lowest = low
      this.#nearest = nearest
      this.#isAllToBuy = surplus > 0
      this.#isAllToSell = surplus < 0
    } else {
      if (Math.abs(nearest - this.#reference) < Math.abs(this.#nearest - this.#reference)) this.#nearest = nearest
      this.#isAllToBuy &&= surplus > 0
      this.#isAllToSell &&= surplus < 0
    }
    this.#highest = high
  }
}
