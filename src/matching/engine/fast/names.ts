import type { PlaceOrder } from '../command.ts'
import type { SavedName } from '../state.ts'
import { grown, NONE } from './arrays.ts'
import { partsOf, shapeOf } from './shape.ts'

const CAPACITY_MIN = 256
/** Of a record: its order, and what that was when it was placed. */
const WIDTH = 8
const [ORDER, INSTRUMENT, SHAPE, PRICE, TRIGGER, QUANTITY, DISPLAY, EXPIRE_AT] = [0, 1, 2, 3, 4, 5, 6, 7] as const

/** Client ids of open orders and, for each account, of the last ones that closed, the oldest of which is forgotten first. */
export class Names {
  readonly #closedMax: number
  readonly #byAccount: Map<string, number>[] = []
  #text: string[] = []
  #parts = new Float64Array(CAPACITY_MIN * WIDTH)
  /** The next that closed of the account; and the next free record. */
  #next = new Int32Array(CAPACITY_MIN)
  #first: number[] = []
  #last: number[] = []
  #closed: number[] = []
  #unused = 0
  #free = NONE

  constructor(closedMax: number) {
    this.#closedMax = closedMax
  }

  addAccount(): void {
    this.#byAccount.push(new Map())
    this.#first.push(NONE)
    this.#last.push(NONE)
    this.#closed.push(0)
  }

  /** The record of a name, or NONE. */
  find(account: number, clientId: string): number {
    return this.#byAccount[account]!.get(clientId) ?? NONE
  }

  orderOf(record: number): number {
    return this.#parts[record * WIDTH + ORDER]!
  }

  add(
    account: number,
    order: number,
    placed: Omit<PlaceOrder, 'kind' | 'account' | 'at' | 'session' | 'sequence'>,
  ): number {
    let record = this.#free
    if (record === NONE) {
      if (this.#unused === this.#next.length) {
        this.#next = grown(this.#next, this.#unused * 2)
        this.#parts = grown(this.#parts, this.#unused * 2 * WIDTH)
      }
      record = this.#unused++
    } else this.#free = this.#next[record]!
    const [parts, at] = [this.#parts, record * WIDTH]
    parts[at + ORDER] = order
    parts[at + INSTRUMENT] = placed.instrument
    parts[at + SHAPE] = shapeOf(placed)
    parts[at + PRICE] = placed.price
    parts[at + TRIGGER] = placed.trigger
    parts[at + QUANTITY] = placed.quantity
    parts[at + DISPLAY] = placed.display
    parts[at + EXPIRE_AT] = placed.expireAt
    this.#text[record] = placed.clientId
    this.#byAccount[account]!.set(placed.clientId, record)
    return record
  }

  /** Whether an order says again what this name was given to. */
  isSame(record: number, order: PlaceOrder): boolean {
    const [parts, at] = [this.#parts, record * WIDTH]
    return (
      parts[at + INSTRUMENT] === order.instrument &&
      parts[at + SHAPE] === shapeOf(order) &&
      parts[at + PRICE] === order.price &&
      parts[at + TRIGGER] === order.trigger &&
      parts[at + QUANTITY] === order.quantity &&
      parts[at + DISPLAY] === order.display &&
      parts[at + EXPIRE_AT] === order.expireAt
    )
  }

  /** The order of a name has ended. */
  close(account: number, record: number): void {
    const last = this.#last[account]!
    if (last === NONE) this.#first[account] = record
    else this.#next[last] = record
    this.#last[account] = record
    this.#next[record] = NONE
    this.#closed[account]! += 1
    if (this.#closed[account]! > this.#closedMax) this.#forget(account)
  }

  textOf(record: number): string {
    return record === NONE ? '' : this.#text[record]!
  }

  /** The oldest first. */
  closed(account: number): SavedName[] {
    const names: SavedName[] = []
    for (let record = this.#first[account]!; record !== NONE; record = this.#next[record]!)
      names.push(this.#nameOf(record))
    return names
  }

  #nameOf(record: number): SavedName {
    const part = (which: number) => this.#parts[record * WIDTH + which]!
    const { side, type, timeInForce, isPostOnly, selfTrade } = partsOf(part(SHAPE))
    return {
      clientId: this.#text[record]!,
      order: part(ORDER),
      instrument: part(INSTRUMENT),
      side,
      type,
      timeInForce,
      price: part(PRICE),
      trigger: part(TRIGGER),
      quantity: part(QUANTITY),
      display: part(DISPLAY),
      isPostOnly,
      selfTrade,
      expireAt: part(EXPIRE_AT),
    }
  }

  #forget(account: number): void {
    const oldest = this.#first[account]!
    this.#first[account] = this.#next[oldest]!
    if (this.#first[account] === NONE) this.#last[account] = NONE
    this.#closed[account]! -= 1
    this.#byAccount[account]!.delete(this.#text[oldest]!)
    this.#text[oldest] = ''
    this.#next[oldest] = this.#free
    this.#free = oldest
  }
}
