import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Account, SimulatedRequest, VenueContext } from '../core/index.ts'
import { type BitfinexError, INVALID_DIGEST, INVALID_KEY, NONCE_SMALL } from './errors.ts'

/** https://docs.bitfinex.com/docs/rest-auth and …/docs/ws-auth: SHA-384, and nonces that only grow. */
export class BitfinexAuth {
  readonly #context: VenueContext
  readonly #nonces = new Map<string, bigint>()

  constructor(context: VenueContext) {
    this.#context = context
  }

  /** The account, or Bitfinex's error: the path, the nonce and the body are signed. */
  verify({ headers, path, body }: SimulatedRequest): Account | BitfinexError {
    const nonce = headers['bfx-nonce'] ?? ''
    return this.#check('rest', headers['bfx-apikey'], nonce, `/api${path}${nonce}${body}`, headers['bfx-signature'])
  }

  /** The account of a socket. Its nonces are counted apart from those of requests, which other sockets may overtake. */
  verifySocket(login: Readonly<Record<string, unknown>>): Account | BitfinexError {
    const nonce = String(login.authNonce)
    const payload = String(login.authPayload)
    if (payload !== `AUTH${nonce}`) return INVALID_DIGEST
    return this.#check('socket', String(login.apiKey), nonce, payload, String(login.authSig))
  }

  #check(
    way: 'rest' | 'socket',
    key: string | undefined,
    nonce: string,
    signed: string,
    signature = '',
  ): Account | BitfinexError {
    const account = this.#context.accountOf(key)
    if (account === undefined) return INVALID_KEY
    const expected = createHmac('sha384', account.secret).update(signed).digest()
    const given = Buffer.from(signature, 'hex')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return INVALID_DIGEST
    const counter = `${way} ${account.apiKey}`
    if (!/^\d{1,16}$/.test(nonce) || BigInt(nonce) <= (this.#nonces.get(counter) ?? 0n)) return NONCE_SMALL
    this.#nonces.set(counter, BigInt(nonce))
    return account
  }
}
