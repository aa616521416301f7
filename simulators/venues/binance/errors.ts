import { json, type Refusal, type SimulatedAnswer } from '../core/index.ts'

/** https://developers.binance.com/docs/binance-spot-api-docs/errors */
export interface BinanceError {
  readonly code: number
  readonly msg: string
  readonly status?: number
}

export const failed = ({ code, msg, status = 400 }: BinanceError): SimulatedAnswer => json({ code, msg }, status)

export const INVALID_KEY: BinanceError = {
  code: -2015,
  msg: 'Invalid API-key, IP, or permissions for action.',
  status: 401,
}
export const UNKNOWN_SYMBOL: BinanceError = { code: -1121, msg: 'Invalid symbol.' }
export const UNKNOWN_ORDER: BinanceError = { code: -2013, msg: 'Order does not exist.' }
export const UNKNOWN_ORDER_SENT: BinanceError = { code: -2011, msg: 'Unknown order sent.' }

export const mandatory = (name: string): BinanceError => ({
  code: -1102,
  msg: `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
})
export const tooPrecise = (name: string): BinanceError => ({
  code: -1111,
  msg: `Parameter '${name}' has too much precision.`,
})

const filter = (name: string): BinanceError => ({ code: -1013, msg: `Filter failure: ${name}` })
export const PRICE_FILTER = filter('PRICE_FILTER')
export const LOT_SIZE = filter('LOT_SIZE')

export const REFUSALS: Readonly<Record<Refusal, BinanceError>> = {
  insufficient_funds: { code: -2010, msg: 'Account has insufficient balance for requested action.' },
  quantity_too_small: LOT_SIZE,
  quantity_too_large: LOT_SIZE,
  notional_too_small: filter('NOTIONAL'),
  price_invalid: PRICE_FILTER,
  would_cross: { code: -2010, msg: 'Order would immediately match and take.' },
  not_fillable: { code: -2010, msg: 'Order could not be filled.' },
  duplicate_client_id: { code: -2010, msg: 'Duplicate order sent.' },
  too_many_orders: filter('MAX_NUM_ORDERS'),
  trigger_invalid: { code: -2010, msg: 'Stop price would trigger immediately.' },
}
