import type { Ticks } from '../../../kernel/index.ts'
import { grown, NONE } from './arrays.ts'
import type { Orders } from './orders.ts'
import { PriceTree } from './price-tree.ts'

const CAPACITY_MIN = 64

/**
 * One side of a book, or the stops of one side by their triggers: levels in a list from the best on, each with a queue of orders.
 * A level is there as long as an order is.
 */
export class Ladder {
  /** The first level, or NONE. */
  best = NONE
  price = new Float64Array(CAPACITY_MIN)
  first = new Int32Array(CAPACITY_MIN)
  last = new Int32Array(CAPACITY_MIN)
  /** Lots that are open in it, hidden ones included. */
  open = new Float64Array(CAPACITY_MIN)
  better = new Int32Array(CAPACITY_MIN)
  worse = new Int32Array(CAPACITY_MIN)

  readonly #orders: Orders
  readonly #isHighestBest: boolean
  readonly #tree = new PriceTree()
  #unused = 0
  /** Freed levels, linked by `worse`. */
  #free = NONE

  constructor(orders: Orders, isHighestBest: boolean) {
    this.#orders = orders
    this.#isHighestBest = isHighestBest
  }

  /** The best price, or 0. */
  get bestPrice(): Ticks {
    return this.best === NONE ? 0 : this.price[this.best]!
  }

  /** Puts an order at the end of the queue of a price. */
  push(slot: number, price: Ticks): void {
    const level = this.#levelAt(price)
    this.open[level]! += this.#orders.open[slot]!
    this.#append(slot, level)
  }

  /** Takes an order out of its queue. */
  remove(slot: number): void {
    const level = this.#orders.level[slot]!
    this.open[level]! -= this.#orders.open[slot]!
    this.#unlink(slot, level)
    this.#orders.level[slot] = NONE
    if (this.first[level] === NONE) this.#drop(level)
  }

  /** An iceberg's next slice: its order goes to the end of its queue. */
  requeue(slot: number): void {
    const level = this.#orders.level[slot]!
    this.#unlink(slot, level)
    this.#append(slot, level)
  }

  #append(slot: number, level: number): void {
    const { before, after, level: levels } = this.#orders
    const last = this.last[level]!
    levels[slot] = level
    before[slot] = last
    after[slot] = NONE
    if (last === NONE) this.first[level] = slot
    else after[last] = slot
    this.last[level] = slot
  }

  #unlink(slot: number, level: number): void {
    const { before, after } = this.#orders
    const [previous, next] = [before[slot]!, after[slot]!]
    if (previous === NONE) this.first[level] = next
    else after[previous] = next
    if (next === NONE) this.last[level] = previous
    else before[next] = previous
  }

  #levelAt(price: Ticks): number {
    const { best } = this
    if (best !== NONE && this.price[best] === price) return best
    const found = this.#tree.get(price)
    return found === NONE ? this.#newLevel(price) : found
  }

  #newLevel(price: Ticks): number {
    let level = this.#free
    if (level === NONE) {
      if (this.#unused === this.price.length) this.#grow()
      level = this.#unused++
    } else this.#free = this.worse[level]!
    this.#tree.set(price, level)
    const better = this.#betterThan(price)
    const worse = better === NONE ? this.best : this.worse[better]!
    this.price[level] = price
    this.open[level] = 0
    this.first[level] = NONE
    this.last[level] = NONE
    this.better[level] = better
    this.worse[level] = worse
    if (better === NONE) this.best = level
    else this.worse[better] = level
    if (worse !== NONE) this.better[worse] = level
    return level
  }

  /** The level just before where a price belongs. */
  #betterThan(price: Ticks): number {
    if (this.best === NONE) return NONE
    const best = this.price[this.best]!
    if (this.#isHighestBest) return price > best ? NONE : this.#tree.above(price)
    return price < best ? NONE : this.#tree.below(price)
  }

  #drop(level: number): void {
    const [better, worse] = [this.better[level]!, this.worse[level]!]
    if (better === NONE) this.best = worse
    else this.worse[better] = worse
    if (worse !== NONE) this.better[worse] = better
    this.#tree.delete(this.price[level]!)
    this.worse[level] = this.#free
    this.#free = level
  }

  #grow(): void {
    const length = this.price.length * 2
    this.price = grown(this.price, length)
    this.first = grown(this.first, length)
    this.last = grown(this.last, length)
    this.open = grown(this.open, length)
    this.better = grown(this.better, length)
    this.worse = grown(this.worse, length)
  }
}
