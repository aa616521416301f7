import { json, type Refusal, type SimulatedAnswer } from '../core/index.ts'

/** https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/rest-api : an error, its details and a message. */
export const failure = (error: string, message: string, status = 400): SimulatedAnswer =>
  json({ error, error_details: message, message }, status)

/** Whatever is wrong with a token, that is all that is said. */
export const UNAUTHORIZED: SimulatedAnswer = {
  status: 401,
  headers: { 'content-type': 'text/plain' },
  body: 'Unauthorized\n',
}

export const FORBIDDEN = failure('PERMISSION_DENIED', 'Missing required scopes', 403)
export const NOT_FOUND = failure('NOT_FOUND', 'route not found', 404)

export const RATE_LIMITED = json(
  { errors: [{ id: 'rate_limit_exceeded', message: 'You have exceeded your request rate limit' }] },
  429,
)

/** Why an order is not created, by itself and as its preview would have said. */
export interface OrderFailure {
  readonly error: string
  readonly preview: string
  readonly message: string
}
const order = (error: string, preview: string, message: string): OrderFailure => ({ error, preview, message })

export const ORDER_FAILURES = {
  product: order('INVALID_PRODUCT_ID', 'PREVIEW_INVALID_PRODUCT_ID', 'Product is not listed'),
  side: order('INVALID_SIDE', 'PREVIEW_INVALID_SIDE', 'Side is neither BUY nor SELL'),
  configuration: order(
    'UNSUPPORTED_ORDER_CONFIGURATION',
    'PREVIEW_INVALID_ORDER_CONFIG',
    'Order configuration is not supported',
  ),
  size_precision: order(
    'INVALID_SIZE_PRECISION',
    'PREVIEW_INVALID_SIZE_PRECISION',
    'Too many decimals in order amount',
  ),
  price_precision: order(
    'INVALID_PRICE_PRECISION',
    'PREVIEW_INVALID_PRICE_PRECISION',
    'Too many decimals in order price',
  ),
  stop_above: order(
    'UNKNOWN_FAILURE_REASON',
    'PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE',
    'Stop price is above the last trade price',
  ),
  stop_below: order(
    'UNKNOWN_FAILURE_REASON',
    'PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE',
    'Stop price is below the last trade price',
  ),
  disabled: order('ORDER_ENTRY_DISABLED', 'UNKNOWN_PREVIEW_FAILURE_REASON', 'Order entry is disabled'),
} as const

export const REFUSALS: Readonly<Record<Refusal, OrderFailure>> = {
  insufficient_funds: order('INSUFFICIENT_FUND', 'PREVIEW_INSUFFICIENT_FUND', 'Insufficient balance in source account'),
  quantity_too_small: order('UNKNOWN_FAILURE_REASON', 'PREVIEW_INVALID_BASE_SIZE_TOO_SMALL', 'Order size is too small'),
  quantity_too_large: order('UNKNOWN_FAILURE_REASON', 'PREVIEW_INVALID_BASE_SIZE_TOO_LARGE', 'Order size is too large'),
  notional_too_small: order(
    'UNKNOWN_FAILURE_REASON',
    'PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL',
    'Order value is too small',
  ),
  price_invalid: order('INVALID_LIMIT_PRICE', 'PREVIEW_INVALID_LIMIT_PRICE', 'Limit price is invalid'),
  would_cross: order(
    'INVALID_LIMIT_PRICE_POST_ONLY',
    'PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY',
    'Limit price crosses the book',
  ),
  not_fillable: order('INVALID_NO_LIQUIDITY', 'PREVIEW_INVALID_NO_LIQUIDITY', 'There is no liquidity'),
  duplicate_client_id: order('INVALID_REQUEST', 'UNKNOWN_PREVIEW_FAILURE_REASON', 'client_order_id is in use'),
  too_many_orders: order('UNKNOWN_FAILURE_REASON', 'UNKNOWN_PREVIEW_FAILURE_REASON', 'Too many open orders'),
  trigger_invalid: order('UNKNOWN_FAILURE_REASON', 'PREVIEW_INVALID_STOP_PRICE', 'Stop price is invalid'),
}

export const notCreated = (why: OrderFailure, configuration: unknown) =>
  json({
    success: false,
    failure_reason: 'UNKNOWN_FAILURE_REASON',
    order_id: '',
    error_response: {
      error: why.error,
      message: why.message,
      error_details: '',
      preview_failure_reason: why.preview,
    },
    order_configuration: configuration,
  })
