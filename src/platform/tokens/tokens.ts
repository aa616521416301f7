import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import {
  AppError,
  type Clock,
  type IdSource,
  MICROS_PER_MS,
  MICROS_PER_SECOND,
  type Micros,
  PERMISSIONS,
  type Permission,
  type Principal,
  type TenantId,
} from '../../kernel/index.ts'
import type { SigningKey } from './signing-key.ts'

const ISSUER = 'bourse'
const AUDIENCE = 'bourse-api'
/** RFC 9068, section 2.1: tells access tokens from every other kind. */
const TYPE = 'at+jwt'
const LIFETIME_SECONDS = 300
const TOKEN_LENGTH_MAX = 4_096
/** Verifying costs 120 to 150 µs; a page makes dozens of calls with one token. */
const VERIFIED_MAX = 10_000
/** Headers with which a token would bring or name its own key. */
const FOREIGN_KEY_HEADERS = ['jku', 'jwk', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'crit', 'b64'] as const

const Claims = z.object({
  sub: z.string().min(1).max(200),
  name: z.string().max(200),
  kind: z.enum(['person', 'key', 'system']),
  tenant: z.uuid(),
  permissions: z.array(z.string()).max(200),
  exp: z.int(),
})

/** Who a verified token stands for, and until when. */
export interface Verified {
  readonly principal: Principal
  readonly expiresAt: Micros
}

/** Access tokens: Ed25519-signed JWT (RFC 8037, RFC 9068) that live five minutes. */
export interface Tokens {
  issue(principal: Principal): Promise<{ token: string; expiresAt: Micros }>
  /** @throws AppError `auth.token_expired`, or `auth.token_invalid` whatever else is wrong with it. */
  verify(token: string): Promise<Verified>
}

export function createTokens(options: { key: SigningKey; clock: Clock; ids: IdSource }): Tokens {
  const { key, clock, ids } = options
  const verified = new LRUCache<string, Verified>({ max: VERIFIED_MAX })
  return {
    async issue(principal) {
      const now = Math.floor(clock.now() / MICROS_PER_SECOND)
      const token = await new SignJWT(claimsOf(principal))
        .setProtectedHeader({ alg: 'EdDSA', typ: TYPE, kid: key.id })
        .setSubject(principal.id)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + LIFETIME_SECONDS)
        .setJti(ids.next())
        .sign(key.privateKey)
      return { token, expiresAt: (now + LIFETIME_SECONDS) * MICROS_PER_SECOND }
    },
    async verify(token) {
      const known = verified.get(token)
      if (known && clock.now() < known.expiresAt) return known
      if (known) throw new AppError('auth.token_expired')
      const fresh = await verifySigned(token, key, clock)
      verified.set(token, fresh)
      return fresh
    },
  }
}

const claimsOf = (principal: Principal): JWTPayload => ({
  name: principal.name,
  kind: principal.kind,
  tenant: principal.tenant,
  permissions: [...principal.permissions],
})

async function verifySigned(token: string, key: SigningKey, clock: Clock): Promise<Verified> {
  if (token.length > TOKEN_LENGTH_MAX) throw new AppError('auth.token_invalid')
  try {
    const header = decodeProtectedHeader(token)
    if (header.kid !== key.id || FOREIGN_KEY_HEADERS.some(name => name in header))
      throw new AppError('auth.token_invalid')
    const { payload } = await jwtVerify(token, key.publicKey, {
      algorithms: ['EdDSA'],
      typ: TYPE,
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'exp', 'iat', 'nbf', 'jti'],
      maxTokenAge: LIFETIME_SECONDS,
      currentDate: new Date(clock.now() / MICROS_PER_MS),
    })
    return verifiedOf(Claims.parse(payload))
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) throw new AppError('auth.token_expired', {}, { cause })
    throw cause instanceof AppError ? cause : new AppError('auth.token_invalid', {}, { cause })
  }
}

const isPermission = (name: string): name is Permission => (PERMISSIONS as readonly string[]).includes(name)

const verifiedOf = ({ sub, name, kind, tenant, permissions, exp }: z.infer<typeof Claims>): Verified => ({
  principal: {
    id: sub,
    name,
    kind,
    tenant: tenant as TenantId,
    permissions: new Set(permissions.filter(isPermission)),
  },
  expiresAt: exp * MICROS_PER_SECOND,
})
