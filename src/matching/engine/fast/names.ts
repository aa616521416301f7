import type { PlaceOrder } from '../command.ts'
import type { SavedName } from '../state.ts'
import { NONE } from './arrays.ts'
import { NameIndex } from './name-index.ts'
import {
  DISPLAY,
  EXPIRE_AT,
  hashOf,
  INSTRUMENT,
  NameRecords,
  ORDER,
  PRICE,
  QUANTITY,
  SHAPE,
  TRIGGER,
} from './name-records.ts'
import { partsOf, shapeOf } from './shape.ts'

/** Client ids of open orders and, for each account, of the last ones that closed, the oldest of which is forgotten first. */
export class Names {
  readonly #closedMax: number
  readonly #records = new NameRecords()
  readonly #byAccount: NameIndex[] = []
  /** Those that closed, each followed by the next that did. */
  #first: number[] = []
  #last: number[] = []
  #closed: number[] = []

  constructor(closedMax: number) {
    this.#closedMax = closedMax
  }

  addAccount(): void {
    this.#byAccount.push(new NameIndex(this.#records))
    this.#first.push(NONE)
    this.#last.push(NONE)
    this.#closed.push(0)
  }

  /** The record of a name, or NONE. */
  find(account: number, clientId: string): number {
    return this.#byAccount[account]!.get(clientId, hashOf(clientId))
  }

  orderOf(record: number): number {
    return this.#records.number(record, ORDER)
  }

  add(
    account: number,
    order: number,
    placed: Omit<PlaceOrder, 'kind' | 'account' | 'at' | 'session' | 'sequence'>,
  ): number {
    const records = this.#records
    const record = records.add(placed.clientId, hashOf(placed.clientId))
    records.setNumber(record, ORDER, order)
    records.setNumber(record, INSTRUMENT, placed.instrument)
    records.setNumber(record, SHAPE, shapeOf(placed))
    records.setNumber(record, PRICE, placed.price)
    records.setNumber(record, TRIGGER, placed.trigger)
    records.setNumber(record, QUANTITY, placed.quantity)
    records.setNumber(record, DISPLAY, placed.display)
    records.setNumber(record, EXPIRE_AT, placed.expireAt)
    this.#byAccount[account]!.add(record)
    return record
  }

  /** Whether an order says again what this name was given to. */
  isSame(record: number, order: PlaceOrder): boolean {
    const records = this.#records
    return (
      records.number(record, INSTRUMENT) === order.instrument &&
      records.number(record, SHAPE) === shapeOf(order) &&
      records.number(record, PRICE) === order.price &&
      records.number(record, TRIGGER) === order.trigger &&
      records.number(record, QUANTITY) === order.quantity &&
      records.number(record, DISPLAY) === order.display &&
      records.number(record, EXPIRE_AT) === order.expireAt
    )
  }

  /** The order of a name has ended. */
  close(account: number, record: number): void {
    const last = this.#last[account]!
    if (last === NONE) this.#first[account] = record
    else this.#records.setNext(last, record)
    this.#last[account] = record
    this.#records.setNext(record, NONE)
    this.#closed[account]! += 1
    if (this.#closed[account]! > this.#closedMax) this.#forget(account)
  }

  textOf(record: number): string {
    return record === NONE ? '' : this.#records.text(record)
  }

  /** The oldest first. */
  closed(account: number): SavedName[] {
    const names: SavedName[] = []
    for (let record = this.#first[account]!; record !== NONE; record = this.#records.next(record))
      names.push(this.#nameOf(record))
    return names
  }

  #nameOf(record: number): SavedName {
    const number = (which: number) => this.#records.number(record, which)
    const { side, type, timeInForce, isPostOnly, selfTrade } = partsOf(number(SHAPE))
    return {
      clientId: this.#records.text(record),
      order: number(ORDER),
      instrument: number(INSTRUMENT),
      side,
      type,
      timeInForce,
      price: number(PRICE),
      trigger: number(TRIGGER),
      quantity: number(QUANTITY),
      display: number(DISPLAY),
      isPostOnly,
      selfTrade,
      expireAt: number(EXPIRE_AT),
    }
  }

  #forget(account: number): void {
    const oldest = this.#first[account]!
    this.#first[account] = this.#records.next(oldest)
    if (this.#first[account] === NONE) this.#last[account] = NONE
    this.#closed[account]! -= 1
    this.#byAccount[account]!.delete(oldest)
    this.#records.delete(oldest)
  }
}
