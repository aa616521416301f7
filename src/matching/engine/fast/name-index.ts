import { NONE } from './arrays.ts'
import type { NameRecords } from './name-records.ts'

const CAPACITY_MIN = 16

/**
 * From a client id of one account to its record: open addressing with linear probing, at most half full, no deletion mark. One
 * for each account, so that ids that are chosen to collide slow down nobody but who chose them.
 */
export class NameIndex {
  readonly #records: NameRecords
  #places = new Int32Array(CAPACITY_MIN).fill(NONE)
  #size = 0

  constructor(records: NameRecords) {
    this.#records = records
  }

  get(text: string, hash: number): number {
    const [records, places] = [this.#records, this.#places]
    const mask = places.length - 1
    for (let i = hash & mask; places[i] !== NONE; i = (i + 1) & mask)
      if (records.hash(places[i]!) === hash && records.isText(places[i]!, text)) return places[i]!
    return NONE
  }

  add(record: number): void {
    if (this.#size * 2 >= this.#places.length) this.#grow()
    this.#put(record)
    this.#size += 1
  }

  /** The entries behind it that would no longer be found move up. */
  delete(record: number): void {
    const [records, places] = [this.#records, this.#places]
    const mask = places.length - 1
    let gap = records.hash(record) & mask
    while (places[gap] !== record) gap = (gap + 1) & mask
    for (let i = (gap + 1) & mask; places[i] !== NONE; i = (i + 1) & mask) {
      const home = records.hash(places[i]!) & mask
      if (((i - home) & mask) < ((i - gap) & mask)) continue
      places[gap] = places[i]!
      gap = i
    }
    places[gap] = NONE
    this.#size -= 1
  }

  #put(record: number): void {
    const mask = this.#places.length - 1
    let i = this.#records.hash(record) & mask
    while (this.#places[i] !== NONE) i = (i + 1) & mask
    this.#places[i] = record
  }

  #grow(): void {
    const before = this.#places
    this.#places = new Int32Array(before.length * 2).fill(NONE)
    for (const record of before) if (record !== NONE) this.#put(record)
  }
}
