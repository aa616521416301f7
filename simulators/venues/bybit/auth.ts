import { createHmac, timingSafeEqual } from 'node:crypto'
import { MICROS_PER_MS } from '../../../src/kernel/index.ts'
import type { Account, SimulatedRequest, VenueContext } from '../core/index.ts'
import { type BybitError, INVALID_KEY, INVALID_SIGN, parameters } from './errors.ts'

/** https://bybit-exchange.github.io/docs/v5/guide#authentication and …/v5/ws/connect#authentication */
const WINDOW_MS = '5000'
const AHEAD_MS_MAX = 1_000

export class BybitAuth {
  readonly #context: VenueContext

  constructor(context: VenueContext) {
    this.#context = context
  }

  /** The account, or Bybit's error: the time, the key, the window, and the query or the body as they were sent are signed. */
  verify({ method, headers, rawQuery, body }: SimulatedRequest): Account | BybitError {
    const key = headers['x-bapi-api-key'] ?? ''
    const timestamp = headers['x-bapi-timestamp'] ?? ''
    const window = headers['x-bapi-recv-window'] ?? ''
    const account = this.#context.accountOf(key)
    if (account === undefined) return INVALID_KEY
    if (!/^\d{13}$/.test(timestamp) || !/^\d{0,6}$/.test(window)) return parameters('timestamp or recv_window')
    const now = Math.floor(this.#context.now() / MICROS_PER_MS)
    const allowed = window === '' ? WINDOW_MS : window
    if (Number(timestamp) < now - Number(allowed) || Number(timestamp) >= now + AHEAD_MS_MAX)
      return {
        retCode: 10002,
        retMsg: `invalid request, please check your server timestamp or recv_window param. req_timestamp[${timestamp}],server_timestamp[${now}],recv_window[${allowed}]`,
      }
    const signed = timestamp + key + window + (method === 'GET' ? rawQuery : body)
    return isSigned(account, signed, headers['x-bapi-sign'] ?? '') ? account : INVALID_SIGN
  }

  /** The account of a private stream, or why not. */
  verifyStream([key, expires, sign]: readonly unknown[]): Account | BybitError {
    const account = this.#context.accountOf(String(key))
    if (account === undefined) return INVALID_KEY
    if (!(Number(expires) > this.#context.now() / MICROS_PER_MS)) return parameters('expires')
    return isSigned(account, `GET/realtime${String(expires)}`, String(sign)) ? account : INVALID_SIGN
  }
}

function isSigned(account: Account, text: string, sign: string): boolean {
  const expected = createHmac('sha256', account.secret).update(text).digest()
  const given = Buffer.from(sign, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
