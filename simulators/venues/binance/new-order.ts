import { isDecimal, lotsOf, parseDecimal, scaleOf, type Ticks, ticksOf } from '../../../src/kernel/index.ts'
import type { NewSimulatedOrder, SimulatedInstrument } from '../core/index.ts'
import { type BinanceError, LOT_SIZE, mandatory, PRICE_FILTER, REFUSALS, tooPrecise } from './errors.ts'

/** The parameters of a new order: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints, "New order" */

export const CLIENT_ID = /^[a-zA-Z0-9-_]{1,36}$/
const DECIMALS_MAX = 8

const TYPES: Readonly<Record<string, NewSimulatedOrder['type']>> = {
  LIMIT: 'limit',
  LIMIT_MAKER: 'limit',
  MARKET: 'market',
  STOP_LOSS: 'stop',
  STOP_LOSS_LIMIT: 'stop_limit',
}
const TIMES: Readonly<Record<string, NewSimulatedOrder['timeInForce']>> = { GTC: 'gtc', IOC: 'ioc', FOK: 'fok' }

const has = (params: URLSearchParams, name: string): boolean => (params.get(name) ?? '') !== ''

/** A parameter as units of 10^-8, or what is wrong with its text. */
function decimalIn(params: URLSearchParams, name: string): string | BinanceError {
  const text = params.get(name) ?? ''
  if (!isDecimal(text)) return mandatory(name)
  if (scaleOf(text) > DECIMALS_MAX) return tooPrecise(name)
  return parseDecimal(text, DECIMALS_MAX) < 0n ? mandatory(name) : text
}

export function lotsIn(
  { instrument }: SimulatedInstrument,
  params: URLSearchParams,
  name: string,
): number | BinanceError {
  const text = decimalIn(params, name)
  if (typeof text !== 'string') return text
  return scaleOf(text) > instrument.quantityScale ? LOT_SIZE : lotsOf(instrument, text)
}

function ticksIn({ instrument }: SimulatedInstrument, params: URLSearchParams, name: string): Ticks | BinanceError {
  const text = decimalIn(params, name)
  if (typeof text !== 'string') return text
  return scaleOf(text) > instrument.priceScale ? PRICE_FILTER : ticksOf(instrument, text)
}

/** The order that is meant; `last` is the last price, which a stop must not have passed. */
export function wishOf(
  listed: SimulatedInstrument,
  params: URLSearchParams,
  last: Ticks,
): NewSimulatedOrder | BinanceError {
  const side = params.get('side')
  if (side !== 'BUY' && side !== 'SELL')
    return has(params, 'side') ? { code: -1117, msg: 'Invalid side.' } : mandatory('side')
  const type = TYPES[params.get('type') ?? '']
  if (type === undefined) return has(params, 'type') ? { code: -1116, msg: 'Invalid orderType.' } : mandatory('type')
  const clientId = params.get('newClientOrderId')
  if (clientId !== null && !CLIENT_ID.test(clientId))
    return {
      code: -1100,
      msg: "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.",
    }
  const isPostOnly = params.get('type') === 'LIMIT_MAKER'
  const isPriced = type === 'limit' || type === 'stop_limit'
  const isTimed = isPriced && !isPostOnly
  if (!isPriced && has(params, 'price')) return needless('price')
  if (!isTimed && has(params, 'timeInForce')) return needless('timeInForce')
  if (isTimed && !has(params, 'timeInForce')) return mandatory('timeInForce')
  const timeInForce = isTimed ? TIMES[params.get('timeInForce')!] : 'gtc'
  if (timeInForce === undefined) return { code: -1115, msg: 'Invalid timeInForce.' }
  if (has(params, 'quoteOrderQty'))
    return { code: -1013, msg: 'Quote order qty market orders are not support for this symbol.' }

  const quantity = lotsIn(listed, params, 'quantity')
  if (typeof quantity !== 'number') return quantity
  const price = isPriced ? ticksIn(listed, params, 'price') : null
  if (price !== null && typeof price !== 'number') return price
  const triggerPrice = type === 'stop' || type === 'stop_limit' ? ticksIn(listed, params, 'stopPrice') : null
  if (triggerPrice !== null && typeof triggerPrice !== 'number') return triggerPrice
  if (triggerPrice !== null && (side === 'BUY' ? last >= triggerPrice : last <= triggerPrice))
    return REFUSALS.trigger_invalid
  return {
    clientId,
    instrument: listed,
    side: side === 'BUY' ? 'buy' : 'sell',
    type,
    timeInForce,
    postOnly: isPostOnly,
    price,
    triggerPrice,
    quantity,
  }
}

const needless = (name: string): BinanceError => ({ code: -1106, msg: `Parameter '${name}' sent when not required.` })
