import {
  type Instrument,
  type Lots,
  MICROS_PER_SECOND,
  type Micros,
  notionalOf,
  notionalScale,
  type OrderRequest,
  parseDecimal,
  type Refusal,
  refuse,
  signOf,
  type Ticks,
} from '../../kernel/index.ts'

/** Limits of one run, all in the instrument's own units; every one has its unit in the name. */
export interface RiskLimits {
  /** Largest absolute position after the order and all open orders of its side have filled. */
  readonly positionLotsMax: Lots
  /** Largest price × quantity of one order, in units of 10^-notionalScale of the quote asset. */
  readonly notionalMax: bigint
  /** Smallest price × quantity of one order that the venue takes, in the same units. */
  readonly notionalMin: bigint
  /** Farthest that an order's price may be from the last price, in basis points. */
  readonly collarBps: number
  /** Orders in any window of `orderWindow`. */
  readonly ordersPerWindowMax: number
  readonly orderWindow: Micros
  /** A last price older than this is no price. */
  readonly priceAgeMax: Micros
  /** Whether the position may become negative. */
  readonly shortAllowed: boolean
}

/** What risk sees of a run when an order is wished for. */
export interface RiskView {
  readonly now: Micros
  readonly killed: boolean
  /** Why the market may not be traded on; null when it may. */
  readonly staleness: string | null
  readonly position: Lots
  /** Unfilled lots of open orders, by side. */
  readonly openBuys: Lots
  readonly openSells: Lots
  readonly lastPrice: Ticks | null
  readonly lastPriceAt: Micros
  /** Free to spend, in units of 10^-notionalScale of the quote asset. */
  readonly cash: bigint
  /** Times of the last orders, oldest first, at most `ordersPerWindowMax` of them. */
  readonly orderTimes: readonly Micros[]
}

const DEFAULT_ORDER_WINDOW = 10 * MICROS_PER_SECOND

/** Limits that suit an allocation: one order and one position up to all of it, at prices near `referencePrice`. */
export function limitsFor(instrument: Instrument, allocation: bigint): RiskLimits {
  return {
    positionLotsMax: instrument.quantityMax,
    notionalMax: allocation * 2n,
    notionalMin: parseDecimal(instrument.notionalMin, notionalScale(instrument)),
    collarBps: 500,
    ordersPerWindowMax: 20,
    orderWindow: DEFAULT_ORDER_WINDOW,
    priceAgeMax: 30 * MICROS_PER_SECOND,
    shortAllowed: false,
  }
}

/**
 * Whether an order may be sent: null, or the first rule that it breaks, with the limit and the number.
 * Fails closed: without a fresh price nothing passes.
 */
export function checkOrder(
  instrument: Instrument,
  limits: RiskLimits,
  view: RiskView,
  order: OrderRequest,
): Refusal | null {
  if (view.killed) return refuse('risk.kill_switch')
  if (view.staleness !== null) return refuse('risk.book_stale', { staleness: view.staleness })
  const shape = checkShape(instrument, order)
  if (shape) return shape
  if (view.lastPrice === null) return refuse('risk.no_price')
  const age = view.now - view.lastPriceAt
  if (age > limits.priceAgeMax) return refuse('risk.price_stale', { ageMicros: age, ageMicrosMax: limits.priceAgeMax })
  return (
    checkRate(limits, view) ??
    checkPrice(limits, view.lastPrice, order) ??
    checkNotional(instrument, limits, view, order) ??
    checkPosition(limits, view, order)
  )
}

function checkShape(instrument: Instrument, order: OrderRequest): Refusal | null {
  const { quantity } = order
  if (!Number.isSafeInteger(quantity) || quantity < instrument.quantityMin)
    return refuse('risk.quantity_too_small', { quantity, quantityMin: instrument.quantityMin })
  if (quantity > instrument.quantityMax)
    return refuse('risk.quantity_too_large', { quantity, quantityMax: instrument.quantityMax })
  const needsPrice = order.type === 'limit' || order.type === 'stop_limit'
  const needsTrigger = order.type === 'stop' || order.type === 'stop_limit'
  if (needsPrice !== (order.price !== undefined)) return refuse('risk.price_shape', { type: order.type })
  if (needsTrigger !== (order.triggerPrice !== undefined)) return refuse('risk.trigger_shape', { type: order.type })
  for (const price of [order.price, order.triggerPrice])
    if (price !== undefined && (!Number.isSafeInteger(price) || price <= 0))
      return refuse('risk.price_invalid', { price })
  return null
}

function checkRate(limits: RiskLimits, view: RiskView): Refusal | null {
  let recent = 0
  for (let i = view.orderTimes.length - 1; i >= 0 && view.orderTimes[i]! > view.now - limits.orderWindow; i--) recent++
  return recent >= limits.ordersPerWindowMax
    ? refuse('risk.order_rate', {
        orders: recent,
        ordersMax: limits.ordersPerWindowMax,
        windowMicros: limits.orderWindow,
      })
    : null
}

function checkPrice(limits: RiskLimits, last: Ticks, order: OrderRequest): Refusal | null {
  for (const price of [order.price, order.triggerPrice]) {
    if (price === undefined) continue
    const distanceBps = (Math.abs(price - last) / last) * 10_000
    if (distanceBps > limits.collarBps)
      return refuse('risk.price_collar', {
        price,
        last,
        distanceBps: Math.round(distanceBps),
        collarBps: limits.collarBps,
      })
  }
  return null
}

function checkNotional(
  instrument: Instrument,
  limits: RiskLimits,
  view: RiskView,
  order: OrderRequest,
): Refusal | null {
  const price = order.price ?? order.triggerPrice ?? view.lastPrice!
  const notional = notionalOf(instrument, price, order.quantity)
  if (notional > limits.notionalMax)
    return refuse('risk.notional_too_large', {
      notional: notional.toString(),
      notionalMax: limits.notionalMax.toString(),
    })
  if (notional < limits.notionalMin)
    return refuse('risk.notional_too_small', {
      notional: notional.toString(),
      notionalMin: limits.notionalMin.toString(),
    })
  const growsLong = order.side === 'buy' && view.position >= 0
  const needed = notional + notionalOf(instrument, price, view.openBuys)
  if (growsLong && needed > view.cash)
    return refuse('risk.insufficient_funds', { needed: needed.toString(), cash: view.cash.toString() })
  return null
}

function checkPosition(limits: RiskLimits, view: RiskView, order: OrderRequest): Refusal | null {
  const open = order.side === 'buy' ? view.openBuys : view.openSells
  const after = view.position + signOf(order.side) * (open + order.quantity)
  if (!limits.shortAllowed && order.side === 'sell' && after < 0)
    return refuse('risk.short_not_allowed', {
      position: view.position,
      openSells: view.openSells,
      quantity: order.quantity,
    })
  if (Math.abs(after) > limits.positionLotsMax && Math.abs(after) > Math.abs(view.position))
    return refuse('risk.position_too_large', { after, positionLotsMax: limits.positionLotsMax })
  return null
}
