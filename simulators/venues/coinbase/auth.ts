import { createECDH, createHash, createPrivateKey, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { MICROS_PER_SECOND } from '../../../src/kernel/index.ts'
import type { Account, SimulatedRequest, VenueContext } from '../core/index.ts'

/** Tokens signed by the client: https://docs.cdp.coinbase.com/coinbase-app/authentication-authorization/api-key-authentication */
const LIFE_MAX_S = 120
/** Clocks may differ by so much. */
const SKEW_MAX_S = 5
const ISSUERS = new Set(['cdp', 'coinbase-cloud'])

interface Claims {
  readonly sub?: string
  readonly iss?: string
  readonly nbf?: number
  readonly exp?: number
  readonly uri?: string
  readonly uris?: readonly string[]
}

export class CoinbaseAuth {
  readonly #context: VenueContext

  constructor(context: VenueContext) {
    this.#context = context
  }

  /** The account of a request's token, which names the very call; undefined when anything is wrong with it. */
  verify(request: SimulatedRequest): Account | undefined {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
    const [claims, account] = this.#read(token)
    if (claims === undefined || account === undefined) return undefined
    const named = claims.uris ?? (claims.uri === undefined ? [] : [claims.uri])
    return named.some(uri => callsOf(request).includes(uri)) ? account : undefined
  }

  /** Of a stream: no call is named there. */
  verifyToken(token: string | undefined): Account | undefined {
    return this.#read(token)[1]
  }

  #read(token: string | undefined): readonly [Claims?, Account?] {
    const [header, payload, signature] = (token ?? '').split('.')
    if (header === undefined || payload === undefined || signature === undefined) return []
    const head = parsed<{ alg?: string; kid?: string; nonce?: string }>(header)
    const claims = parsed<Claims>(payload)
    const account = this.#context.accountOf(head?.kid)
    if (claims === null || account === undefined || claims.sub !== account.apiKey) return []
    if (!ISSUERS.has(claims.iss ?? '') || !this.#isNow(claims)) return []
    return isSigned(account.secret, head!.alg, `${header}.${payload}`, signature) ? [claims, account] : []
  }

  #isNow({ nbf, exp }: Claims): boolean {
    const now = this.#context.now() / MICROS_PER_SECOND
    if (typeof nbf !== 'number' || typeof exp !== 'number') return false
    return nbf <= now + SKEW_MAX_S && exp > now - SKEW_MAX_S && exp - nbf <= LIFE_MAX_S
  }
}

/** The call as it is named against the real host, and as it is against the address that this simulator is at. */
function callsOf({ method, host, path, url }: SimulatedRequest): string[] {
  const address = url.split('?')[0]!
  return [`${method} ${host}${path}`, `${method} ${address}`, `${method} ${address.replace(/^https?:\/\//, '')}`]
}

function parsed<T>(part: string): T | null {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as T
  } catch {
    return null
  }
}

function isSigned(secret: string, alg: string | undefined, text: string, signature: string): boolean {
  const given = Buffer.from(signature, 'base64url')
  if (secret.includes('PRIVATE KEY'))
    return (
      alg === 'ES256' &&
      verify('sha256', Buffer.from(text), { key: publicKeyOf(secret), dsaEncoding: 'ieee-p1363' }, given)
    )
  return alg === 'EdDSA' && verify(null, Buffer.from(text), publicKeyOf(secret), given)
}

/** Coinbase knows only the public half: of an EC key, or the last 32 bytes of an Ed25519 secret. */
function publicKeyOf(secret: string): KeyObject {
  if (secret.includes('PRIVATE KEY')) return createPublicKey(createPrivateKey(secret))
  const x = Buffer.from(secret, 'base64').subarray(32, 64).toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}

/** A key pair that is the same for the same words. */
export function derivedKey(words: string): string {
  const d = createHash('sha256').update(words).digest()
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(d)
  const point = curve.getPublicKey()
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(part => part.toString('base64url'))
  return createPrivateKey({ key: { kty: 'EC', crv: 'P-256', d: d.toString('base64url'), x, y }, format: 'jwk' })
    .export({ type: 'sec1', format: 'pem' })
    .toString()
}
