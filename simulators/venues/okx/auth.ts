import { createHmac, timingSafeEqual } from 'node:crypto'
import { MICROS_PER_MS, MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import type { Account, SimulatedRequest, VenueContext } from '../core/index.ts'
import {
  EXPIRED,
  missingHeader,
  type OkxError,
  WRONG_KEY,
  WRONG_PASSPHRASE,
  WRONG_SIGN,
  WRONG_TIMESTAMP,
} from './errors.ts'

/** https://www.okx.com/docs-v5/en/#overview-rest-authentication and …/#overview-websocket-login */
const VALID_FOR: Micros = 30 * MICROS_PER_SECOND

export class OkxAuth {
  readonly #context: VenueContext

  constructor(context: VenueContext) {
    this.#context = context
  }

  /** The account, or OKX's error: the time, the method, the path with its query, and the body are signed. */
  verify({ method, path, rawQuery, headers, body }: SimulatedRequest): Account | OkxError {
    const [key, sign, timestamp, passphrase] = ['key', 'sign', 'timestamp', 'passphrase'].map(
      name => headers[`ok-access-${name}`] ?? '',
    ) as [string, string, string, string]
    if (key === '') return missingHeader('50103', 'OK-ACCESS-KEY')
    if (passphrase === '') return missingHeader('50104', 'OK-ACCESS-PASSPHRASE')
    if (sign === '') return missingHeader('50106', 'OK-ACCESS-SIGN')
    if (timestamp === '') return missingHeader('50107', 'OK-ACCESS-TIMESTAMP')
    const at = Date.parse(timestamp) * MICROS_PER_MS
    if (Number.isNaN(at)) return WRONG_TIMESTAMP
    if (Math.abs(this.#context.now() - at) > VALID_FOR) return EXPIRED
    const account = this.#context.accountOf(key)
    if (account === undefined) return WRONG_KEY
    const query = rawQuery === '' ? '' : `?${rawQuery}`
    if (!isSigned(account, timestamp + method + path + query + body, sign)) return WRONG_SIGN
    return passphrase === account.passphrase ? account : WRONG_PASSPHRASE
  }

  /** The account of a stream's login, or why not. */
  verifyLogin(login: Readonly<Record<string, unknown>>): Account | OkxError {
    const account = this.#context.accountOf(String(login.apiKey))
    if (account === undefined) return { code: '60005', msg: 'Invalid apiKey' }
    const timestamp = String(login.timestamp)
    if (!/^\d{10}(\.\d+)?$/.test(timestamp)) return { code: '60004', msg: 'Invalid timestamp' }
    if (Math.abs(this.#context.now() - Number(timestamp) * MICROS_PER_SECOND) > VALID_FOR)
      return { code: '60006', msg: 'Timestamp request expired' }
    if (!isSigned(account, `${timestamp}GET/users/self/verify`, String(login.sign)))
      return { code: '60007', msg: 'Invalid sign' }
    return login.passphrase === account.passphrase ? account : { code: '60024', msg: 'Wrong passphrase' }
  }
}

function isSigned(account: Account, text: string, sign: string): boolean {
  const expected = createHmac('sha256', account.secret).update(text).digest()
  const given = Buffer.from(sign, 'base64')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
