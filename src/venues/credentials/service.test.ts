import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { AppError, ManualClock, type TenantId } from '../../kernel/index.ts'
import { createEnvelopes, createLog, localKeys, readEvents, systemIds } from '../../platform/index.ts'
import { type FreshDatabase, freshDatabase, freshTenant } from '../../platform/testing.ts'
import type { KeyPermissions } from '../port/index.ts'
import { signingKey, type VenueKey, venueKey } from './key.ts'
import { createCredentials, credentialName, type NewCredential } from './service.ts'

const folder = mkdtempSync(join(tmpdir(), 'bourse-credentials-'))
afterAll(() => rmSync(folder, { recursive: true }))

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})

const TRADES: KeyPermissions = { read: true, trade: true, withdraw: false }
const clock = new ManualClock(1_763_726_400_000_000)
/** What the venue answers next. */
let answer: (key: VenueKey) => Promise<KeyPermissions>
let tenant: TenantId
beforeEach(() => {
  answer = async () => TRADES
  tenant = freshTenant()
})

const credentials = (keysIn = folder) =>
  createCredentials({
    db: fresh.db,
    envelopes: createEnvelopes(localKeys(keysIn)),
    readPermissions: (_place, key) => answer(key),
    ids: systemIds(),
    clock,
  })

const MAIN = { venue: 'kraken', label: 'main' } as const
const keyNamed = (name: string) =>
  venueKey({ apiKey: `api-${name}`, secret: `secret-${name}`, passphrase: `pass-${name}` })
const newCredential = (name = 'one', more: Partial<NewCredential> = {}): NewCredential => ({
  ...MAIN,
  key: keyNamed(name),
  isTestnet: false,
  endpoint: null,
  isWithdrawAllowed: false,
  ...more,
})

describe('keys to venues', () => {
  test('one that is added can be opened, by its tenant alone', async () => {
    await credentials().add(tenant, newCredential('one', { endpoint: { rest: 'http://a', ws: 'ws://a' } }))
    const opened = await credentials().open(tenant, MAIN)
    expect(opened).toMatchObject({ venue: 'kraken', isTestnet: false, endpoint: { rest: 'http://a', ws: 'ws://a' } })
    expect(signingKey(opened.key)).toEqual({ apiKey: 'api-one', secret: 'secret-one', passphrase: 'pass-one' })
    const other = freshTenant()
    expect(await credentials().list(other)).toEqual([])
    await expect(credentials().open(other, MAIN)).rejects.toMatchObject({ code: 'credential.unknown' })
  })

  test('the list tells what the venue said of it, and when it was tested', async () => {
    answer = async () => ({ read: true, trade: null, withdraw: null })
    await credentials().add(tenant, newCredential())
    answer = async () => TRADES
    clock.advance(5_000_000)
    const { reason } = await credentials().test(tenant, MAIN)
    expect(reason).toBeNull()
    expect(await credentials().list(tenant)).toEqual([
      {
        ...MAIN,
        isTestnet: false,
        endpoint: null,
        isWithdrawAllowed: false,
        permissions: TRADES,
        addedAt: clock.now() - 5_000_000,
        rotatedAt: null,
        test: { at: clock.now(), outcome: 'passed' },
      },
    ])
  })

  test('a key that may withdraw is not kept unless that is allowed', async () => {
    answer = async () => ({ ...TRADES, withdraw: true })
    await expect(credentials().add(tenant, newCredential())).rejects.toMatchObject({ code: 'venue.key_may_withdraw' })
    expect(await credentials().list(tenant)).toEqual([])
    await credentials().add(tenant, newCredential('one', { isWithdrawAllowed: true }))
    expect(await credentials().list(tenant)).toHaveLength(1)
  })

  test('a key whose rights cannot be asked for is not kept', async () => {
    answer = async () => {
      throw new AppError('venue.unavailable', { reason: 'connect ECONNREFUSED' })
    }
    await expect(credentials().add(tenant, newCredential())).rejects.toMatchObject({ code: 'venue.unavailable' })
    expect(await credentials().list(tenant)).toEqual([])
  })

  test('rotating leaves nothing of the old key, removing nothing at all but the events', async () => {
    await credentials().add(tenant, newCredential('one'))
    await credentials().rotate(tenant, MAIN, keyNamed('two'))
    expect(signingKey((await credentials().open(tenant, MAIN)).key).secret).toBe('secret-two')
    await credentials().remove(tenant, MAIN)
    await expect(credentials().open(tenant, MAIN)).rejects.toMatchObject({ code: 'credential.unknown' })
    expect(await fresh.asOwner('SELECT id FROM venue_credential WHERE tenant_id = $1', [tenant])).toEqual([])
    const events = await fresh.db.tenant(tenant, tx => readEvents(tx, { order: 'oldest first' }))
    expect(events.map(event => event.type)).toEqual(['credential.added', 'credential.rotated', 'credential.removed'])
    await credentials().add(tenant, newCredential('three'))
    expect(signingKey((await credentials().open(tenant, MAIN)).key).apiKey).toBe('api-three')
  })

  test('a name is taken once, and labels tell several keys apart', async () => {
    await credentials().add(tenant, newCredential())
    await expect(credentials().add(tenant, newCredential())).rejects.toMatchObject({ code: 'credential.exists' })
    await credentials().add(tenant, newCredential('two', { label: 'second' }))
    expect((await credentials().list(tenant)).map(one => one.label)).toEqual(['main', 'second'])
    expect(() => credentialName({ venue: 'mtgox', label: 'a b' })).toThrow(
      /venue: is one of binance.*label: has 1 to 60/,
    )
  })

  test('SC-80 an envelope that was moved to another row or tenant cannot be read', async () => {
    const other = freshTenant()
    await credentials().add(tenant, newCredential('one'))
    await credentials().add(tenant, newCredential('two', { label: 'second' }))
    await credentials().add(other, newCredential('other'))
    for (const [from, to] of [
      [`tenant_id = '${tenant}' AND label = 'second'`, `tenant_id = '${tenant}' AND label = 'main'`],
      [`tenant_id = '${other}'`, `tenant_id = '${tenant}' AND label = 'main'`],
    ]) {
      await fresh.asOwner(
        `UPDATE venue_credential SET envelope = (SELECT envelope FROM venue_credential WHERE ${from}) WHERE ${to}`,
      )
      await expect(credentials().open(tenant, MAIN)).rejects.toMatchObject({ code: 'secret.unreadable' })
    }
  })

  test.each([
    ['its format', 'set_byte(envelope, 0, 9)', 'it has format 9'],
    ['the length of the key id', 'set_byte(envelope, 1, 255)', ''],
    ['the key id', "set_byte(envelope, 2, ascii('z'))", 'there is no key z'],
    ['the key id, to what cannot be printed,', 'set_byte(envelope, 2, 0)', 'it names no key'],
    [
      'the last byte',
      'set_byte(envelope, length(envelope) - 1, get_byte(envelope, length(envelope) - 1) # 1)',
      'changed',
    ],
    ['its end', 'substring(envelope FROM 1 FOR 10)', ''],
  ])(
    'SC-80 an envelope of which %s was changed is refused, and the auditor can read of it',
    async (_what, change, why) => {
      await credentials().add(tenant, newCredential())
      await fresh.asOwner(`UPDATE venue_credential SET envelope = ${change} WHERE tenant_id = $1`, [tenant])
      await expect(credentials().open(tenant, MAIN)).rejects.toMatchObject({ code: 'secret.unreadable' })
      await expect(credentials().test(tenant, MAIN)).rejects.toMatchObject({ code: 'secret.unreadable' })
      const events = await fresh.db.tenant(tenant, tx => readEvents(tx, { order: 'oldest first' }))
      expect(events.map(event => event.type)).toEqual([
        'credential.added',
        'credential.unreadable',
        'credential.unreadable',
      ])
      expect(events[1]?.data).toEqual({ reason: expect.stringContaining(why) })
      await credentials().rotate(tenant, MAIN, keyNamed('two'))
      expect(signingKey((await credentials().open(tenant, MAIN)).key).secret).toBe('secret-two')
    },
  )

  test('SC-82 after a rotation of the wrapping key old rows open, and new ones have the new version', async () => {
    const keysIn = mkdtempSync(join(folder, 'rotated-'))
    await credentials(keysIn).add(tenant, newCredential('one'))
    const next = await localKeys(keysIn).rotate()
    await credentials(keysIn).add(tenant, newCredential('two', { label: 'second' }))
    expect(signingKey((await credentials(keysIn).open(tenant, MAIN)).key).secret).toBe('secret-one')
    const versions = await fresh.asOwner<{ key_id: string }>(
      'SELECT key_id FROM venue_credential WHERE tenant_id = $1 ORDER BY label',
      [tenant],
    )
    expect(versions[0]?.key_id).not.toBe(next)
    expect(versions[1]?.key_id).toBe(next)
  })
})

test('SC-85 a marked key goes through everything, at a venue that quotes it, and shows up nowhere', async () => {
  const MARK = 'canary7f3a'
  const seen: unknown[] = []
  const lines: string[] = []
  const log = createLog({
    level: 'trace',
    destination: new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk))
        done()
      },
    }) as never,
  })
  const marked = (part: string) =>
    venueKey({ apiKey: `${MARK}-key-${part}`, secret: `${MARK}-secret-${part}`, passphrase: `${MARK}-pass-${part}` })
  const quoting = async (key: VenueKey): Promise<never> => {
    const { apiKey, secret, passphrase } = signingKey(key)
    const cause = Object.assign(new Error(`POST /?key=${apiKey}`), { request: { headers: { apiKey, secret } }, secret })
    throw new AppError(
      'venue.refused',
      {
        reason: `no such key ${apiKey}, secret ${secret}, pass ${passphrase}`,
        body: JSON.stringify({ apiKey, secret }),
      },
      { cause },
    )
  }
  const throwing = async (key: VenueKey): Promise<never> => {
    throw Object.assign(new TypeError(`cannot sign with ${signingKey(key).secret}`), { key: signingKey(key) })
  }
  const run = async (what: Promise<unknown>) => {
    const came = await what.catch((error: unknown) => error)
    seen.push(came)
    log.error({ error: came, came, key: marked('logged') }, 'what came of it')
  }

  for (const failing of [quoting, throwing]) {
    answer = failing
    await run(credentials().add(tenant, newCredential('x', { key: marked('refused') })))
    answer = async () => TRADES
    await run(credentials().add(tenant, newCredential('x', { key: marked('kept') })))
    await run(credentials().add(tenant, newCredential('x', { key: marked('double') })))
    answer = failing
    await run(credentials().test(tenant, MAIN))
    await run(credentials().rotate(tenant, MAIN, marked('next')))
    answer = async () => TRADES
    await run(credentials().rotate(tenant, MAIN, marked('next')))
    await run(credentials().open(tenant, MAIN))
    await run(credentials().list(tenant))
    if (failing === quoting) await run(credentials().remove(tenant, MAIN))
  }
  const rows = [
    ...(await fresh.asOwner('SELECT t::text AS row FROM venue_credential t')),
    ...(await fresh.asOwner("SELECT encode(envelope, 'escape') AS row FROM venue_credential")),
    ...(await fresh.asOwner('SELECT e::text AS row FROM event e WHERE tenant_id = $1', [tenant])),
  ]
  expect(rows.length).toBeGreaterThan(10)
  expect(lines.length).toBe(17)
  const shown = [
    ...lines,
    JSON.stringify(rows),
    ...seen.flatMap(one => [
      inspect(one, { depth: 12, showHidden: true }),
      String(one),
      JSON.stringify(one) ?? '',
      ...(one instanceof Error
        ? [one.message, one.stack ?? '', inspect(one.cause), JSON.stringify((one as AppError).details)]
        : []),
    ]),
  ]
  for (const text of shown) expect(text).not.toContain(MARK)
  // It is there where it should be, and nowhere else.
  expect(signingKey((await credentials().open(tenant, MAIN)).key).secret).toBe(`${MARK}-secret-next`)
})
