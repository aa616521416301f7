import type { Balances, Order, Trade } from 'ccxt'
import { AppError, type Instrument, MICROS_PER_MS, type Micros, type OrderType, ticksOf } from '../../kernel/index.ts'
import type { Balance, VenueExecution, VenueOrder } from '../port/index.ts'
import { decimalOf } from './instruments.ts'
import { lotsIn, lotsOrZero, ticksIn, timeInForceOf } from './order-fields.ts'

/** From ccxt's unified shapes (decimals as strings) to ours, in ticks and lots. */

/** The limit of an order. What is off the tick is none: ccxt gives the average of a market order as its price. */
function limitOf(instrument: Instrument, { price }: Order, type: OrderType): number | null {
  const text = decimalOf(price)
  if (type === 'market' || type === 'stop' || text === undefined || text === '0') return null
  try {
    return ticksOf(instrument, text)
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

export function orderOf(instrument: Instrument, order: Order, now: Micros): VenueOrder {
  const quantity = lotsOrZero(instrument, order.amount)
  const filled = lotsOrZero(instrument, order.filled)
  const type = typeOf(order)
  return {
    venueOrderId: String(order.id),
    clientId: order.clientOrderId === undefined || order.clientOrderId === '' ? null : String(order.clientOrderId),
    instrument: instrument.id,
    side: order.side === 'sell' ? 'sell' : 'buy',
    type,
    timeInForce: timeInForceOf(order.timeInForce),
    price: limitOf(instrument, order, type),
    quantity,
    filled,
    state: stateOf(order, quantity, filled),
    reason: null,
    at: microsOf(order.lastUpdateTimestamp ?? order.lastTradeTimestamp ?? order.timestamp) ?? now,
  }
}

/** ccxt says `closed` of whatever is done in full; a part that was left is a cancel. */
function stateOf(order: Order, quantity: number, filled: number): VenueOrder['state'] {
  switch (order.status) {
    case 'closed':
      return filled >= quantity || filled === 0 ? 'filled' : 'canceled'
    case 'canceled':
    case 'canceling':
      return order.status === 'canceling' ? 'open' : 'canceled'
    case 'expired':
    case 'rejected':
      return order.status
    default:
      return 'open'
  }
}

/** ccxt has two names for a trigger. */
function typeOf({ type, triggerPrice, stopLossPrice, price }: Order): OrderType {
  if (Number(triggerPrice ?? stopLossPrice ?? 0) > 0)
    return price === undefined || Number(price) === 0 || type === 'market' ? 'stop' : 'stop_limit'
  return type === 'market' ? 'market' : 'limit'
}

const microsOf = (ms: number | undefined | null): Micros | null =>
  ms === undefined || ms === null ? null : Math.round(ms * MICROS_PER_MS)

/** A fill of ours; the fee as it was charged, zero where the venue names none. */
export function executionOf(instrument: Instrument, trade: Trade, now: Micros): VenueExecution {
  const fees = (trade as { fees?: (typeof trade.fee)[] }).fees ?? []
  const fee = trade.fee?.cost === undefined ? fees[0] : trade.fee
  return {
    id: String(trade.id),
    venueOrderId: String(trade.order),
    clientId: null,
    instrument: instrument.id,
    side: trade.side === 'sell' ? 'sell' : 'buy',
    price: ticksIn(instrument, trade.price),
    quantity: lotsIn(instrument, trade.amount),
    liquidity: trade.takerOrMaker === 'maker' ? 'maker' : 'taker',
    feeAmount: decimalOf(fee?.cost) ?? '0',
    feeAsset: String(fee?.currency ?? instrument.quote),
    at: microsOf(trade.timestamp) ?? now,
  }
}

export function balancesOf(balances: Balances): Balance[] {
  const { free, used } = balances as unknown as Record<'free' | 'used', Record<string, unknown>>
  return Object.keys(free).map(asset => ({
    asset,
    free: decimalOf(free[asset]) ?? '0',
    held: decimalOf(used[asset]) ?? '0',
  }))
}

/** Millionths in a decimal rate: `'0.0026'` is 2,600. */
export const ppmOf = (rate: unknown): number => Math.round(Number(rate ?? 0) * 1_000_000)
