import type { Ticks } from '../../../kernel/index.ts'
import { grown, NONE } from './arrays.ts'

/** Children of a node: as many as an integer of JavaScript's bit operations has bits. */
const WIDTH = 32
const BITS = 5
/** Six digits are 30 bits; what is above them is in `high`. */
const LOW_DIGITS = 6
const LOW = 2 ** (BITS * LOW_DIGITS)
/** Eleven digits hold every safe integer. */
const HEIGHT_MAX = 11

const lowestOf = (bits: number): number => 31 - Math.clz32(bits & -bits)
const highestOf = (bits: number): number => 31 - Math.clz32(bits)

/**
 * Levels by price, ordered, however far apart: a radix tree whose nodes are a bitmap and their children, and are there only where
 * a level is. It is as high as the highest price needs; finding, adding and removing take one step a digit of five bits.
 */
export class PriceTree {
  #bits = new Int32Array(64)
  #children = new Int32Array(64 * WIDTH)
  #unused = 1
  #free = NONE
  #root = 0
  #height = 2
  /** Prices below this have a place. */
  #bound = WIDTH ** 2
  readonly #path = new Int32Array(HEIGHT_MAX)

  /** The level at a price, or NONE. */
  get(price: Ticks): number {
    if (price >= this.#bound) return NONE
    const high = Math.floor(price / LOW)
    const low = price - high * LOW
    let node = this.#root
    for (let k = this.#height - 1; k >= 0; k--) {
      const digit = digitOf(high, low, k)
      if (((this.#bits[node]! >>> digit) & 1) === 0) return NONE
      node = this.#children[node * WIDTH + digit]!
    }
    return node
  }

  /** Puts a level where none is. */
  set(price: Ticks, level: number): void {
    while (price >= this.#bound) this.#rise()
    const high = Math.floor(price / LOW)
    const low = price - high * LOW
    let node = this.#root
    for (let k = this.#height - 1; k > 0; k--) {
      const digit = digitOf(high, low, k)
      if (((this.#bits[node]! >>> digit) & 1) === 0) this.#link(node, digit, this.#newNode())
      node = this.#children[node * WIDTH + digit]!
    }
    this.#link(node, low & 31, level)
  }

  /** Takes away a level that is there, and the nodes that led to it alone. */
  delete(price: Ticks): void {
    const high = Math.floor(price / LOW)
    const low = price - high * LOW
    this.#walk(high, low)
    for (let k = 0; k < this.#height; k++) {
      const node = this.#path[k]!
      this.#bits[node]! &= ~(1 << digitOf(high, low, k))
      if (this.#bits[node] !== 0 || node === this.#root) return
      this.#children[node * WIDTH] = this.#free
      this.#free = node
    }
  }

  /** The level at the nearest price above one that has a level, or NONE. */
  above(price: Ticks): number {
    const high = Math.floor(price / LOW)
    const low = price - high * LOW
    for (let k = this.#walk(high, low); k < this.#height; k++) {
      const bits = this.#bits[this.#path[k]!]! & ~((2 << digitOf(high, low, k)) - 1)
      if (bits === 0) continue
      let node = this.#children[this.#path[k]! * WIDTH + lowestOf(bits)]!
      for (let down = k; down > 0; down--) node = this.#children[node * WIDTH + lowestOf(this.#bits[node]!)]!
      return node
    }
    return NONE
  }

  /** The level at the nearest price below one that has a level, or NONE. */
  below(price: Ticks): number {
    const high = Math.floor(price / LOW)
    const low = price - high * LOW
    for (let k = this.#walk(high, low); k < this.#height; k++) {
      const bits = this.#bits[this.#path[k]!]! & ((1 << digitOf(high, low, k)) - 1)
      if (bits === 0) continue
      let node = this.#children[this.#path[k]! * WIDTH + highestOf(bits)]!
      for (let down = k; down > 0; down--) node = this.#children[node * WIDTH + highestOf(this.#bits[node]!)]!
      return node
    }
    return NONE
  }

  /** Notes the nodes on the way to a price, by the digit that they decide, as far as there are any; says how far that was. */
  #walk(high: number, low: number): number {
    let node = this.#root
    for (let k = this.#height - 1; ; k--) {
      this.#path[k] = node
      const digit = digitOf(high, low, k)
      if (k === 0 || ((this.#bits[node]! >>> digit) & 1) === 0) return k
      node = this.#children[node * WIDTH + digit]!
    }
  }

  /** One digit more. */
  #rise(): void {
    if (this.#bits[this.#root] !== 0) {
      const root = this.#newNode()
      this.#link(root, 0, this.#root)
      this.#root = root
    }
    this.#height += 1
    this.#bound *= WIDTH
  }

  #link(node: number, digit: number, child: number): void {
    this.#bits[node]! |= 1 << digit
    this.#children[node * WIDTH + digit] = child
  }

  #newNode(): number {
    const freed = this.#free
    if (freed !== NONE) {
      this.#free = this.#children[freed * WIDTH]!
      return freed
    }
    if (this.#unused === this.#bits.length) {
      this.#bits = grown(this.#bits, this.#unused * 2)
      this.#children = grown(this.#children, this.#unused * 2 * WIDTH)
    }
    return this.#unused++
  }
}

const digitOf = (high: number, low: number, k: number): number =>
  k < LOW_DIGITS ? (low >>> (BITS * k)) & 31 : (high >>> (BITS * (k - LOW_DIGITS))) & 31
