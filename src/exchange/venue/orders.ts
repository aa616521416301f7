import { type Instrument, lotsOf, type OrderRequest, priceText, quantityText, ticksOf } from '../../kernel/index.ts'
import type { VenueExecution, VenueOrder } from '../../venues/index.ts'
import type { HouseFillView, HouseOrderView, NewOrder } from '../views.ts'

/** Between orders of the port and those of the exchange. Our order id is the client id: it is as unique, and of the same letters. */

export function newOrderOf(instrument: Instrument, request: OrderRequest): NewOrder {
  const { id, side, type, timeInForce, quantity, price, triggerPrice, postOnly } = request
  const rests = type === 'limit' || type === 'stop_limit'
  return {
    instrument: instrument.id,
    clientId: id,
    side,
    type,
    // What takes at the market has nothing that could rest.
    timeInForce: !rests && timeInForce === 'gtc' ? 'ioc' : timeInForce,
    quantity: quantityText(instrument, quantity),
    ...(price === undefined || !rests ? {} : { price: priceText(instrument, price) }),
    ...(triggerPrice === undefined ? {} : { triggerPrice: priceText(instrument, triggerPrice) }),
    ...(postOnly === true ? { postOnly } : {}),
  }
}

export function venueOrderOf(instrument: Instrument, order: HouseOrderView): VenueOrder {
  const { id, clientId, side, type, timeInForce, price, quantity, filled, state, reason, updatedAt } = order
  return {
    venueOrderId: id,
    clientId,
    instrument: instrument.id,
    side,
    type,
    timeInForce: timeInForceOf(timeInForce),
    price: price === null ? null : ticksOf(instrument, price),
    quantity: lotsOf(instrument, quantity),
    filled: lotsOf(instrument, filled),
    state: state === 'waiting' ? 'open' : state,
    reason,
    at: updatedAt,
  }
}

/** Those that expire by themselves rest until then, as far as the port has words for it. */
export const timeInForceOf = (timeInForce: HouseOrderView['timeInForce']): VenueOrder['timeInForce'] =>
  timeInForce === 'gtd' ? 'gtc' : timeInForce

export const executionOf = (instrument: Instrument, fill: HouseFillView): VenueExecution => ({
  id: fill.id,
  venueOrderId: fill.order,
  clientId: fill.clientId,
  instrument: instrument.id,
  side: fill.side,
  price: ticksOf(instrument, fill.price),
  quantity: lotsOf(instrument, fill.quantity),
  liquidity: liquidityOf(fill.liquidity),
  feeAmount: fill.fee,
  feeAsset: fill.feeAsset,
  at: fill.at,
})

/** In an uncross both sides are charged as makers are. */
export const liquidityOf = (liquidity: HouseFillView['liquidity']): VenueExecution['liquidity'] =>
  liquidity === 'taker' ? 'taker' : 'maker'
