import { createHmac, timingSafeEqual } from 'node:crypto'
import { MICROS_PER_MS } from '../../../src/kernel/index.ts'
import type { Account, SimulatedRequest, VenueContext } from '../core/index.ts'
import { type BinanceError, INVALID_KEY, mandatory } from './errors.ts'

/** "SIGNED endpoint security": https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security */
const WINDOW_MS = 5_000
const WINDOW_MS_MAX = 60_000
const AHEAD_MS_MAX = 1_000

const KEY = /^[A-Za-z0-9-]{16,64}$/

export class BinanceAuth {
  readonly #context: VenueContext

  constructor(context: VenueContext) {
    this.#context = context
  }

  /** The account of a signed request, or Binance's error. All that was sent is signed: the query, then the body. */
  verify({ headers, rawQuery, body }: SimulatedRequest): Account | BinanceError {
    const key = headers['x-mbx-apikey'] ?? ''
    const sent = rawQuery + body
    const params = new URLSearchParams([rawQuery, body].filter(part => part !== '').join('&'))
    const signed = sent.replace(/&?signature=[^&]*/, '')
    return this.#check(key, params, signed)
  }

  /** The same for a request over WebSocket, where the parameters are signed in the order of the alphabet. */
  verifyFrame(given: Readonly<Record<string, unknown>>): Account | BinanceError {
    const params = new URLSearchParams()
    for (const [name, value] of Object.entries(given)) params.set(name, String(value))
    const signed = [...params]
      .filter(([name]) => name !== 'signature')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`)
      .join('&')
    return this.#check(params.get('apiKey') ?? '', params, signed)
  }

  #check(key: string, params: URLSearchParams, signed: string): Account | BinanceError {
    if (!KEY.test(key)) return { code: -2014, msg: 'API-key format invalid.', status: 401 }
    const account = this.#context.accountOf(key)
    if (account === undefined) return INVALID_KEY
    const timestamp = params.get('timestamp') ?? ''
    if (!/^\d{13}(\d{3})?$/.test(timestamp)) return mandatory('timestamp')
    const window = Number(params.get('recvWindow') ?? WINDOW_MS)
    if (!(window >= 0 && window <= WINDOW_MS_MAX))
      return { code: -1131, msg: `recvWindow must be less than ${WINDOW_MS_MAX}.` }
    const now = this.#context.now() / MICROS_PER_MS
    const at = Number(timestamp.slice(0, 13))
    if (at >= now + AHEAD_MS_MAX)
      return { code: -1021, msg: `Timestamp for this request was ${AHEAD_MS_MAX}ms ahead of the server's time.` }
    if (now - at > window) return { code: -1021, msg: 'Timestamp for this request is outside of the recvWindow.' }
    const expected = createHmac('sha256', account.secret).update(signed).digest()
    const given = Buffer.from(params.get('signature') ?? '', 'hex')
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      return { code: -1022, msg: 'Signature for this request is not valid.' }
    return account
  }
}
