import { json, type Refusal, type SimulatedAnswer } from '../core/index.ts'

/** https://bybit-exchange.github.io/docs/v5/error : UTA and, from 170001 on, spot. */
export interface BybitError {
  readonly retCode: number
  readonly retMsg: string
}

export const failed = ({ retCode, retMsg }: BybitError, now: number): SimulatedAnswer =>
  json({ retCode, retMsg, result: {}, retExtInfo: {}, time: now })

export const ok = (result: unknown, now: number): SimulatedAnswer =>
  json({ retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time: now })

const error = (retCode: number, retMsg: string): BybitError => ({ retCode, retMsg })

export const INVALID_KEY = error(10003, 'API key is invalid.')
export const INVALID_SIGN = error(10004, 'error sign! please check your signature generation algorithm.')
export const DENIED = error(10005, 'Permission denied, please check your API key permissions.')
export const TOO_MANY_VISITS = error(10006, 'Too many visits. Exceeded the API Rate Limit.')
export const SERVER_ERROR = error(10016, 'Internal System Error.')
export const UNKNOWN_ORDER = error(170213, 'Order does not exist.')
export const UNKNOWN_SYMBOL = error(170121, 'Invalid symbol.')
export const INVALID_SIDE = error(170117, 'Invalid side.')
export const INVALID_TYPE = error(170116, 'Invalid orderType.')
export const INVALID_TIME = error(170115, 'Invalid timeInForce.')
export const INVALID_FILTER = error(170202, 'Invalid orderFilter parameter.')
export const NOT_SUPPORTED = error(170227, 'This feature is not supported.')
export const PRICE_TOO_PRECISE = error(170134, 'Order price has too many decimals.')
export const QUANTITY_TOO_PRECISE = error(170137, 'Order quantity has too many decimals.')

export const parameters = (what: string): BybitError => error(10001, `Request parameter error: ${what}.`)
export const invalidData = (name: string): BybitError => error(170130, `Data sent for paramter '${name}' is not valid.`)

export const REFUSALS: Readonly<Record<Refusal, BybitError>> = {
  insufficient_funds: error(170131, 'Insufficient balance.'),
  quantity_too_small: error(170136, 'Order quantity exceeded lower limit.'),
  quantity_too_large: error(170135, 'Order quantity exceeded upper limit.'),
  notional_too_small: error(170140, 'Order value exceeded lower limit.'),
  price_invalid: error(170133, 'Order price lower than the minimum.'),
  would_cross: error(170218, 'The LIMIT-MAKER order is rejected due to invalid price.'),
  not_fillable: error(170210, 'New order rejected.'),
  duplicate_client_id: error(170141, 'Duplicate clientOrderId.'),
  too_many_orders: error(170005, 'Too many new orders; current limit is 500 orders per account.'),
  trigger_invalid: invalidData('triggerPrice'),
}
