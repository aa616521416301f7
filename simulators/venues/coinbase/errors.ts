import { json, type Refusal, type SimulatedAnswer } from '../core/index.ts'

/** Why an order was not made: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/orders/create-order */
export interface OrderError {
  readonly error: string
  readonly message: string
  readonly preview: string
}

const orderError = (error: string, message: string, preview = 'UNKNOWN_PREVIEW_FAILURE_REASON'): OrderError => ({
  error,
  message,
  preview,
})

export const REFUSALS: Readonly<Record<Refusal, OrderError>> = {
  insufficient_funds: orderError(
    'INSUFFICIENT_FUND',
    'Insufficient balance in source account',
    'PREVIEW_INSUFFICIENT_FUND',
  ),
  quantity_too_small: orderError('INVALID_SIZE_PRECISION', '', 'PREVIEW_INVALID_BASE_SIZE_TOO_SMALL'),
  quantity_too_large: orderError('UNKNOWN_FAILURE_REASON', '', 'PREVIEW_INVALID_BASE_SIZE_TOO_LARGE'),
  notional_too_small: orderError('UNKNOWN_FAILURE_REASON', '', 'PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL'),
  price_invalid: orderError('INVALID_PRICE_PRECISION', '', 'PREVIEW_INVALID_LIMIT_PRICE'),
  would_cross: orderError('INVALID_LIMIT_PRICE_POST_ONLY', 'post only order would cross the book'),
  not_fillable: orderError('UNKNOWN_FAILURE_REASON', '', 'PREVIEW_FOK_NOT_FILLABLE'),
  duplicate_client_id: orderError('DUPLICATE_CLIENT_ORDER_ID', ''),
  too_many_orders: orderError('UNKNOWN_FAILURE_REASON', '', 'PREVIEW_OPEN_ORDERS_LIMIT_EXCEEDED'),
  trigger_invalid: orderError('INVALID_STOP_PRICE_PRECISION', '', 'PREVIEW_INVALID_STOP_PRICE'),
}

export const orderRefused = ({ error, message, preview }: OrderError, configuration: unknown = {}): SimulatedAnswer =>
  json({
    success: false,
    failure_reason: 'UNKNOWN_FAILURE_REASON',
    order_id: '',
    error_response: {
      error,
      message,
      error_details: message,
      preview_failure_reason: preview,
      new_order_failure_reason: error,
    },
    order_configuration: configuration,
  })

export const editRefused = (reason: string): SimulatedAnswer =>
  json({
    success: false,
    errors: [{ edit_failure_reason: reason, preview_failure_reason: 'UNKNOWN_PREVIEW_FAILURE_REASON' }],
  })

export const cancelRow = (orderId: string, failure: string | null) => ({
  success: failure === null,
  failure_reason: failure ?? 'UNKNOWN_CANCEL_FAILURE_REASON',
  order_id: orderId,
})

export const failed = (status: number, error: string, message: string): SimulatedAnswer =>
  json({ error, code: status === 404 ? 5 : 3, message, error_details: message }, status)

export const unauthorized: SimulatedAnswer = {
  status: 401,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: 'Unauthorized\n',
}

/** https://docs.cdp.coinbase.com/coinbase-app/api-architecture/rate-limiting */
export const rateLimited = (): SimulatedAnswer =>
  json({ errors: [{ id: 'rate_limit_exceeded', message: 'Too many requests' }] }, 429)
