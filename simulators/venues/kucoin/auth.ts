import { createHmac, timingSafeEqual } from 'node:crypto'
import { MICROS_PER_MS, MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import type { Account, SimulatedRequest, VenueContext } from '../core/index.ts'
import { type KucoinError, MISSING_HEADER, WRONG_KEY, WRONG_PASSPHRASE, WRONG_SIGN, WRONG_TIMESTAMP } from './errors.ts'

/** https://www.kucoin.com/docs-new/authentication */
const VALID_FOR: Micros = 5 * MICROS_PER_SECOND
const TOKENS_MAX = 1_000
const TOKEN_BYTES = 48

export class KucoinAuth {
  readonly #context: VenueContext
  /** Whose socket a token opens; null for nobody's, which sees what is public. */
  readonly #tokens = new Map<string, Account | null>()

  constructor(context: VenueContext) {
    this.#context = context
  }

  /** The account, or KuCoin's error: time, method, path with its query, and body are signed. */
  verify({ method, path, rawQuery, headers, body }: SimulatedRequest): Account | KucoinError {
    const [key, sign, timestamp, passphrase] = ['key', 'sign', 'timestamp', 'passphrase'].map(
      name => headers[`kc-api-${name}`] ?? '',
    ) as [string, string, string, string]
    if (key === '' || sign === '' || timestamp === '' || passphrase === '') return MISSING_HEADER
    if (!/^\d{13}$/.test(timestamp)) return WRONG_TIMESTAMP
    if (Math.abs(this.#context.now() - Number(timestamp) * MICROS_PER_MS) > VALID_FOR) return WRONG_TIMESTAMP
    const account = this.#context.accountOf(key)
    if (account === undefined) return WRONG_KEY
    const query = rawQuery === '' ? '' : `?${decoded(rawQuery)}`
    if (!isHmac(account, timestamp + method + path + query + body, sign)) return WRONG_SIGN
    return isHmac(account, account.passphrase, passphrase) ? account : WRONG_PASSPHRASE
  }

  issueToken(account: Account | null): string {
    const bytes = Array.from({ length: TOKEN_BYTES }, () => this.#context.random.below(256))
    const token = Buffer.from(bytes).toString('base64url')
    this.#tokens.set(token, account)
    if (this.#tokens.size > TOKENS_MAX) this.#tokens.delete(this.#tokens.keys().next().value!)
    return token
  }

  /** Undefined for a token that was never issued. */
  accountOfToken(token: string | null): Account | null | undefined {
    return this.#tokens.get(token ?? '')
  }
}

/** The address is signed as it reads before it is encoded. */
function decoded(query: string): string {
  try {
    return decodeURIComponent(query)
  } catch {
    return query
  }
}

function isHmac(account: Account, text: string, given: string): boolean {
  const expected = createHmac('sha256', account.secret).update(text).digest()
  const bytes = Buffer.from(given, 'base64')
  return bytes.length === expected.length && timingSafeEqual(bytes, expected)
}
