import { createECDH, createHash, createPrivateKey, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { MICROS_PER_SECOND } from '../../../src/kernel/index.ts'
import type { Account, SimulatedRequest, VenueContext } from '../core/index.ts'

/** https://docs.cdp.coinbase.com/get-started/authentication/jwt-authentication : a token lives for two minutes at most. */
const TOKEN_SECONDS_MAX = 120
const TOKEN_LENGTH_MAX = 4_096

/** A private key for a simulated account, made from a name: the same in every process, and worth nothing. */
export function simulatedPem(name: string): string {
  const scalar = createHash('sha256').update(name).digest()
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(scalar)
  const point = ecdh.getPublicKey()
  const part = (bytes: Buffer) => bytes.toString('base64url')
  const key = { kty: 'EC', crv: 'P-256', d: part(scalar), x: part(point.subarray(1, 33)), y: part(point.subarray(33)) }
  return String(createPrivateKey({ key, format: 'jwk' }).export({ type: 'sec1', format: 'pem' }))
}

interface Claims {
  readonly sub?: string
  readonly iss?: string
  readonly nbf?: number
  readonly exp?: number
  readonly uri?: string
}

/** Tokens (ES256) of private REST calls and of the stream's channel `user`. */
export class CoinbaseAuth {
  readonly #context: VenueContext
  readonly #keys = new Map<string, KeyObject>()

  constructor(context: VenueContext) {
    this.#context = context
  }

  /** The account of a signed request; undefined is answered by 401. */
  account({ headers, method, host, path, url }: SimulatedRequest): Account | undefined {
    const [scheme, token = ''] = (headers.authorization ?? '').split(' ')
    if (scheme !== 'Bearer') return undefined
    const address = url.replace('https://', '').replace(/\?.*$/s, '')
    return this.#verify(token, [`${method} ${host}${path}`, `${method} ${address}`])
  }

  /** Of a subscription: the token names no address there. */
  accountOfStream(token: string): Account | undefined {
    return this.#verify(token, [undefined])
  }

  /** Whom a token names, proven or not: whose limit a request counts against. */
  nameOf(authorization = ''): string {
    return read<Claims>(authorization.split('.')[1] ?? '')?.sub ?? ''
  }

  #verify(token: string, uris: readonly (string | undefined)[]): Account | undefined {
    const [head = '', body = '', signature = ''] = token.slice(0, TOKEN_LENGTH_MAX).split('.')
    const header = read<{ alg?: string; kid?: string; nonce?: string }>(head)
    const claims = read<Claims>(body)
    if (header?.alg !== 'ES256' || header.nonce === undefined || claims === null) return undefined
    const account = this.#context.accountOf(claims.sub)
    if (account === undefined || header.kid !== claims.sub) return undefined
    const signed = Buffer.from(`${head}.${body}`)
    const key = { key: this.#keyOf(account), dsaEncoding: 'ieee-p1363' } as const
    if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url'))) return undefined
    const { nbf = 0, exp = 0, iss, uri } = claims
    const now = this.#context.now() / MICROS_PER_SECOND
    const isTimely = nbf <= now && now < exp && exp - nbf <= TOKEN_SECONDS_MAX
    return isTimely && (iss === 'coinbase-cloud' || iss === 'cdp') && uris.includes(uri) ? account : undefined
  }

  #keyOf(account: Account): KeyObject {
    let key = this.#keys.get(account.apiKey)
    if (key === undefined) {
      key = createPublicKey(account.secret)
      this.#keys.set(account.apiKey, key)
    }
    return key
  }
}

function read<T>(part: string): T | null {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as T
  } catch {
    return null
  }
}
