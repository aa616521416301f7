import { describe, expect, test } from 'vitest'
import { scenarios } from '../../kernel/fake.ts'
import { AppError } from '../../kernel/index.ts'
import type { KeyPermissions } from '../port/index.ts'
import { type CredentialFacts, credentialDecider } from './credential.ts'
import { decodeKey, encodeKey, venueKey, withoutKey } from './key.ts'

const { given } = scenarios(credentialDecider)
const NOON = 1_763_726_400_000_000
const TRADES: KeyPermissions = { read: true, trade: true, withdraw: false }
const WITHDRAWS: KeyPermissions = { read: true, trade: true, withdraw: true }
const UNKNOWN: KeyPermissions = { read: null, trade: null, withdraw: null }
const factsWith = (permissions: KeyPermissions, isWithdrawAllowed = false): CredentialFacts => ({
  venue: 'kraken',
  label: 'main',
  isTestnet: false,
  endpoint: null,
  isWithdrawAllowed,
  permissions,
})
const added = (permissions = TRADES, isAllowed = false) =>
  ({ type: 'credential.added', at: NOON, facts: factsWith(permissions, isAllowed) }) as const
const removed = { type: 'credential.removed', at: NOON } as const

describe('a key to a venue', () => {
  test('is taken when it may not withdraw, and when the venue does not say', () => {
    for (const permissions of [TRADES, UNKNOWN])
      given()
        .when({ type: 'add', at: NOON, facts: factsWith(permissions) })
        .then(added(permissions))
  })

  test('that may withdraw is refused unless somebody has allowed it', () => {
    given()
      .when({ type: 'add', at: NOON, facts: factsWith(WITHDRAWS) })
      .thenRefused('venue.key_may_withdraw')
    given()
      .when({ type: 'add', at: NOON, facts: factsWith(WITHDRAWS, true) })
      .then(added(WITHDRAWS, true))
  })

  test('is replaced by one that may withdraw only where that was allowed, then or now', () => {
    const rotate = { type: 'rotate', at: NOON + 1, permissions: WITHDRAWS } as const
    const rotated = {
      type: 'credential.rotated',
      at: NOON + 1,
      permissions: WITHDRAWS,
      isWithdrawAllowed: true,
    } as const
    given(added())
      .when({ ...rotate, isWithdrawAllowed: false })
      .thenRefused('venue.key_may_withdraw')
    given(added())
      .when({ ...rotate, isWithdrawAllowed: true })
      .then(rotated)
    given(added(WITHDRAWS, true))
      .when({ ...rotate, isWithdrawAllowed: false })
      .then(rotated)
  })

  test('a test tells when it has come to be able to withdraw, and when the venue does not answer', () => {
    const test = { type: 'test', at: NOON + 1 } as const
    const tested = { type: 'credential.tested', at: NOON + 1 } as const
    given(added())
      .when({ ...test, result: TRADES })
      .then({ ...tested, outcome: 'passed', permissions: TRADES })
    given(added())
      .when({ ...test, result: WITHDRAWS })
      .then({ ...tested, outcome: 'may_withdraw', permissions: WITHDRAWS })
    given(added(WITHDRAWS, true))
      .when({ ...test, result: WITHDRAWS })
      .then({ ...tested, outcome: 'passed', permissions: WITHDRAWS })
    given(added())
      .when({ ...test, result: 'unavailable' })
      .then({ ...tested, outcome: 'unavailable', permissions: null })
  })

  test('that does not open any more is an event, and stays what it was', () => {
    const found = { type: 'find_unreadable', at: NOON, reason: 'it was changed' } as const
    const unreadable = { type: 'credential.unreadable', at: NOON, reason: 'it was changed' } as const
    given(added()).when(found).then(unreadable)
    given(added(), unreadable).when({ type: 'remove', at: NOON }).then(removed)
    given().when(found).thenRefused('credential.unknown')
  })

  test('is added once, and once removed it is gone', () => {
    given(added())
      .when({ type: 'add', at: NOON, facts: factsWith(TRADES) })
      .thenRefused('credential.exists')
    given(added()).when({ type: 'remove', at: NOON }).then(removed)
    for (const command of [
      { type: 'remove', at: NOON },
      { type: 'test', at: NOON, result: TRADES },
      { type: 'rotate', at: NOON, permissions: TRADES, isWithdrawAllowed: false },
    ] as const)
      given(added(), removed).when(command).thenRefused('credential.unknown')
  })
})

describe('the text of a key', () => {
  test('comes back from its envelope as it was', () => {
    const key = venueKey({ apiKey: ' an-api-key ', secret: '-----BEGIN\nkey\n', passphrase: '' })
    const again = decodeKey(encodeKey(key))
    expect([again.apiKey.reveal(), again.secret.reveal(), again.passphrase]).toEqual([
      'an-api-key',
      '-----BEGIN\nkey',
      null,
    ])
  })

  test('that does not fit is refused by field, and quoted nowhere', () => {
    const secret = 'a-very-secret-secret'
    for (const wrong of [
      { apiKey: secret },
      { apiKey: '', secret },
      { apiKey: 7, secret },
      { apiKey: 'k', secret, [secret]: 1 },
      secret,
    ]) {
      const refused = () => venueKey(wrong)
      expect(refused).toThrow(AppError)
      try {
        refused()
      } catch (error) {
        expect((error as AppError).code).toBe('request.invalid')
        expect(JSON.stringify([(error as AppError).message, (error as AppError).details])).not.toContain(secret)
      }
    }
  })

  test('is taken out of what others say, plain, escaped or line by line', () => {
    const key = venueKey({ apiKey: 'abcdef123', secret: 'first+line/==\nsecond-line', passphrase: 'pass"phrase' })
    const said = `key=abcdef123&secret=${encodeURIComponent('first+line/==')} ${JSON.stringify('pass"phrase')} second-line`
    expect(withoutKey(said, key)).toBe('key=[secret]&secret=[secret] "[secret]" [secret]')
  })
})
