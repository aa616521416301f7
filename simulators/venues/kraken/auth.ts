import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Account, SimulatedRequest, VenueContext } from '../core/index.ts'

const TOKEN_BYTES = 32
const TOKENS_MAX = 1_000

/** Signatures and nonces of private REST, and the tokens of private streams: https://docs.kraken.com/api/docs/guides/spot-rest-auth */
export class KrakenAuth {
  readonly #context: VenueContext
  readonly #nonces = new Map<string, bigint>()
  readonly #tokens = new Map<string, Account>()

  constructor(context: VenueContext) {
    this.#context = context
  }

  /** The account, or Kraken's error. */
  verify({ headers, body, path }: SimulatedRequest): Account | string {
    const account = this.#context.accountOf(headers['api-key'])
    if (account === undefined) return 'EAPI:Invalid key'
    const nonce = new URLSearchParams(body).get('nonce') ?? ''
    if (!/^\d{1,19}$/.test(nonce)) return 'EAPI:Invalid nonce'
    const digest = createHash('sha256')
      .update(nonce + body)
      .digest()
    const expected = createHmac('sha512', Buffer.from(account.secret, 'base64'))
      .update(Buffer.concat([Buffer.from(path), digest]))
      .digest()
    const given = Buffer.from(headers['api-sign'] ?? '', 'base64')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'EAPI:Invalid signature'
    const last = this.#nonces.get(account.apiKey) ?? 0n
    if (BigInt(nonce) <= last) return 'EAPI:Invalid nonce'
    this.#nonces.set(account.apiKey, BigInt(nonce))
    return account
  }

  issueToken(account: Account): string {
    const token = Buffer.from(
      Array.from({ length: TOKEN_BYTES }, () => Math.floor(this.#context.random.next() * 256)),
    ).toString('base64')
    this.#tokens.set(token, account)
    if (this.#tokens.size > TOKENS_MAX)
      for (const oldest of this.#tokens.keys()) {
        this.#tokens.delete(oldest)
        break
      }
    return token
  }

  accountOfToken(token: string): Account | undefined {
    return this.#tokens.get(token)
  }
}
