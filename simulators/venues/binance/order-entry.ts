import { lotsOf, type OrderType, scaleOf, type Ticks, type TimeInForce, ticksOf } from '../../../src/kernel/index.ts'
import {
  type Account,
  lastPrice,
  type NewSimulatedOrder,
  notionalUnits,
  type SimulatedInstrument,
  unitsOf,
  type VenueContext,
} from '../core/index.ts'
import {
  type BinanceError,
  ERRORS,
  filtered,
  illegal,
  isBinanceError,
  missing,
  REFUSALS,
  tooPrecise,
} from './errors.ts'
import { DECIMALS, symbolNamed } from './instruments.ts'

/** Checks of a new order, in Binance's order and words: https://developers.binance.com/docs/binance-spot-api-docs/filters */

const TYPES: Readonly<Record<string, OrderType>> = {
  LIMIT: 'limit',
  LIMIT_MAKER: 'limit',
  MARKET: 'market',
  STOP_LOSS: 'stop',
  STOP_LOSS_LIMIT: 'stop_limit',
}
export const ORDER_TYPES = Object.keys(TYPES)
const TIMES_IN_FORCE: Readonly<Record<string, TimeInForce>> = { GTC: 'gtc', IOC: 'ioc', FOK: 'fok' }
const NUMBER = /^\d{1,20}(\.\d{1,20})?$/
const NUMBER_RANGE = '^([0-9]{1,20})(\\.[0-9]{1,20})?$'
const CLIENT_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/
const CLIENT_ID_RANGE = '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'

export interface EnteredOrder extends NewSimulatedOrder {
  readonly clientId: string
  /** What a market order was to spend or bring, where it says that and no quantity. */
  readonly quoteQuantity: string | null
}

/** The order that is asked for, or what is wrong with it. */
export function readOrder(
  params: URLSearchParams,
  context: VenueContext,
  createId: () => string,
): EnteredOrder | BinanceError {
  const instrument = symbolNamed(params.get('symbol'))
  if (instrument === undefined) return params.has('symbol') ? ERRORS.invalidSymbol : missing('symbol')
  const side = params.get('side')?.toLowerCase()
  if (side !== 'buy' && side !== 'sell') return side === undefined ? missing('side') : ERRORS.invalidSide
  const name = params.get('type') ?? ''
  const type = TYPES[name]
  if (type === undefined) return name === '' ? missing('type') : ERRORS.invalidType
  const timeInForce = readTimeInForce(params, name)
  if (isBinanceError(timeInForce)) return timeInForce
  const price = type === 'limit' || type === 'stop_limit' ? readPrice(params, 'price', instrument) : null
  if (isBinanceError(price)) return price
  const triggerPrice = type === 'stop' || type === 'stop_limit' ? readPrice(params, 'stopPrice', instrument) : null
  if (isBinanceError(triggerPrice)) return triggerPrice
  const clientId = params.get('newClientOrderId') ?? createId()
  if (!CLIENT_ID.test(clientId)) return illegal('newClientOrderId', CLIENT_ID_RANGE)
  if (triggerPrice !== null && wouldTrigger(context, instrument, side, triggerPrice)) return REFUSALS.trigger_invalid
  const quoteQuantity = type === 'market' ? params.get('quoteOrderQty') : null
  const quantity =
    quoteQuantity === null
      ? readQuantity(params.get('quantity'), 'quantity', instrument)
      : quantityFor(quoteQuantity, context, instrument, side)
  if (isBinanceError(quantity)) return quantity
  const postOnly = name === 'LIMIT_MAKER'
  return { instrument, side, type, timeInForce, price, triggerPrice, clientId, quantity, postOnly, quoteQuantity }
}

function readTimeInForce(params: URLSearchParams, type: string): TimeInForce | BinanceError {
  const text = params.get('timeInForce')
  if (type === 'LIMIT' || type === 'STOP_LOSS_LIMIT') {
    if (text === null) return missing('timeInForce')
    return TIMES_IN_FORCE[text] ?? ERRORS.invalidTimeInForce
  }
  return text === null ? 'gtc' : ERRORS.unexpectedOrderTypeParameter
}

function readNumber(text: string | null, field: string): string | BinanceError {
  if (text === null || text === '') return missing(field)
  if (!NUMBER.test(text)) return illegal(field, NUMBER_RANGE)
  return scaleOf(text) > DECIMALS ? tooPrecise(field) : text
}

function readPrice(params: URLSearchParams, field: string, { instrument }: SimulatedInstrument): Ticks | BinanceError {
  const text = readNumber(params.get(field), field)
  if (isBinanceError(text)) return text
  try {
    const ticks = ticksOf(instrument, text)
    return ticks > 0 ? ticks : filtered('PRICE_FILTER')
  } catch {
    return filtered('PRICE_FILTER')
  }
}

export function readQuantity(
  given: string | null,
  field: string,
  { instrument }: SimulatedInstrument,
): number | BinanceError {
  const text = readNumber(given, field)
  if (isBinanceError(text)) return text
  try {
    return lotsOf(instrument, text)
  } catch {
    return filtered('LOT_SIZE')
  }
}

/** The most lots that the book gives for so much of the quote asset. */
function quantityFor(
  given: string,
  { market }: VenueContext,
  listed: SimulatedInstrument,
  side: 'buy' | 'sell',
): number | BinanceError {
  const text = readNumber(given, 'quoteOrderQty')
  if (isBinanceError(text)) return text
  let left = unitsOf(text)
  if (left < listed.notionalMin) return filtered('NOTIONAL')
  let lots = 0
  for (const [price, quantity] of market.levels(listed, LEVELS_WALKED)[side === 'buy' ? 'asks' : 'bids']) {
    const lot = notionalUnits(listed.instrument, price, 1)
    const taken = Math.min(quantity, Number(left / lot))
    lots += taken
    left -= lot * BigInt(taken)
    if (taken < quantity) break
  }
  return lots === 0 ? REFUSALS.not_fillable : lots
}
const LEVELS_WALKED = 5_000

function wouldTrigger(
  context: VenueContext,
  listed: SimulatedInstrument,
  side: 'buy' | 'sell',
  trigger: Ticks,
): boolean {
  const last = lastPrice(context, listed)
  return side === 'buy' ? trigger <= last : trigger >= last
}

/** Whether an account may trade at all. */
export const tradeFault = ({ permissions }: Account): BinanceError | null =>
  permissions.trade ? null : ERRORS.noPermission
