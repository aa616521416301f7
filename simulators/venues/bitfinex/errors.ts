import { json, type Refusal, type SimulatedAnswer } from '../core/index.ts'

/** Errors are `["error", code, text]` under HTTP 500: https://docs.bitfinex.com/docs/abbreviations-glossary#errorinfo-codes */
export interface BitfinexError {
  readonly code: number
  readonly text: string
}

export const failed = ({ code, text }: BitfinexError, status = 500): SimulatedAnswer =>
  json(['error', code, text], status)

const error = (code: number, text: string): BitfinexError => ({ code, text })
/** What is wrong with an order comes under one code. */
export const invalidOrder = (why: string): BitfinexError => error(10001, why)

export const INVALID_KEY = error(10100, 'apikey: invalid')
export const INVALID_DIGEST = error(10100, 'apikey: digest invalid')
export const DENIED = error(10100, 'apikey: permission invalid')
export const NONCE_SMALL = error(10114, 'nonce: small')
export const RATE_LIMIT = error(11010, 'ratelimit: error')
export const MAINTENANCE = error(20060, 'maintenance')
export const INVALID_SYMBOL = error(10020, 'symbol: invalid')
export const ORDER_NOT_FOUND = invalidOrder('Order not found.')
export const parameter = (name: string): BitfinexError => error(10020, `${name}: invalid`)

export const REFUSALS: Readonly<Record<Refusal, BitfinexError>> = {
  insufficient_funds: invalidOrder('Invalid order: not enough exchange balance'),
  quantity_too_small: invalidOrder('Invalid order: minimum size not met'),
  quantity_too_large: invalidOrder('Invalid order: maximum size exceeded'),
  notional_too_small: invalidOrder('Invalid order: minimum size not met'),
  price_invalid: parameter('price'),
  would_cross: invalidOrder('Invalid order: post only'),
  not_fillable: invalidOrder('Invalid order'),
  duplicate_client_id: invalidOrder('Invalid order: cid is not unique'),
  too_many_orders: invalidOrder('Invalid order: too many open orders'),
  trigger_invalid: parameter('price'),
}
