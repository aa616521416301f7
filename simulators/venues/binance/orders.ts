import { priceText, type TimeInForce } from '../../../src/kernel/index.ts'
import {
  decimalOf,
  notionalUnits,
  type SimulatedFill,
  type SimulatedOrder,
  tradedUnits,
  type VenueContext,
} from '../core/index.ts'
import { eight, priceOf, quantityOf, ZERO } from './instruments.ts'

/** Orders and fills in Binance's words: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints */

const ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const ID_LENGTH = 22

export const msOf = (at: number): number => Math.floor(at / 1_000)

/** What Binance knows of an order beside what any exchange does. */
export class OrderNames {
  readonly #context: VenueContext
  readonly #cancelIds = new WeakMap<SimulatedOrder, string>()
  readonly #quoteQuantities = new WeakMap<SimulatedOrder, string>()
  readonly #idsBefore = new WeakMap<SimulatedOrder, string>()

  constructor(context: VenueContext) {
    this.#context = context
  }

  /** As Binance makes up an id for whoever sends none. */
  create(): string {
    const { random } = this.#context
    return Array.from({ length: ID_LENGTH }, () => ID_LETTERS[Math.floor(random.next() * ID_LETTERS.length)]).join('')
  }

  /** Cancels have ids of their own, under which the order is reported from then on. */
  cancel(order: SimulatedOrder, id: string | null): boolean {
    const before = this.#cancelIds.get(order)
    this.#cancelIds.set(order, id ?? this.create())
    if (this.#context.exchange.cancel(order, this.#context.now())) return true
    if (before !== undefined) this.#cancelIds.set(order, before)
    else this.#cancelIds.delete(order)
    return false
  }

  cancelId(order: SimulatedOrder): string | undefined {
    return this.#cancelIds.get(order)
  }

  noteQuoteQuantity(order: SimulatedOrder, quantity: string): void {
    this.#quoteQuantities.set(order, eight(quantity))
  }

  quoteQuantity(order: SimulatedOrder): string {
    return this.#quoteQuantities.get(order) ?? ZERO
  }

  /** An amended order may go by another id. */
  rename(order: SimulatedOrder, id: string): void {
    this.#idsBefore.set(order, order.clientId ?? '')
    this.#context.exchange.rename(order, id)
  }

  idBefore(order: SimulatedOrder): string | undefined {
    return this.#idsBefore.get(order)
  }
}

const TYPES = { limit: 'LIMIT', market: 'MARKET', stop: 'STOP_LOSS', stop_limit: 'STOP_LOSS_LIMIT' } as const

export const typeOf = ({ type, postOnly }: SimulatedOrder): string => (postOnly ? 'LIMIT_MAKER' : TYPES[type])
export const tifOf = (tif: TimeInForce): string => tif.toUpperCase()
export const sideOf = ({ side }: SimulatedOrder): string => side.toUpperCase()

export function statusOf({ state, filled }: SimulatedOrder): string {
  if (state === 'open') return filled > 0 ? 'PARTIALLY_FILLED' : 'NEW'
  return state.toUpperCase()
}

export const costOf = (order: SimulatedOrder): string => eight(decimalOf(tradedUnits(order)))

export const isWorking = ({ triggerPrice, triggered }: SimulatedOrder): boolean => triggerPrice === null || triggered

const priceOrZero = ({ instrument }: SimulatedOrder, ticks: number | null): string =>
  ticks === null ? ZERO : eight(priceText(instrument.instrument, ticks))

export const limitPriceOf = (order: SimulatedOrder): string => priceOrZero(order, order.price)
export const stopPriceOf = (order: SimulatedOrder): string => priceOrZero(order, order.triggerPrice)

/** What every answer about an order says. */
const common = (order: SimulatedOrder, names: OrderNames) => ({
  symbol: order.instrument.symbol,
  orderId: Number(order.id),
  orderListId: -1,
  price: limitPriceOf(order),
  origQty: quantityOf(order.instrument.instrument, order.quantity),
  executedQty: quantityOf(order.instrument.instrument, order.filled),
  origQuoteOrderQty: names.quoteQuantity(order),
  cummulativeQuoteQty: costOf(order),
  status: statusOf(order),
  timeInForce: tifOf(order.timeInForce),
  type: typeOf(order),
  side: sideOf(order),
  ...(order.triggerPrice === null ? {} : { stopPrice: stopPriceOf(order) }),
})

export const orderInfo = (order: SimulatedOrder, names: OrderNames) => ({
  ...common(order, names),
  clientOrderId: names.cancelId(order) ?? order.clientId,
  stopPrice: stopPriceOf(order),
  icebergQty: ZERO,
  time: msOf(order.createdAt),
  updateTime: msOf(order.updatedAt),
  isWorking: isWorking(order),
  workingTime: isWorking(order) ? msOf(order.createdAt) : -1,
  selfTradePreventionMode: 'NONE',
})

/** What a placed order is answered with, as much of it as was asked for. */
export function placedInfo(
  order: SimulatedOrder,
  names: OrderNames,
  wanted: string,
  fills: readonly SimulatedFill[],
): Record<string, unknown> {
  const ack = {
    symbol: order.instrument.symbol,
    orderId: Number(order.id),
    orderListId: -1,
    clientOrderId: order.clientId,
    transactTime: msOf(order.updatedAt),
  }
  if (wanted === 'ACK') return ack
  const result = {
    ...ack,
    ...common(order, names),
    workingTime: isWorking(order) ? msOf(order.createdAt) : -1,
    selfTradePreventionMode: 'NONE',
  }
  if (wanted === 'RESULT') return result
  const { instrument } = order.instrument
  return {
    ...result,
    fills: fills.map(({ id, price, quantity, fee, feeAsset }) => ({
      price: priceOf(instrument, price),
      qty: quantityOf(instrument, quantity),
      commission: eight(decimalOf(fee)),
      commissionAsset: feeAsset,
      tradeId: Number(id),
    })),
  }
}

export const canceledInfo = (order: SimulatedOrder, names: OrderNames) => ({
  ...common(order, names),
  origClientOrderId: order.clientId,
  clientOrderId: names.cancelId(order),
  transactTime: msOf(order.updatedAt),
  selfTradePreventionMode: 'NONE',
})

export const amendedInfo = (order: SimulatedOrder, names: OrderNames, executionId: number) => ({
  transactTime: msOf(order.updatedAt),
  executionId,
  amendedOrder: {
    symbol: order.instrument.symbol,
    orderId: Number(order.id),
    orderListId: -1,
    origClientOrderId: names.idBefore(order) ?? order.clientId,
    clientOrderId: order.clientId,
    price: limitPriceOf(order),
    qty: quantityOf(order.instrument.instrument, order.quantity),
    executedQty: quantityOf(order.instrument.instrument, order.filled),
    preventedQty: ZERO,
    quoteOrderQty: names.quoteQuantity(order),
    cumulativeQuoteQty: costOf(order),
    status: statusOf(order),
    timeInForce: tifOf(order.timeInForce),
    type: typeOf(order),
    side: sideOf(order),
    workingTime: msOf(order.createdAt),
    selfTradePreventionMode: 'NONE',
  },
})

export const fillInfo = ({ id, order, price, quantity, fee, feeAsset, at, liquidity }: SimulatedFill) => {
  const { instrument } = order.instrument
  return {
    symbol: order.instrument.symbol,
    id: Number(id),
    orderId: Number(order.id),
    orderListId: -1,
    price: priceOf(instrument, price),
    qty: quantityOf(instrument, quantity),
    quoteQty: eight(decimalOf(notionalUnits(instrument, price, quantity))),
    commission: eight(decimalOf(fee)),
    commissionAsset: feeAsset,
    time: msOf(at),
    isBuyer: order.side === 'buy',
    isMaker: liquidity === 'maker',
    isBestMatch: true,
  }
}
