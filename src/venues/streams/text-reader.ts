import type { Side } from '../../kernel/index.ts'
import type { WatchedBook } from './watched-book.ts'

const [QUOTE, COMMA, MINUS, POINT, ZERO, OPEN, CLOSE] = [34, 44, 45, 46, 48, 91, 93]
/** The powers of ten that decimals of a venue need; beyond, a number is not read here. */
const POWERS: readonly number[] = Array.from({ length: 19 }, (_, i) => Number(`1e${i}`))

/**
 * Reads frames of a known shape straight from their text, without making objects and strings of them. It is a short cut
 * and nothing else: whoever finds a frame to be of another shape gives up and lets JSON be parsed. Levels that were
 * written by then are absolute, and writing them again changes nothing.
 */
export class TextReader {
  #text = ''
  at = 0

  open(text: string): void {
    this.#text = text
    this.at = 0
  }

  /** Whether the text goes on like this; if so, it is passed. */
  skip(expected: string): boolean {
    if (!this.#text.startsWith(expected, this.at)) return false
    this.at += expected.length
    return true
  }

  /** What comes before `end`, which is passed; empty when there is no such end. */
  until(end: string): string {
    const to = this.#text.indexOf(end, this.at)
    if (to < 0) return ''
    const found = this.#text.slice(this.at, to)
    this.at = to + end.length
    return found
  }

  get isAtEnd(): boolean {
    return this.at === this.#text.length
  }

  /** Where `found` is last. */
  last(found: string): number {
    return this.#text.lastIndexOf(found)
  }

  from(at: number, to: number): string {
    return this.#text.slice(at, to)
  }

  get rest(): string {
    return this.#text.slice(this.at)
  }

  /** NaN where no digit is. */
  integer(): number {
    return this.steps(0, 1, false)
  }

  /** A decimal in steps, as `readSteps` and `readStepsDown` of the kernel give it; stops at what belongs to no decimal. */
  steps(scale: number, step: number, isDown: boolean): number {
    const text = this.#text
    let { at } = this
    const isNegative = text.charCodeAt(at) === MINUS
    if (isNegative) at += 1
    const start = at
    let units = 0
    let digit = text.charCodeAt(at) - ZERO
    while (digit >= 0 && digit <= 9) {
      units = units * 10 + digit
      digit = text.charCodeAt(++at) - ZERO
    }
    let isGood = at > start
    let missing = scale
    if (digit === POINT - ZERO) {
      const point = at
      digit = text.charCodeAt(++at) - ZERO
      while (digit >= 0 && digit <= 9) {
        if (missing > 0) {
          units = units * 10 + digit
          missing -= 1
        } else if (digit !== 0 && !isDown) isGood = false
        digit = text.charCodeAt(++at) - ZERO
      }
      if (at === point + 1) isGood = false
    }
    this.at = at
    if (!isGood) return Number.NaN
    if (units === 0) return 0
    if (missing > 0) units *= POWERS[missing] ?? Number.NaN
    if (!(units <= Number.MAX_SAFE_INTEGER)) return Number.NaN
    if (step !== 1) {
      const steps = Math.floor(units / step)
      if (!isDown && steps * step !== units) return Number.NaN
      units = steps
    }
    if (!isNegative) return units
    return isDown ? Number.NaN : -units
  }

  /** `[["1.5","20"],["1.4","3","0","1"]]` into a book; what a level has beyond price and quantity is passed. */
  levels(watched: WatchedBook, side: Side): boolean {
    const text = this.#text
    const { book } = watched
    const { priceScale, tickSize, quantityScale, lotSize } = watched.instrument
    let { at } = this
    if (text.charCodeAt(at) !== OPEN) return false
    at += 1
    if (text.charCodeAt(at) === CLOSE) {
      this.at = at + 1
      return true
    }
    while (text.charCodeAt(at) === OPEN && text.charCodeAt(at + 1) === QUOTE) {
      this.at = at + 2
      const price = this.steps(priceScale, tickSize, false)
      at = this.at
      if (text.charCodeAt(at) !== QUOTE || text.charCodeAt(at + 1) !== COMMA || text.charCodeAt(at + 2) !== QUOTE)
        return false
      this.at = at + 3
      const quantity = this.steps(quantityScale, lotSize, true)
      at = this.at
      if (text.charCodeAt(at) !== QUOTE) return false
      at += 1
      if (text.charCodeAt(at) !== CLOSE) {
        at = text.indexOf(']', at)
        if (at < 0) return false
      }
      book.set(side, price, quantity)
      const next = text.charCodeAt(at + 1)
      at += 2
      if (next === CLOSE) {
        this.at = at
        return true
      }
      if (next !== COMMA) return false
    }
    return false
  }
}
