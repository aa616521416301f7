import type { Micros } from '../../../kernel/index.ts'
import { grown, NONE } from './arrays.ts'
import type { Orders } from './orders.ts'

/** Orders that expire: a binary heap by time and then id, in which every order knows its place. */
export class Expiry {
  readonly #orders: Orders
  #heap = new Int32Array(64)
  #size = 0

  constructor(orders: Orders) {
    this.#orders = orders
  }

  /** The order that expires next, if it has by now, or NONE. */
  due(at: Micros): number {
    if (this.#size === 0) return NONE
    const next = this.#heap[0]!
    return this.#orders.expireAt[next]! <= at ? next : NONE
  }

  add(slot: number): void {
    if (this.#size === this.#heap.length) this.#heap = grown(this.#heap, this.#size * 2)
    this.#size += 1
    this.#rise(slot, this.#size - 1)
  }

  delete(slot: number): void {
    const place = this.#orders.heapPlace[slot]!
    this.#size -= 1
    const last = this.#heap[this.#size]!
    if (last === slot) return
    this.#rise(last, place)
    this.#sink(last, this.#orders.heapPlace[last]!)
  }

  #isBefore(a: number, b: number): boolean {
    const { expireAt, id } = this.#orders
    return expireAt[a] === expireAt[b] ? id[a]! < id[b]! : expireAt[a]! < expireAt[b]!
  }

  #put(slot: number, place: number): void {
    this.#heap[place] = slot
    this.#orders.heapPlace[slot] = place
  }

  #rise(slot: number, from: number): void {
    let place = from
    while (place > 0) {
      const parent = this.#heap[(place - 1) >> 1]!
      if (!this.#isBefore(slot, parent)) break
      this.#put(parent, place)
      place = (place - 1) >> 1
    }
    this.#put(slot, place)
  }

  #sink(slot: number, from: number): void {
    let place = from
    for (;;) {
      let child = 2 * place + 1
      if (child >= this.#size) break
      if (child + 1 < this.#size && this.#isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child += 1
      if (!this.#isBefore(this.#heap[child]!, slot)) break
      this.#put(this.#heap[child]!, place)
      place = child
    }
    this.#put(slot, place)
  }
}
