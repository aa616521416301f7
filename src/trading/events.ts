import { z } from 'zod'
import {
  type EventType,
  eventType,
  formatDecimal,
  type Instrument,
  notionalScale,
  priceText,
  quantityText,
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
  fee: DecimalText,
  feeAsset: z.string(),
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
      mode: z.enum(['paper']),
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
        fee: formatDecimal(event.fill.fee, notionalScale(instrument)),
        feeAsset: instrument.quote,
        liquidity: event.fill.liquidity,
      }
    case 'order.submitted':
    case 'order.triggered':
    case 'order.cancel_requested':
    case 'order.expired':
      return {}
  }
}
