import { z } from 'zod'
import {
  type Event,
  type EventType,
  eventType,
  formatDecimal,
  type Instrument,
  lotsOf,
  notionalScale,
  type OrderId,
  parseDecimal,
  priceText,
  quantityText,
  ticksOf,
  type VenueFill,
} from '../kernel/index.ts'
import { DecimalText } from '../market/index.ts'
import type { OrderEvent } from './orders/order.ts'

/** The events that trading owns, as they are stored: decimals as strings, never bare ticks. */
const Reason = z.strictObject({ reason: z.string().max(500) })
const Nothing = z.strictObject({})
const FillData = z.strictObject({
  fill: z.string(),
  price: DecimalText,
  quantity: DecimalText,
  /** As it was charged. */
  fee: DecimalText,
  feeAsset: z.string(),
  /** What the fee is worth in the quote asset, where it was charged in another. */
  feeValue: DecimalText.optional(),
  liquidity: z.enum(['maker', 'taker']),
})
const Amendment = z.strictObject({ quantity: DecimalText, price: DecimalText.nullable() })

export const tradingEvents: readonly EventType[] = [
  eventType(
    'order.initialized',
    1,
    z.strictObject({
      run: z.string(),
      instrument: z.string(),
      side: z.enum(['buy', 'sell']),
      type: z.enum(['limit', 'market', 'stop', 'stop_limit']),
      timeInForce: z.enum(['gtc', 'ioc', 'fok']),
      quantity: DecimalText,
      price: DecimalText.nullable(),
      triggerPrice: DecimalText.nullable(),
      postOnly: z.boolean(),
      reason: z.string().max(500).nullable(),
    }),
  ),
  eventType('order.denied', 1, z.strictObject({ code: z.string(), details: z.record(z.string(), z.unknown()) })),
  eventType('order.submitted', 1, Nothing),
  eventType('order.unresolved', 1, Reason),
  eventType('order.accepted', 1, z.strictObject({ venueOrderId: z.string() })),
  eventType('order.rejected', 1, Reason),
  eventType('order.triggered', 1, Nothing),
  eventType('order.update_requested', 1, Amendment),
  eventType('order.updated', 1, Amendment),
  eventType('order.update_rejected', 1, Reason),
  eventType('order.cancel_requested', 1, Nothing),
  eventType('order.cancel_rejected', 1, Reason),
  eventType('order.canceled', 1, Reason),
  eventType('order.expired', 1, Nothing),
  eventType('order.partially_filled', 1, FillData),
  eventType('order.filled', 1, FillData),
  eventType(
    'run.started',
    1,
    z.strictObject({
      name: z.string(),
      strategy: z.string(),
      instrument: z.string(),
      interval: z.string(),
      parameters: z.record(z.string(), z.unknown()),
      allocation: DecimalText,
      mode: z.enum(['paper', 'testnet', 'live']),
    }),
  ),
  eventType('run.configured', 1, z.strictObject({ parameters: z.record(z.string(), z.unknown()) })),
  eventType('run.stopped', 1, Nothing),
  eventType('run.failed', 1, Reason),
  eventType('kill_switch.pulled', 1, z.strictObject({ by: z.string(), reason: z.string(), openOrders: z.int() })),
  eventType('kill_switch.lifted', 1, z.strictObject({ by: z.string(), reason: z.string() })),
]

/** The stored data of an order's event. */
export function orderEventData(instrument: Instrument, run: string, event: OrderEvent): Record<string, unknown> {
  const price = (ticks: number | undefined) => (ticks === undefined ? null : priceText(instrument, ticks))
  switch (event.type) {
    case 'order.initialized': {
      const { request, reason } = event
      return {
        run,
        instrument: request.instrument,
        side: request.side,
        type: request.type,
        timeInForce: request.timeInForce,
        quantity: quantityText(instrument, request.quantity),
        price: price(request.price),
        triggerPrice: price(request.triggerPrice),
        postOnly: request.postOnly ?? false,
        reason,
      }
    }
    case 'order.denied':
      return { code: event.code, details: event.details }
    case 'order.accepted':
      return { venueOrderId: event.venueOrderId }
    case 'order.unresolved':
    case 'order.rejected':
    case 'order.update_rejected':
    case 'order.cancel_rejected':
    case 'order.canceled':
      return { reason: event.reason }
    case 'order.update_requested':
    case 'order.updated':
      return { quantity: quantityText(instrument, event.quantity), price: price(event.price) }
    case 'order.partially_filled':
    case 'order.filled':
      return {
        fill: event.fill.id,
        price: priceText(instrument, event.fill.price),
        quantity: quantityText(instrument, event.fill.quantity),
        ...feeData(instrument, event.fill),
        liquidity: event.fill.liquidity,
      }
    case 'order.submitted':
    case 'order.triggered':
    case 'order.cancel_requested':
    case 'order.expired':
      return {}
  }
}

function feeData(instrument: Instrument, { fee, feeIn }: VenueFill): Record<string, string> {
  const value = formatDecimal(fee, notionalScale(instrument))
  if (feeIn === undefined) return { fee: value, feeAsset: instrument.quote }
  return { fee: feeIn.amount, feeAsset: feeIn.asset, feeValue: value }
}

/** The event that {@link orderEventData} wrote: an order is brought back by folding its stream. */
export function orderEventOf(instrument: Instrument, order: OrderId, stored: Event): OrderEvent {
  const data = stored.data as Record<string, string | null> & { details: Record<string, unknown>; postOnly: boolean }
  const { at } = stored
  const price = (text: string | null | undefined) =>
    text === null || text === undefined ? undefined : ticksOf(instrument, text)
  switch (stored.type) {
    case 'order.initialized':
      return {
        type: 'order.initialized',
        at,
        reason: data.reason ?? null,
        request: {
          id: order,
          instrument: instrument.id,
          side: data.side as 'buy',
          type: data.type as 'limit',
          timeInForce: data.timeInForce as 'gtc',
          quantity: lotsOf(instrument, data.quantity!),
          price: price(data.price),
          triggerPrice: price(data.triggerPrice),
          postOnly: data.postOnly,
        },
      }
    case 'order.denied':
      return { type: 'order.denied', at, code: data.code!, details: data.details }
    case 'order.accepted':
      return { type: 'order.accepted', at, venueOrderId: data.venueOrderId! }
    case 'order.unresolved':
    case 'order.rejected':
    case 'order.update_rejected':
    case 'order.cancel_rejected':
    case 'order.canceled':
      return { type: stored.type, at, reason: data.reason! }
    case 'order.update_requested':
    case 'order.updated':
      return { type: stored.type, at, quantity: lotsOf(instrument, data.quantity!), price: price(data.price) }
    case 'order.partially_filled':
    case 'order.filled':
      return { type: stored.type, at, fill: fillOf(instrument, data as Record<string, string>) }
    case 'order.submitted':
    case 'order.triggered':
    case 'order.cancel_requested':
    case 'order.expired':
      return { type: stored.type, at }
  }
  throw new Error(`${stored.type} is no event of an order`)
}

function fillOf(instrument: Instrument, data: Record<string, string>): VenueFill {
  const fill = {
    id: data.fill!,
    price: ticksOf(instrument, data.price!),
    quantity: lotsOf(instrument, data.quantity!),
    liquidity: data.liquidity as 'maker',
    fee: parseDecimal(data.feeValue ?? data.fee!, notionalScale(instrument)),
  }
  return data.feeValue === undefined ? fill : { ...fill, feeIn: { asset: data.feeAsset!, amount: data.fee! } }
}
