import { json, type Refusal, type SimulatedAnswer } from '../core/index.ts'

/** https://www.kucoin.com/docs-new/errors-code : of keys and signatures with HTTP 401, of orders with HTTP 200. */
export interface KucoinError {
  readonly code: string
  readonly msg: string
  readonly status?: number
}

export const failed = ({ code, msg, status = 200 }: KucoinError): SimulatedAnswer => json({ code, msg }, status)
export const ok = (data: unknown): SimulatedAnswer => json({ code: '200000', data })

const error = (code: string, msg: string, status?: number): KucoinError => ({ code, msg, ...(status && { status }) })

export const MISSING_HEADER = error(
  '400001',
  'Please check the header of your request for KC-API-KEY, KC-API-SIGN, KC-API-TIMESTAMP, KC-API-PASSPHRASE',
  401,
)
export const WRONG_TIMESTAMP = error('400002', 'Invalid KC-API-TIMESTAMP', 401)
export const WRONG_KEY = error('400003', 'KC-API-KEY not exists', 401)
export const WRONG_PASSPHRASE = error('400004', 'Invalid KC-API-PASSPHRASE', 401)
export const WRONG_SIGN = error('400005', 'Invalid KC-API-SIGN', 401)
export const DENIED = error('400007', 'Access denied, require more permission', 401)
export const UNKNOWN_URL = error('404000', 'URL Not Found', 404)
export const TOO_MANY = error('429000', 'Too many requests in a short period of time, please retry later--kucoin', 429)
export const INTERNAL = error('500000', 'Internal Server Error', 500)
export const FORBIDDEN = error('403', 'Forbidden', 403)
export const UNKNOWN_SYMBOL = error('400100', 'Unsupported trading pair.')
export const UNKNOWN_ORDER = error('100001', 'error.getOrder.orderNotExist')
export const NOT_CANCELABLE = error('400100', 'order_not_exist_or_not_allow_to_cancel')
export const OFF_LOT = error('600100', 'Order size increment invalid.')
export const OFF_TICK = error('600100', 'Order price increment invalid.')
const TOO_LITTLE = error('400100', 'Order size below the minimum requirement.')

export const parameter = (name: string): KucoinError => error('400100', `${name} is invalid`)

export const REFUSALS: Readonly<Record<Refusal, KucoinError>> = {
  insufficient_funds: error('200004', 'Balance insufficient!'),
  quantity_too_small: TOO_LITTLE,
  quantity_too_large: error('400100', 'Order size above the maximum requirement.'),
  notional_too_small: error('600101', 'The order funds should more then 0.1 USDT.'),
  price_invalid: parameter('price'),
  would_cross: parameter('postOnly'),
  not_fillable: error('400200', 'Forbidden to place an order'),
  duplicate_client_id: error('126044', 'clientOid duplicate'),
  too_many_orders: error('200003', 'The number of active orders exceeds the limit.'),
  trigger_invalid: parameter('stopPrice'),
}
