import { assert, type Level, type Lots, type Side, type Ticks } from '../kernel/index.ts'
import type { BookOrderId, BookOutcome, NewBookOrder, RejectReason, RestingOrder } from './order.ts'

/** The book as JSON; it describes itself, so that a reader needs no code to understand it. */
export interface BookState<Id extends BookOrderId = string> {
  readonly kind: 'order-book'
  readonly version: 1
  readonly openOrdersMax: number
  /** Arrival number of the last order that gained priority. */
  readonly arrivals: number
  /** In priority: best price first, then first come. */
  readonly bids: readonly RestingOrder<Id>[]
  readonly asks: readonly RestingOrder<Id>[]
}

export interface BookOptions {
  /** Resting orders on both sides together; past it a new order is rejected with `book_full`. */
  readonly openOrdersMax?: number
}

/** A price-time order book. Pure: no clock, no randomness; the same calls give the same outcomes. */
export interface OrderBook<Id extends BookOrderId = string> {
  submit(order: NewBookOrder<Id>): BookOutcome<Id>[]
  cancel(id: Id): BookOutcome<Id>[]
  /**
   * Sets the open quantity, the price or both. A smaller quantity at the same price keeps priority; anything else is as
   * if it were canceled and sent again, so it loses priority and may trade. A post-only order that would cross is
   * rejected and stays as it was. A change to exactly what it is keeps priority.
   */
  amend(id: Id, change: { readonly price?: Ticks; readonly quantity?: Lots }): BookOutcome<Id>[]
  order(id: Id): RestingOrder<Id> | undefined
  /** Lots that must trade or leave at its price before this order is next; undefined when it does not rest. */
  quantityAhead(id: Id): Lots | undefined
  best(side: Side): Ticks | undefined
  /** Price levels of both sides, best first, at most `depth` each. */
  levels(depth: number): { bids: Level[]; asks: Level[] }
  /** Resting orders of a side in priority. */
  orders(side: Side): readonly RestingOrder<Id>[]
  readonly size: number
  snapshot(): BookState<Id>
}

const OPEN_ORDERS_MAX = 100_000

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Resting<Id extends BookOrderId> = Mutable<RestingOrder<Id>>

/**
 * The naive book: one array a side, sorted by price and then arrival, and nothing clever, so that it can be seen to be
 * right. It is the oracle of any faster one. Insertion and removal cost the length of a side.
 */
export function createBook<Id extends BookOrderId = string>(options: BookOptions = {}): OrderBook<Id> {
  return build<Id>(options.openOrdersMax ?? OPEN_ORDERS_MAX, 0, [], [])
}

/** The book that gave this state. @throws InvariantError when the state is no book: unsorted, crossed or of another version. */
export function restoreBook<Id extends BookOrderId = string>(state: BookState<Id>): OrderBook<Id> {
  assert(state.kind === 'order-book' && state.version === 1, 'not the state of an order book of version 1')
  const copy = (orders: readonly RestingOrder<Id>[]) => orders.map(order => ({ ...order }))
  const [bids, asks] = [copy(state.bids), copy(state.asks)]
  assert(isSorted(bids, 'buy') && isSorted(asks, 'sell'), 'orders of a restored book are not in priority')
  assert(bids[0] === undefined || asks[0] === undefined || bids[0].price < asks[0].price, 'a restored book is crossed')
  return build<Id>(state.openOrdersMax, state.arrivals, bids, asks)
}

const isPositive = (value: number | undefined): value is number =>
  value !== undefined && Number.isSafeInteger(value) && value > 0

/** Whether price `a` is strictly better than `b` for someone resting on `side`. */
const isBetter = (side: Side, a: Ticks, b: Ticks): boolean => (side === 'buy' ? a > b : a < b)

const isSorted = (orders: readonly RestingOrder<BookOrderId>[], side: Side): boolean =>
  orders.every((order, i) => {
    const before = orders[i - 1]
    if (order.side !== side) return false
    if (before === undefined) return true
    return before.price === order.price ? before.arrival < order.arrival : isBetter(side, before.price, order.price)
  })

function build<Id extends BookOrderId>(
  openOrdersMax: number,
  arrivalsBefore: number,
  bids: Resting<Id>[],
  asks: Resting<Id>[],
): OrderBook<Id> {
  let arrivals = arrivalsBefore
  const byId = new Map<Id, Resting<Id>>()
  for (const order of bids) byId.set(order.id, order)
  for (const order of asks) byId.set(order.id, order)

  const sideOf = (side: Side) => (side === 'buy' ? bids : asks)
  const against = (side: Side) => (side === 'buy' ? asks : bids)

  /** Whether an order of `side` at `price` trades with one that rests at `resting`; no price takes any. */
  const crosses = (side: Side, price: Ticks | undefined, resting: Ticks): boolean =>
    price === undefined || !isBetter(side, resting, price)

  /** First index whose order is worse than `price`: where an order of that price joins. */
  function joinAt(orders: readonly Resting<Id>[], side: Side, price: Ticks): number {
    let low = 0
    let high = orders.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBetter(side, price, orders[middle]!.price)) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Puts an order behind all others of its price. */
  function rest(order: Resting<Id>): void {
    const orders = sideOf(order.side)
    arrivals += 1
    order.arrival = arrivals
    orders.splice(joinAt(orders, order.side, order.price), 0, order)
  }

  /** Takes an order out of its side, not out of `byId`. */
  function lift(order: Resting<Id>): void {
    const orders = sideOf(order.side)
    const index = orders.lastIndexOf(order, joinAt(orders, order.side, order.price) - 1)
    assert(index >= 0, `order ${order.id} is known but does not rest`)
    orders.splice(index, 1)
  }

  /** Whether the other side holds the whole quantity at this price or better. */
  function isFillable(side: Side, price: Ticks | undefined, quantity: Lots): boolean {
    let open = quantity
    for (const maker of against(side)) {
      if (open <= 0 || !crosses(side, price, maker.price)) break
      open -= maker.quantity
    }
    return open <= 0
  }

  /** Trades against the other side as far as price and quantity go; gives the rest. */
  function take(
    taker: Pick<RestingOrder<Id>, 'id' | 'owner' | 'side' | 'quantity'>,
    price: Ticks | undefined,
    outcomes: BookOutcome<Id>[],
  ): Lots {
    const makers = against(taker.side)
    let open = taker.quantity
    let filled = 0
    for (const maker of makers) {
      if (open === 0 || !crosses(taker.side, price, maker.price)) break
      const quantity = Math.min(open, maker.quantity)
      open -= quantity
      maker.quantity -= quantity
      outcomes.push({
        type: 'traded',
        maker: maker.id,
        makerOwner: maker.owner,
        taker: taker.id,
        takerOwner: taker.owner,
        side: taker.side,
        price: maker.price,
        quantity,
        makerRemaining: maker.quantity,
        takerRemaining: open,
      })
      if (maker.quantity > 0) break
      byId.delete(maker.id)
      filled += 1
    }
    if (filled > 0) makers.splice(0, filled)
    return open
  }

  function refusalOf(order: NewBookOrder<Id>): RejectReason | undefined {
    if (!isPositive(order.quantity)) return 'invalid'
    if (order.type === 'limit' && !isPositive(order.price)) return 'invalid'
    if (byId.has(order.id)) return 'duplicate_id'
    const price = order.type === 'limit' ? order.price : undefined
    const touch = against(order.side)[0]
    if (order.postOnly && touch !== undefined && crosses(order.side, price, touch.price)) return 'would_cross'
    if (order.timeInForce === 'fok' && !isFillable(order.side, price, order.quantity)) return 'not_fillable'
    const mayRest = order.type === 'limit' && order.timeInForce === 'gtc'
    if (mayRest && byId.size >= openOrdersMax) return 'book_full'
    return undefined
  }

  function submit(order: NewBookOrder<Id>): BookOutcome<Id>[] {
    const reason = refusalOf(order)
    if (reason !== undefined) return [{ type: 'rejected', id: order.id, owner: order.owner, reason }]
    const outcomes: BookOutcome<Id>[] = [{ type: 'accepted', id: order.id, owner: order.owner }]
    const price = order.type === 'limit' ? order.price : undefined
    const open = take(order, price, outcomes)
    if (open === 0) return outcomes
    if (price !== undefined && order.timeInForce === 'gtc') {
      const { id, owner, side, postOnly = false } = order
      const resting = { id, owner, side, price, quantity: open, arrival: 0, postOnly }
      rest(resting)
      byId.set(id, resting)
      return outcomes
    }
    const cause = price === undefined ? 'no_liquidity' : 'immediate_or_cancel'
    outcomes.push({ type: 'canceled', id: order.id, owner: order.owner, quantity: open, reason: cause })
    return outcomes
  }

  function cancel(id: Id): BookOutcome<Id>[] {
    const order = byId.get(id)
    if (order === undefined) return [{ type: 'rejected', id, owner: null, reason: 'unknown_order' }]
    lift(order)
    byId.delete(id)
    return [{ type: 'canceled', id, owner: order.owner, quantity: order.quantity, reason: 'requested' }]
  }

  function amend(id: Id, change: { readonly price?: Ticks; readonly quantity?: Lots }): BookOutcome<Id>[] {
    const order = byId.get(id)
    if (order === undefined) return [{ type: 'rejected', id, owner: null, reason: 'unknown_order' }]
    const price = change.price ?? order.price
    const quantity = change.quantity ?? order.quantity
    if (!isPositive(price) || !isPositive(quantity))
      return [{ type: 'rejected', id, owner: order.owner, reason: 'invalid' }]
    const keptPriority = price === order.price && quantity <= order.quantity
    const outcomes: BookOutcome<Id>[] = [{ type: 'amended', id, owner: order.owner, price, quantity, keptPriority }]
    if (keptPriority) {
      order.quantity = quantity
      return outcomes
    }
    const touch = against(order.side)[0]
    if (order.postOnly && touch !== undefined && crosses(order.side, price, touch.price))
      return [{ type: 'rejected', id, owner: order.owner, reason: 'would_cross' }]
    lift(order)
    order.price = price
    order.quantity = quantity
    order.quantity = take(order, price, outcomes)
    if (order.quantity > 0) rest(order)
    else byId.delete(id)
    return outcomes
  }

  function quantityAhead(id: Id): Lots | undefined {
    const order = byId.get(id)
    if (order === undefined) return undefined
    let ahead = 0
    for (const other of sideOf(order.side))
      if (other.price === order.price && other.arrival < order.arrival) ahead += other.quantity
    return ahead
  }

  return {
    submit,
    cancel,
    amend,
    order: id => byId.get(id),
    quantityAhead,
    best: side => sideOf(side)[0]?.price,
    levels: depth => ({ bids: levelsOf(bids, depth), asks: levelsOf(asks, depth) }),
    orders: side => sideOf(side),
    get size() {
      return byId.size
    },
    snapshot: () => ({
      kind: 'order-book',
      version: 1,
      openOrdersMax,
      arrivals,
      bids: bids.map(order => ({ ...order })),
      asks: asks.map(order => ({ ...order })),
    }),
  }
}

function levelsOf(orders: readonly RestingOrder<BookOrderId>[], depth: number): Level[] {
  const levels: Level[] = []
  let i = 0
  while (i < orders.length && levels.length < depth) {
    const price = orders[i]!.price
    let quantity = 0
    while (i < orders.length && orders[i]!.price === price) quantity += orders[i++]!.quantity
    levels.push([price, quantity])
  }
  return levels
}
