import { createHmac, createPrivateKey, createPublicKey, timingSafeEqual, verify } from 'node:crypto'
import { MICROS_PER_MS } from '../../../src/kernel/index.ts'
import type { Account, SimulatedRequest, VenueContext } from '../core/index.ts'
import { type BinanceError, ERRORS, missing } from './errors.ts'

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security */
const RECV_WINDOW_DEFAULT_MS = 5_000
const RECV_WINDOW_MAX_MS = 60_000
const AHEAD_MAX_MS = 1_000
const API_KEY_FORMAT = /^[A-Za-z0-9]{64}$/

export type Verified = Account | BinanceError

export class BinanceAuth {
  readonly #context: VenueContext

  constructor(context: VenueContext) {
    this.#context = context
  }

  /** A request of REST: what is signed is the query and the body, as they were sent, without the signature. */
  verify({ headers, rawQuery, body }: SimulatedRequest, params: URLSearchParams): Verified {
    const payload = withoutSignature(rawQuery) + withoutSignature(body)
    return this.#verify(headers['x-mbx-apikey'], payload, params)
  }

  /** A request of the WebSocket API: its parameters in alphabetical order are signed. */
  verifyParams(params: URLSearchParams): Verified {
    const payload = [...params]
      .filter(([name]) => name !== 'signature')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`)
      .join('&')
    return this.#verify(params.get('apiKey') ?? undefined, payload, params)
  }

  #verify(apiKey: string | undefined, payload: string, params: URLSearchParams): Verified {
    if (apiKey === undefined || !API_KEY_FORMAT.test(apiKey)) return ERRORS.badKeyFormat
    const account = this.#context.accountOf(apiKey)
    if (account === undefined) return ERRORS.unknownKey
    const signature = params.get('signature')
    if (signature === null || signature === '') return missing('signature')
    return this.#timeFault(params) ?? (isSigned(account.secret, payload, signature) ? account : ERRORS.badSignature)
  }

  #timeFault(params: URLSearchParams): BinanceError | null {
    const timestamp = params.get('timestamp') ?? ''
    if (!/^\d{13}$/.test(timestamp)) return missing('timestamp')
    const window = params.get('recvWindow') ?? String(RECV_WINDOW_DEFAULT_MS)
    if (!/^\d{1,9}(\.\d{1,3})?$/.test(window)) return missing('recvWindow')
    if (Number(window) > RECV_WINDOW_MAX_MS) return ERRORS.recvWindowTooLong
    const now = Math.floor(this.#context.now() / MICROS_PER_MS)
    if (Number(timestamp) >= now + AHEAD_MAX_MS) return ERRORS.aheadOfServer
    return now - Number(timestamp) > Number(window) ? ERRORS.outsideRecvWindow : null
  }
}

const withoutSignature = (text: string): string =>
  text
    .split('&')
    .filter(part => !part.startsWith('signature='))
    .join('&')

/** With a shared secret, or with the key of the pair that Binance does not know: an Ed25519 signature needs its public half alone. */
function isSigned(secret: string, payload: string, signature: string): boolean {
  if (secret.includes('PRIVATE KEY'))
    return verify(
      null,
      Buffer.from(payload),
      createPublicKey(createPrivateKey(secret)),
      Buffer.from(signature, 'base64'),
    )
  const expected = createHmac('sha256', secret).update(payload).digest()
  const given = Buffer.from(signature, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
