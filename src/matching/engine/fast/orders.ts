import { grown, NONE } from './arrays.ts'
import { IdMap } from './id-map.ts'

const CAPACITY_MIN = 1_024

/** Open orders by slot, a column an attribute; a slot is free again when its order ends. See `SavedOrder` for what they mean. */
export class Orders {
  count = 0
  id = new Float64Array(CAPACITY_MIN)
  shape = new Uint8Array(CAPACITY_MIN)
  /** 1 for a stop that has not been triggered. */
  isWaiting = new Uint8Array(CAPACITY_MIN)
  account = new Int32Array(CAPACITY_MIN)
  market = new Int32Array(CAPACITY_MIN)
  price = new Float64Array(CAPACITY_MIN)
  trigger = new Float64Array(CAPACITY_MIN)
  quantity = new Float64Array(CAPACITY_MIN)
  open = new Float64Array(CAPACITY_MIN)
  visible = new Float64Array(CAPACITY_MIN)
  display = new Float64Array(CAPACITY_MIN)
  expireAt = new Float64Array(CAPACITY_MIN)
  session = new Float64Array(CAPACITY_MIN)
  feePpm = new Int32Array(CAPACITY_MIN)
  hold = new Float64Array(CAPACITY_MIN)
  placedPrice = new Float64Array(CAPACITY_MIN)
  placedQuantity = new Float64Array(CAPACITY_MIN)
  /** Its record among the client ids, or NONE. */
  name = new Int32Array(CAPACITY_MIN)
  /** The level of its ladder, or NONE while it is at work; and its neighbours there. */
  level = new Int32Array(CAPACITY_MIN)
  before = new Int32Array(CAPACITY_MIN)
  after = new Int32Array(CAPACITY_MIN)
  /** The account's orders, by id. */
  older = new Int32Array(CAPACITY_MIN)
  newer = new Int32Array(CAPACITY_MIN)
  /** Its place in the heap of those that expire. */
  heapPlace = new Int32Array(CAPACITY_MIN)

  readonly #byId = new IdMap()
  /** Slots from here on were never used; freed ones are linked by `after`. */
  #unused = 0
  #free = NONE

  /** The slot of an open order, or NONE. */
  slotOf(id: number): number {
    return this.#byId.get(id)
  }

  /** A slot for a new order. The caller fills every column that has no word of its own here. */
  add(id: number): number {
    let slot = this.#free
    if (slot === NONE) {
      if (this.#unused === this.id.length) this.#grow()
      slot = this.#unused++
    } else this.#free = this.after[slot]!
    this.id[slot] = id
    this.level[slot] = NONE
    this.#byId.set(id, slot)
    this.count += 1
    return slot
  }

  delete(slot: number): void {
    this.#byId.delete(this.id[slot]!)
    this.after[slot] = this.#free
    this.#free = slot
    this.count -= 1
  }

  #grow(): void {
    const length = this.id.length * 2
    this.id = grown(this.id, length)
    this.shape = grown(this.shape, length)
    this.isWaiting = grown(this.isWaiting, length)
    this.account = grown(this.account, length)
    this.market = grown(this.market, length)
    this.price = grown(this.price, length)
    this.trigger = grown(this.trigger, length)
    this.quantity = grown(this.quantity, length)
    this.open = grown(this.open, length)
    this.visible = grown(this.visible, length)
    this.display = grown(this.display, length)
    this.expireAt = grown(this.expireAt, length)
    this.session = grown(this.session, length)
    this.feePpm = grown(this.feePpm, length)
    this.hold = grown(this.hold, length)
    this.placedPrice = grown(this.placedPrice, length)
    this.placedQuantity = grown(this.placedQuantity, length)
    this.name = grown(this.name, length)
    this.level = grown(this.level, length)
    this.before = grown(this.before, length)
    this.after = grown(this.after, length)
    this.older = grown(this.older, length)
    this.newer = grown(this.newer, length)
    this.heapPlace = grown(this.heapPlace, length)
  }
}
