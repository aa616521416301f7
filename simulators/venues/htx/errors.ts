import { json, type Refusal, type SimulatedAnswer } from '../core/index.ts'

/** https://huobiapi.github.io/docs/spot/v1/en/#error-code */
export interface HtxError {
  readonly code: string
  readonly message: string
}

export const error = (code: string, message: string): HtxError => ({ code, message })

export const refused = ({ code, message }: HtxError, status = 200, rest: object = {}): SimulatedAnswer =>
  json({ status: 'error', 'err-code': code, 'err-msg': message, data: null, ...rest }, status)

export const ok = (data: unknown, rest: object = {}): SimulatedAnswer => json({ status: 'ok', data, ...rest })

/** Version 2 answers in another form. */
export const okV2 = (data: unknown): SimulatedAnswer => json({ code: 200, data, ok: true })

export const NO_SYMBOL = error('base-symbol-error', 'The symbol is invalid')
export const NO_ORDER = error('base-record-invalid', 'record invalid')
export const WRONG_STATE = error('order-orderstate-error', 'Incorrect order state')
export const TOO_MANY = error(
  'base-request-exceed-frequency-limit',
  'Frequency of requests has exceeded the limit, please try again later',
)
export const NO_PERMISSION = error('api-signature-not-valid', 'Signature not valid: Insufficient permissions')

export const invalid = (name: string): HtxError => error('invalid-parameter', `invalid ${name}`)

export const REFUSALS: Readonly<Record<Refusal, HtxError>> = {
  insufficient_funds: error('account-frozen-balance-insufficient-error', 'trade account balance is not enough'),
  quantity_too_small: error('order-limitorder-amount-min-error', 'limit order amount error'),
  quantity_too_large: error('order-limitorder-amount-max-error', 'limit order amount error'),
  notional_too_small: error('order-value-min-error', 'Order total cannot be lower than: 10 USDT'),
  price_invalid: error('order-invalid-price', 'invalid price'),
  would_cross: error('order-invalid-price', 'invalid price'),
  not_fillable: error('order-invalid-price', 'invalid price'),
  duplicate_client_id: error('invalid-client-order-id', 'The client-order-id is in use'),
  too_many_orders: error('order-holding-limit-failed', 'Order failed, exceeded the limit of open orders'),
  trigger_invalid: error('order-stop-order-hit-trigger', 'Orders that are triggered immediately are not supported.'),
}
