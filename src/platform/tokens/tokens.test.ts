import { createHmac, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type JWTHeaderParameters, SignJWT } from 'jose'
import { beforeEach, expect, test } from 'vitest'
import { ManualClock, MICROS_PER_SECOND, type Principal, type TenantId } from '../../kernel/index.ts'
import { systemIds } from '../system.ts'
import { ephemeralSigningKey, signingKeyIn } from './signing-key.ts'
import { createTokens, type Tokens } from './tokens.ts'

const NOW = 1_763_700_000
const principal: Principal = {
  id: 'person-1',
  name: 'Ada',
  kind: 'person',
  tenant: '11111111-2222-4333-8444-555555555555' as TenantId,
  permissions: new Set(['orders:read']),
}
const key = ephemeralSigningKey()
let clock: ManualClock
let tokens: Tokens
beforeEach(() => {
  clock = new ManualClock(NOW * MICROS_PER_SECOND)
  tokens = createTokens({ key, clock, ids: systemIds() })
})

const claims = { name: 'Ada', kind: 'person', tenant: principal.tenant, permissions: ['orders:read'] }
/** A token that would be right but for what the test changes. */
const forge = (
  change: {
    header?: Partial<JWTHeaderParameters>
    claims?: Record<string, unknown>
    key?: Parameters<SignJWT['sign']>[0]
  } = {},
) =>
  new SignJWT({
    sub: 'person-1',
    iss: 'bourse',
    aud: 'bourse-api',
    iat: NOW,
    nbf: NOW,
    exp: NOW + 300,
    jti: 'x',
    ...claims,
    ...change.claims,
  })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: key.id, ...change.header })
    .sign(change.key ?? key.privateKey)
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const invalid = { code: 'auth.token_invalid' }

test('a token stands for its principal until it expires, cached or not', async () => {
  const { token, expiresAt } = await tokens.issue(principal)
  expect(expiresAt).toBe((NOW + 300) * MICROS_PER_SECOND)
  expect(await tokens.verify(token)).toEqual({ principal, expiresAt })
  clock.set(expiresAt - 1)
  expect(await tokens.verify(token)).toEqual({ principal, expiresAt })
  clock.set(expiresAt)
  await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'auth.token_expired' })
})

test('SC-36 a token that is not signed with our key by our algorithm is refused', async () => {
  const [header = '', body = '', signature = ''] = (await forge()).split('.')
  const none = base64({ alg: 'none', typ: 'at+jwt', kid: key.id })
  const hs = base64({ alg: 'HS256', typ: 'at+jwt', kid: key.id })
  const spki = key.publicKey.export({ type: 'spki', format: 'pem' })
  const mac = createHmac('sha256', spki).update(`${hs}.${body}`).digest('base64url')
  const other = generateKeyPairSync('ed25519').privateKey
  const attempts = [
    `${none}.${body}.`,
    `${none}.${body}.${signature}`,
    `${hs}.${body}.${mac}`,
    `${header}.${body}.`,
    `${header}.${body}`,
    await forge({ key: other }),
    await forge({ header: { kid: 'foreign' } }),
    await forge({ header: { kid: '../../etc/passwd' } }),
    await forge({ header: { kid: undefined } }),
    '',
    'a.b.c',
    'x'.repeat(10_000),
  ]
  for (const attempt of attempts)
    await expect(tokens.verify(attempt), attempt.slice(0, 60)).rejects.toMatchObject(invalid)
})

test.each(['jku', 'x5u', 'jwk', 'x5c'])(
  'SC-36 a token that brings its own key in %s is refused though its signature fits',
  async name => {
    await expect(tokens.verify(await forge({ header: { [name]: 'https://elsewhere.example' } }))).rejects.toMatchObject(
      invalid,
    )
  },
)

test('SC-37 a token of the future, of the past or without its times is refused', async () => {
  await expect(tokens.verify(await forge({ claims: { nbf: NOW + 60 } }))).rejects.toMatchObject(invalid)
  await expect(tokens.verify(await forge({ claims: { iat: NOW + 60 } }))).rejects.toMatchObject(invalid)
  await expect(tokens.verify(await forge({ claims: { exp: NOW - 1 } }))).rejects.toMatchObject({
    code: 'auth.token_expired',
  })
  for (const claim of ['exp', 'nbf', 'iat', 'jti', 'sub'])
    await expect(tokens.verify(await forge({ claims: { [claim]: undefined } })), claim).rejects.toMatchObject(invalid)
})

test('SC-37 a token that claims to live longer than we issue them is refused once it is older', async () => {
  const token = await forge({ claims: { exp: NOW + 86_400 } })
  clock.advance(301 * MICROS_PER_SECOND)
  await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'auth.token_expired' })
})

test.each(['JWT', 'refresh+jwt', 'mfa+jwt', undefined])('SC-38 a token of type %s is no access token', async typ => {
  await expect(tokens.verify(await forge({ header: { typ } }))).rejects.toMatchObject(invalid)
})

test('SC-39 another issuer or audience is refused', async () => {
  await expect(tokens.verify(await forge({ claims: { iss: 'elsewhere' } }))).rejects.toMatchObject(invalid)
  await expect(tokens.verify(await forge({ claims: { aud: 'other' } }))).rejects.toMatchObject(invalid)
})

test('SC-40 an edited tenant or permission breaks the signature', async () => {
  const [header, body = '', signature] = (await forge()).split('.')
  const edited = {
    ...JSON.parse(Buffer.from(body, 'base64url').toString()),
    tenant: '99999999-2222-4333-8444-555555555555',
  }
  await expect(tokens.verify(`${header}.${base64(edited)}.${signature}`)).rejects.toMatchObject(invalid)
})

test('permissions that the product does not know are not given', async () => {
  const { principal: read } = await tokens.verify(
    await forge({ claims: { permissions: ['orders:read', 'everything'] } }),
  )
  expect([...read.permissions]).toEqual(['orders:read'])
})

test('the key is kept, for its owner only', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bourse-key-'))
  expect(signingKeyIn(folder).id).toBe(signingKeyIn(folder).id)
  expect(statSync(join(folder, 'keys/access-token.pem')).mode & 0o777).toBe(0o600)
})
