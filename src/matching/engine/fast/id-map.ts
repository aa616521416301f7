import { NONE } from './arrays.ts'

const CAPACITY_MIN = 1_024
/** 2^32 divided by the golden ratio: spreads numbers that follow each other (Knuth, volume 3, section 6.4). */
const SPREAD = 0x9e3779b1

/** From an order's id to its slot: open addressing with linear probing, at most half full, no object and no deletion mark. */
export class IdMap {
  #ids = new Float64Array(CAPACITY_MIN)
  #slots = new Int32Array(CAPACITY_MIN)
  #shift = 36 - Math.log2(CAPACITY_MIN)
  #size = 0

  get(id: number): number {
    const ids = this.#ids
    const mask = ids.length - 1
    for (let i = this.#homeOf(id); ids[i] !== 0; i = (i + 1) & mask) if (ids[i] === id) return this.#slots[i]!
    return NONE
  }

  set(id: number, slot: number): void {
    if (this.#size * 2 >= this.#ids.length) this.#grow()
    this.#put(id, slot)
    this.#size += 1
  }

  /** The entries behind it that would no longer be found move up. */
  delete(id: number): void {
    const [ids, slots] = [this.#ids, this.#slots]
    const mask = ids.length - 1
    let gap = this.#homeOf(id)
    while (ids[gap] !== id) gap = (gap + 1) & mask
    for (let i = (gap + 1) & mask; ids[i] !== 0; i = (i + 1) & mask) {
      const home = this.#homeOf(ids[i]!)
      if (((i - home) & mask) < ((i - gap) & mask)) continue
      ids[gap] = ids[i]!
      slots[gap] = slots[i]!
      gap = i
    }
    ids[gap] = 0
    this.#size -= 1
  }

  /** Sixteen ids that follow each other stay together, as they are placed together. */
  #homeOf(id: number): number {
    return ((Math.imul(id >>> 4, SPREAD) >>> this.#shift) << 4) | (id & 15)
  }

  #put(id: number, slot: number): void {
    const mask = this.#ids.length - 1
    let i = this.#homeOf(id)
    while (this.#ids[i] !== 0) i = (i + 1) & mask
    this.#ids[i] = id
    this.#slots[i] = slot
  }

  #grow(): void {
    const [ids, slots] = [this.#ids, this.#slots]
    this.#ids = new Float64Array(ids.length * 2)
    this.#slots = new Int32Array(ids.length * 2)
    this.#shift -= 1
    for (let i = 0; i < ids.length; i++) if (ids[i] !== 0) this.#put(ids[i]!, slots[i]!)
  }
}
