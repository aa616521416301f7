import { grown, NONE } from './arrays.ts'
import { IdMap } from './id-map.ts'

const CAPACITY_MIN = 1_024
/** Numbers of either kind that an order has room for: a slot is where its row begins, and so a multiple of this. */
const WIDTH = 16

/**
 * Open orders by slot, a column an attribute; a slot is free again when its order ends. See `SavedOrder` for what they mean. The
 * columns are views of two arrays in which an order's row is together, so that whoever touches an order finds it in few lines of
 * the cache: with columns apart the bench's static messages took a fifth longer.
 */
export class Orders {
  count = 0
  #numbers = new Float64Array(CAPACITY_MIN * WIDTH)
  id = this.#numbers
  price = this.#numbers
  open = this.#numbers
  visible = this.#numbers
  hold = this.#numbers
  expireAt = this.#numbers
  quantity = this.#numbers
  display = this.#numbers
  trigger = this.#numbers
  session = this.#numbers
  placedPrice = this.#numbers
  placedQuantity = this.#numbers

  #words = new Int32Array(CAPACITY_MIN * WIDTH)
  shape = this.#words
  /** 1 for a stop that has not been triggered. */
  isWaiting = this.#words
  account = this.#words
  market = this.#words
  feePpm = this.#words
  /** Its record among the client ids, or NONE. */
  name = this.#words
  /** The level of its ladder, or NONE while it is at work; and its neighbours there. */
  level = this.#words
  before = this.#words
  after = this.#words
  /** The account's orders, by id. */
  older = this.#words
  newer = this.#words
  /** Its place in the heap of those that expire. */
  heapPlace = this.#words

  readonly #byId = new IdMap()
  /** Slots from here on were never used; freed ones are linked by `after`. */
  #unused = 0
  #free = NONE

  constructor() {
    this.#layOut()
  }

  /** The slot of an open order, or NONE. */
  slotOf(id: number): number {
    return this.#byId.get(id)
  }

  /** A slot for a new order. The caller fills every column that has no word of its own here. */
  add(id: number): number {
    let slot = this.#free
    if (slot === NONE) {
      if (this.#unused === this.#words.length) this.#grow()
      slot = this.#unused
      this.#unused += WIDTH
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
    this.#numbers = grown(this.#numbers, this.#numbers.length * 2)
    this.#words = grown(this.#words, this.#words.length * 2)
    this.#layOut()
  }

  #layOut(): void {
    const [numbers, words] = [this.#numbers, this.#words]
    this.id = numbers.subarray(0)
    this.price = numbers.subarray(1)
    this.open = numbers.subarray(2)
    this.visible = numbers.subarray(3)
    this.hold = numbers.subarray(4)
    this.expireAt = numbers.subarray(5)
    this.quantity = numbers.subarray(6)
    this.display = numbers.subarray(7)
    this.trigger = numbers.subarray(8)
    this.session = numbers.subarray(9)
    this.placedPrice = numbers.subarray(10)
    this.placedQuantity = numbers.subarray(11)
    this.shape = words.subarray(0)
    this.isWaiting = words.subarray(1)
    this.account = words.subarray(2)
    this.market = words.subarray(3)
    this.feePpm = words.subarray(4)
    this.name = words.subarray(5)
    this.level = words.subarray(6)
    this.before = words.subarray(7)
    this.after = words.subarray(8)
    this.older = words.subarray(9)
    this.newer = words.subarray(10)
    this.heapPlace = words.subarray(11)
  }
}
