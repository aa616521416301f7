import type { Lots, Ticks } from '../../../src/kernel/index.ts'
import {
  type Fields,
  type NewSimulatedOrder,
  readLots,
  readTicks,
  type SimulatedInstrument,
  textIn,
} from '../core/index.ts'
import { type KucoinError, OFF_LOT, OFF_TICK, parameter } from './errors.ts'

/** The fields of an order or a stop: https://www.kucoin.com/docs-new/rest/spot-trading/orders/add-order and …/add-stop-order */

const CLIENT_ID = /^[\w-]{1,40}$/
const TIMES: Readonly<Record<string, NewSimulatedOrder['timeInForce']>> = { GTC: 'gtc', IOC: 'ioc', FOK: 'fok' }

export const isError = (value: unknown): value is KucoinError =>
  typeof value === 'object' && value !== null && 'msg' in value && 'code' in value

export const lotsIn = (listed: SimulatedInstrument, fields: Fields, name: string): Lots | KucoinError =>
  readLots(listed, textIn(fields, name), parameter(name), OFF_LOT)

export const ticksIn = (listed: SimulatedInstrument, fields: Fields, name: string): Ticks | KucoinError =>
  readTicks(listed, textIn(fields, name), parameter(name), OFF_TICK)

/** The order that is meant; a market order by `funds`, in the quote currency, is not taken here. */
export function wishOf(listed: SimulatedInstrument, fields: Fields): NewSimulatedOrder | KucoinError {
  const side = textIn(fields, 'side')
  if (side !== 'buy' && side !== 'sell') return parameter('side')
  const type = textIn(fields, 'type') || 'limit'
  if (type !== 'limit' && type !== 'market') return parameter('type')
  const clientId = textIn(fields, 'clientOid')
  if (clientId !== '' && !CLIENT_ID.test(clientId)) return parameter('clientOid')
  const timeInForce = TIMES[textIn(fields, 'timeInForce') || 'GTC']
  if (timeInForce === undefined) return parameter('timeInForce')
  const quantity = lotsIn(listed, fields, 'size')
  if (isError(quantity)) return quantity
  const price = type === 'market' ? null : ticksIn(listed, fields, 'price')
  if (isError(price)) return price
  return {
    clientId: clientId === '' ? null : clientId,
    instrument: listed,
    side,
    type,
    timeInForce: type === 'market' ? 'gtc' : timeInForce,
    // Of no effect on what takes at once or not at all.
    postOnly: type === 'limit' && timeInForce === 'gtc' && String(fields.postOnly) === 'true',
    price,
    quantity,
  }
}

/**
 * The stop that is meant. The venue has stops for either direction on either side; here are those that follow the market: a
 * sale below it (`loss`), a purchase above it (`entry`).
 */
export function stopOf(listed: SimulatedInstrument, fields: Fields, last: Ticks): NewSimulatedOrder | KucoinError {
  const wish = wishOf(listed, fields)
  if (isError(wish)) return wish
  const triggerPrice = ticksIn(listed, fields, 'stopPrice')
  if (isError(triggerPrice)) return triggerPrice
  const stop = textIn(fields, 'stop')
  const follows = wish.side === 'sell' ? 'loss' : 'entry'
  if (stop !== '' && stop !== follows) return parameter('stop')
  if (wish.side === 'sell' ? triggerPrice >= last : triggerPrice <= last) return parameter('stopPrice')
  return { ...wish, type: wish.type === 'market' ? 'stop' : 'stop_limit', triggerPrice, postOnly: false }
}
