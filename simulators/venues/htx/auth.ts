import { createHmac, timingSafeEqual } from 'node:crypto'
import { MICROS_PER_MINUTE, MICROS_PER_MS, type Micros } from '../../../src/kernel/index.ts'
import type { Account, SimulatedRequest, VenueContext } from '../core/index.ts'
import { error, type HtxError } from './errors.ts'

/** The host that signatures cover, whatever address a request came to. */
const HOST = 'api.huobi.pro'
const PRIVATE_PATH = '/ws/v2'
const WINDOW: Micros = 5 * MICROS_PER_MINUTE
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/

const notValid = (why: string): HtxError => error('api-signature-not-valid', `Signature not valid: ${why}`)

/** https://huobiapi.github.io/docs/spot/v1/en/#authentication and …/#websocket-asset-and-order, "Authentication" */
export class HtxAuth {
  readonly #context: VenueContext

  constructor(context: VenueContext) {
    this.#context = context
  }

  /** The account, or HTX's error. What is signed is the query as it was sent, its fields in the order of ASCII. */
  verify({ method, path, query, rawQuery }: SimulatedRequest): Account | HtxError {
    if (query.get('SignatureMethod') !== 'HmacSHA256' || query.get('SignatureVersion') !== '2')
      return notValid('Incorrect signature method or version')
    const fields = rawQuery
      .split('&')
      .filter(field => !field.startsWith('Signature='))
      .sort((a, b) => (a < b ? -1 : 1))
    const text = [method, HOST, path, fields.join('&')].join('\n')
    return this.#check(query.get('AccessKeyId'), query.get('Timestamp'), query.get('Signature'), [text])
  }

  /** The login of a private stream; where every address is another, a client signs the address it knows. */
  verifyLogin(login: Readonly<Record<string, unknown>>): Account | HtxError {
    const { accessKey, signatureMethod, signatureVersion, timestamp, signature } = login
    if (signatureMethod !== 'HmacSHA256' || signatureVersion !== '2.1')
      return notValid('Incorrect signature method or version')
    const fields = new URLSearchParams({
      accessKey: String(accessKey),
      signatureMethod,
      signatureVersion,
      timestamp: String(timestamp),
    })
    const paths = [PRIVATE_PATH, `${this.#context.addresses.ws}/@${HOST}${PRIVATE_PATH}`]
    const texts = paths.map(path => ['GET', HOST, path, fields.toString()].join('\n'))
    return this.#check(String(accessKey), String(timestamp), String(signature), texts)
  }

  #check(
    key: string | null,
    stamp: string | null,
    signature: string | null,
    texts: readonly string[],
  ): Account | HtxError {
    const account = this.#context.accountOf(key ?? undefined)
    if (account === undefined) return notValid('Incorrect Access key [Access key错误]')
    if (stamp === null || !STAMP.test(stamp)) return notValid('Incorrect timestamp')
    const away = Math.abs(Date.parse(`${stamp}Z`) * MICROS_PER_MS - this.#context.now())
    if (away > WINDOW) return notValid('Timestamp is out of the allowed range')
    const given = Buffer.from(signature ?? '', 'base64')
    const isSigned = texts.some(text => {
      const expected = createHmac('sha256', account.secret).update(text).digest()
      return given.length === expected.length && timingSafeEqual(given, expected)
    })
    return isSigned ? account : notValid('Verification failure [校验失败]')
  }
}
