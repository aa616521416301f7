import { json, type Refusal, type SimulatedAnswer } from '../core/index.ts'

/** https://www.okx.com/docs-v5/en/#error-code */
export interface OkxError {
  readonly code: string
  readonly msg: string
  readonly status?: number
}

export const failed = ({ code, msg, status = 200 }: OkxError): SimulatedAnswer => json({ code, data: [], msg }, status)
export const ok = (data: readonly unknown[]): SimulatedAnswer => json({ code: '0', data, msg: '' })

const error = (code: string, msg: string, status?: number): OkxError => ({ code, msg, ...(status && { status }) })

export const UNAVAILABLE = error('50001', 'Service temporarily unavailable. Please try again later.', 503)
export const TOO_MANY = error('50011', 'Too Many Requests', 429)
export const TOO_MANY_ORDERS = error('50061', 'You have reached the maximum order rate limit for this account.')
export const EXPIRED = error('50102', 'Timestamp request expired', 401)
export const WRONG_PASSPHRASE = error('50105', 'Request header OK-ACCESS-PASSPHRASE incorrect.', 401)
export const WRONG_KEY = error('50111', 'Invalid OK-ACCESS-KEY', 401)
export const WRONG_TIMESTAMP = error('50112', 'Invalid OK-ACCESS-TIMESTAMP', 401)
export const WRONG_SIGN = error('50113', 'Invalid Sign', 401)
export const DENIED = error('50120', "This API key doesn't have permission to use this function", 401)
export const UNKNOWN_INSTRUMENT = error('51001', "Instrument ID, Instrument ID code, or Spread ID doesn't exist.")
export const NO_ID = error('51003', 'Either client order ID or order ID is required.')
export const UNKNOWN_ORDER = error('51603', 'Order does not exist')
export const CANCEL_FAILED = error(
  '51400',
  'Cancellation failed as the order has been filled, canceled or does not exist.',
)
export const AMEND_FAILED = error(
  '51503',
  'Order modification failed as the order has been filled, canceled or does not exist.',
)
export const OFF_LOT = error('51121', 'Order quantity must be a multiple of the lot size.')
export const REJECTED = error('51020', 'Your order should meet or exceed the minimum order amount.')
export const NOT_FOUND: SimulatedAnswer = json({ code: '404', data: {}, msg: 'Not Found' }, 404)

export const parameter = (name: string): OkxError => error('51000', `Parameter ${name} error`)
export const missingHeader = (code: string, header: string): OkxError =>
  error(code, `Request header "${header}" can't be empty.`, 401)

export const REFUSALS: Readonly<Record<Refusal, OkxError>> = {
  insufficient_funds: error('51008', 'Order failed. Insufficient balance in account.'),
  quantity_too_small: REJECTED,
  quantity_too_large: error('51202', 'Market order amount exceeds the maximum amount.'),
  notional_too_small: REJECTED,
  price_invalid: parameter('px'),
  would_cross: parameter('px'),
  not_fillable: error('51008', 'Order failed.'),
  duplicate_client_id: error('51016', 'Client order ID already exists.'),
  too_many_orders: error('51005', 'Your order amount exceeds the max order amount.'),
  trigger_invalid: parameter('triggerPx'),
}
