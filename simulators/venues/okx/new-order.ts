import type { Lots, Ticks } from '../../../src/kernel/index.ts'
import {
  type Fields,
  type NewSimulatedOrder,
  readLots,
  readTicks,
  type SimulatedInstrument,
  textIn,
} from '../core/index.ts'
import { OFF_LOT, type OkxError, parameter, REJECTED } from './errors.ts'

/** The fields of an order, an amend or a cancel: https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-place-order */

const CLIENT_ID = /^[A-Za-z0-9]{1,32}$/

export const isError = (value: unknown): value is OkxError =>
  typeof value === 'object' && value !== null && 'msg' in value && 'code' in value

export const lotsIn = (listed: SimulatedInstrument, fields: Fields, name: string): Lots | OkxError =>
  readLots(listed, textIn(fields, name), parameter(name), OFF_LOT)

/** A price off the tick is rounded by nobody here: it is refused. */
export const ticksIn = (listed: SimulatedInstrument, fields: Fields, name: string): Ticks | OkxError =>
  readTicks(listed, textIn(fields, name), parameter(name), parameter(name))

const TIMES: Readonly<Record<string, NewSimulatedOrder['timeInForce']>> = {
  limit: 'gtc',
  post_only: 'gtc',
  market: 'gtc',
  ioc: 'ioc',
  fok: 'fok',
}

const sideIn = (fields: Fields): 'buy' | 'sell' | OkxError => {
  const side = textIn(fields, 'side')
  return side === 'buy' || side === 'sell' ? side : parameter('side')
}

function clientIdIn(fields: Fields, name: string): string | null | OkxError {
  const text = textIn(fields, name)
  return text === '' ? null : CLIENT_ID.test(text) ? text : parameter(name)
}

/** The order that is meant by `trade/order`. */
export function wishOf(listed: SimulatedInstrument, fields: Fields): NewSimulatedOrder | OkxError {
  if (textIn(fields, 'tdMode') !== 'cash') return parameter('tdMode')
  const side = sideIn(fields)
  if (isError(side)) return side
  const type = textIn(fields, 'ordType')
  const timeInForce = TIMES[type]
  if (timeInForce === undefined) return parameter('ordType')
  const clientId = clientIdIn(fields, 'clOrdId')
  if (isError(clientId)) return clientId
  const isMarket = type === 'market'
  // Without it the quantity of a market buy is in the quote currency, which is not taken here.
  if (isMarket && side === 'buy' && textIn(fields, 'tgtCcy') !== 'base_ccy') return parameter('tgtCcy')
  const quantity = lotsIn(listed, fields, 'sz')
  if (isError(quantity)) return quantity
  if (quantity <= 0) return REJECTED
  const price = isMarket ? null : ticksIn(listed, fields, 'px')
  if (isError(price)) return price
  return {
    clientId,
    instrument: listed,
    side,
    type: isMarket ? 'market' : 'limit',
    timeInForce,
    postOnly: type === 'post_only',
    price,
    quantity,
  }
}

/** The stop that is meant by `trade/order-algo`; `last` is the last price, which it must not have passed. */
export function stopOf(listed: SimulatedInstrument, fields: Fields, last: Ticks): NewSimulatedOrder | OkxError {
  const side = sideIn(fields)
  if (isError(side)) return side
  const type = textIn(fields, 'ordType')
  if (type !== 'conditional' && type !== 'trigger') return parameter('ordType')
  const [trigger, order] = type === 'conditional' ? ['slTriggerPx', 'slOrdPx'] : ['triggerPx', 'orderPx']
  const clientId = clientIdIn(fields, 'algoClOrdId')
  if (isError(clientId)) return clientId
  const quantity = lotsIn(listed, fields, 'sz')
  if (isError(quantity)) return quantity
  const triggerPrice = ticksIn(listed, fields, trigger!)
  if (isError(triggerPrice)) return triggerPrice
  if (side === 'buy' && triggerPrice <= last)
    return { code: '51278', msg: 'SL trigger price cannot be lower than the last price' }
  if (side === 'sell' && triggerPrice >= last)
    return { code: '51280', msg: 'SL trigger price cannot be higher than the last price' }
  const price = textIn(fields, order!) === '-1' ? null : ticksIn(listed, fields, order!)
  if (isError(price)) return price
  return {
    clientId,
    instrument: listed,
    side,
    type: price === null ? 'stop' : 'stop_limit',
    timeInForce: 'gtc',
    price,
    triggerPrice,
    quantity,
  }
}
