import { assert } from '../../../kernel/index.ts'
import { CLIENT_ID_LENGTH_MAX } from '../command.ts'
import { NONE } from './arrays.ts'

/** Records of one block: 2^12, so that more of them never means a copy of those that are there. */
const BLOCK_BITS = 12
const BLOCK = 1 << BLOCK_BITS
const MASK = BLOCK - 1
const NUMBERS = 8
const CODES = 1 + CLIENT_ID_LENGTH_MAX

/** Of a record: its order, and what that was when it was placed. */
export const [ORDER, INSTRUMENT, SHAPE, PRICE, TRIGGER, QUANTITY, DISPLAY, EXPIRE_AT] = [
  0, 1, 2, 3, 4, 5, 6, 7,
] as const

/** FNV-1a of the characters with the last step of MurmurHash3, 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5 | 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** Client ids with eight numbers each, in arrays of numbers: hundreds of thousands of strings would be marked with every collection. */
export class NameRecords {
  readonly #numbers: Float64Array[] = []
  /** The length of the text and its characters. */
  readonly #codes: Uint8Array[] = []
  /** The hash of the text, and the record after this one. */
  readonly #hashes: Int32Array[] = []
  readonly #next: Int32Array[] = []
  #unused = 0
  #free = NONE

  add(text: string, hash: number): number {
    let record = this.#free
    if (record === NONE) {
      record = this.#unused++
      if ((record & MASK) === 0) this.#addBlock()
    } else this.#free = this.next(record)
    this.#hashes[record >> BLOCK_BITS]![record & MASK] = hash
    const codes = this.#codes[record >> BLOCK_BITS]!
    const at = (record & MASK) * CODES
    assert(text.length <= CLIENT_ID_LENGTH_MAX, 'a client id is as long as it may be')
    codes[at] = text.length
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      assert(code < 128, 'a client id is ASCII')
      codes[at + 1 + i] = code
    }
    return record
  }

  delete(record: number): void {
    this.setNext(record, this.#free)
    this.#free = record
  }

  number(record: number, which: number): number {
    return this.#numbers[record >> BLOCK_BITS]![(record & MASK) * NUMBERS + which]!
  }

  setNumber(record: number, which: number, value: number): void {
    this.#numbers[record >> BLOCK_BITS]![(record & MASK) * NUMBERS + which] = value
  }

  next(record: number): number {
    return this.#next[record >> BLOCK_BITS]![record & MASK]!
  }

  setNext(record: number, next: number): void {
    this.#next[record >> BLOCK_BITS]![record & MASK] = next
  }

  hash(record: number): number {
    return this.#hashes[record >> BLOCK_BITS]![record & MASK]!
  }

  isText(record: number, text: string): boolean {
    const codes = this.#codes[record >> BLOCK_BITS]!
    const at = (record & MASK) * CODES
    if (codes[at] !== text.length) return false
    for (let i = 0; i < text.length; i++) if (codes[at + 1 + i] !== text.charCodeAt(i)) return false
    return true
  }

  text(record: number): string {
    const codes = this.#codes[record >> BLOCK_BITS]!
    const at = (record & MASK) * CODES
    return String.fromCharCode(...codes.subarray(at + 1, at + 1 + codes[at]!))
  }

  #addBlock(): void {
    this.#numbers.push(new Float64Array(BLOCK * NUMBERS))
    this.#codes.push(new Uint8Array(BLOCK * CODES))
    this.#hashes.push(new Int32Array(BLOCK))
    this.#next.push(new Int32Array(BLOCK))
  }
}
