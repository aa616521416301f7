import { json, type Refusal, type SimulatedAnswer } from '../core/index.ts'

/** A code and its message: https://developers.binance.com/docs/binance-spot-api-docs/errors */
export interface BinanceError {
  readonly status: number
  readonly code: number
  readonly msg: string
  /** What came of the parts of a request that has several. */
  readonly data?: unknown
  readonly retryAfterS?: number
}

/** What a call comes to. */
export type Result = { readonly result: unknown } | BinanceError

const error = (code: number, msg: string, status = 400): BinanceError => ({ status, code, msg })

export const answerOf = ({ status, code, msg, data, retryAfterS }: BinanceError): SimulatedAnswer =>
  json({ code, msg, data }, status, retryAfterS === undefined ? undefined : { 'retry-after': String(retryAfterS) })

export const isBinanceError = (value: unknown): value is BinanceError =>
  typeof value === 'object' && value !== null && 'code' in value && 'msg' in value && 'status' in value

export const missing = (name: string): BinanceError =>
  error(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`)
export const illegal = (name: string, range: string): BinanceError =>
  error(-1100, `Illegal characters found in parameter '${name}'; legal range is '${range}'.`)
export const tooPrecise = (name: string): BinanceError => error(-1111, `Parameter '${name}' has too much precision.`)
export const filtered = (filter: string): BinanceError => error(-1013, `Filter failure: ${filter}`)

export const ERRORS = {
  unauthorized: error(-1002, 'You are not authorized to execute this request.', 401),
  unexpectedOrderTypeParameter: error(-1106, "Parameter 'timeInForce' sent when not required."),
  invalidTimeInForce: error(-1115, 'Invalid timeInForce.'),
  invalidType: error(-1116, 'Invalid orderType.'),
  invalidSide: error(-1117, 'Invalid side.'),
  invalidInterval: error(-1120, 'Invalid interval.'),
  invalidSymbol: error(-1121, 'Invalid symbol.'),
  unsupported: error(-1014, 'Unsupported order combination.'),
  recvWindowTooLong: error(-1131, 'recvWindow must be less than 60000'),
  outsideRecvWindow: error(-1021, 'Timestamp for this request is outside of the recvWindow.'),
  aheadOfServer: error(-1021, "Timestamp for this request was 1000ms ahead of the server's time."),
  badSignature: error(-1022, 'Signature for this request is not valid.'),
  unknownKey: error(-2008, 'Invalid Api-Key ID.', 401),
  badKeyFormat: error(-2014, 'API-key format invalid.', 401),
  noPermission: error(-2015, 'Invalid API-key, IP, or permissions for action.', 401),
  unknownCancel: error(-2011, 'Unknown order sent.'),
  unknownOrder: error(-2013, 'Order does not exist.'),
  amendRejected: error(-2038, 'The requested order amendment is not valid.'),
  noSuchRequest: error(-1010, 'Unknown method.', 404),
} as const

const rejected = (msg: string): BinanceError => error(-2010, msg)

export const REFUSALS: Readonly<Record<Refusal, BinanceError>> = {
  insufficient_funds: rejected('Account has insufficient balance for requested action.'),
  quantity_too_small: filtered('LOT_SIZE'),
  quantity_too_large: filtered('LOT_SIZE'),
  notional_too_small: filtered('NOTIONAL'),
  price_invalid: filtered('PRICE_FILTER'),
  would_cross: rejected('Order would immediately match and take.'),
  not_fillable: rejected('Order book liquidity is less than LOT_SIZE filter minimum quantity.'),
  duplicate_client_id: rejected('Duplicate order sent.'),
  too_many_orders: filtered('MAX_NUM_ORDERS'),
  trigger_invalid: rejected('Stop price would trigger immediately.'),
}
