import { isDecimal, lotsOf, scaleOf, ticksOf, trimDecimal } from '../../../src/kernel/index.ts'
import { type Fields, type NewSimulatedOrder, type SimulatedInstrument, textIn } from '../core/index.ts'
import { POST_ONLY } from './answers.ts'
import { type BitfinexError, INVALID_SYMBOL, parameter } from './errors.ts'
import { pairNamed } from './instruments.ts'

/** The body of an order or an update: https://docs.bitfinex.com/reference/rest-auth-submit-order */

const SIGNIFICANT_DIGITS = 5
const CLIENT_ID_MAX = 2 ** 45

const TYPES: Readonly<Record<string, Pick<NewSimulatedOrder, 'type' | 'timeInForce'>>> = {
  'EXCHANGE LIMIT': { type: 'limit', timeInForce: 'gtc' },
  'EXCHANGE MARKET': { type: 'market', timeInForce: 'gtc' },
  'EXCHANGE STOP': { type: 'stop', timeInForce: 'gtc' },
  'EXCHANGE STOP LIMIT': { type: 'stop_limit', timeInForce: 'gtc' },
  'EXCHANGE IOC': { type: 'limit', timeInForce: 'ioc' },
  'EXCHANGE FOK': { type: 'limit', timeInForce: 'fok' },
}

export const isError = (value: unknown): value is BitfinexError =>
  typeof value === 'object' && value !== null && 'code' in value && 'text' in value

/** Amounts are above zero to buy and below to sell. */
export function amountIn(listed: SimulatedInstrument, fields: Fields, name: string): number | BitfinexError {
  const text = textIn(fields, name)
  if (!isDecimal(text) || scaleOf(text) > listed.instrument.quantityScale) return parameter(name)
  const lots = lotsOf(listed.instrument, text.replace('-', ''))
  return text.startsWith('-') ? -lots : lots
}

export function priceIn(listed: SimulatedInstrument, fields: Fields, name: string): number | BitfinexError {
  const text = textIn(fields, name)
  if (!isDecimal(text) || scaleOf(text) > listed.instrument.priceScale) return parameter(name)
  const digits = trimDecimal(text).replace(/[.-]/, '').replace(/^0+/, '').replace(/0+$/, '')
  return digits.length > SIGNIFICANT_DIGITS ? parameter(name) : ticksOf(listed.instrument, text)
}

export function clientIdIn(fields: Fields): string | null | BitfinexError {
  if (fields.cid === undefined || fields.cid === null) return null
  const id = Number(fields.cid)
  return Number.isSafeInteger(id) && id > 0 && id < CLIENT_ID_MAX ? String(id) : parameter('cid')
}

export function wishOf(fields: Fields): NewSimulatedOrder | BitfinexError {
  const listed = pairNamed(textIn(fields, 'symbol'))
  if (listed === undefined) return INVALID_SYMBOL
  const kind = TYPES[textIn(fields, 'type')]
  if (kind === undefined) return parameter('type')
  const clientId = clientIdIn(fields)
  if (isError(clientId)) return clientId
  const amount = amountIn(listed, fields, 'amount')
  if (isError(amount)) return amount
  if (amount === 0) return parameter('amount')
  const isStop = kind.type === 'stop' || kind.type === 'stop_limit'
  const first = kind.type === 'market' ? null : priceIn(listed, fields, 'price')
  if (isError(first)) return first
  const second = kind.type === 'stop_limit' ? priceIn(listed, fields, 'price_aux_limit') : null
  if (isError(second)) return second
  return {
    ...kind,
    clientId,
    instrument: listed,
    side: amount > 0 ? 'buy' : 'sell',
    postOnly: (Number(fields.flags ?? 0) & POST_ONLY) !== 0,
    price: isStop ? second : first,
    triggerPrice: isStop ? first : null,
    quantity: Math.abs(amount),
  }
}
