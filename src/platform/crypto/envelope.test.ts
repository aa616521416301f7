import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { NONCE_BYTES, open, seal, TAG_BYTES } from './aead.ts'
import { createEnvelopes } from './envelope.ts'
import { keyProviderContract } from './key-provider-contract.ts'
import { localKeys } from './local-keys.ts'
import { Secret } from './secret.ts'

const folders: string[] = []
const freshFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'bourse-keys-'))
  folders.push(folder)
  return folder
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

keyProviderContract('a file of the data folder', () => {
  const folder = freshFolder()
  return { keys: localKeys(folder), reopen: () => localKeys(folder) }
})

const PLACE = { tenant: 'a', purpose: 'venue_credential', record: '1' }
const unreadable = { code: 'secret.unreadable' }

describe('an envelope', () => {
  const keys = localKeys(freshFolder())
  const envelopes = createEnvelopes(keys)

  test('gives back any text, and shows none of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 8, maxLength: 200 }), async text => {
        const envelope = await envelopes.encrypt(text, PLACE)
        expect(await envelopes.decrypt(envelope, PLACE)).toBe(text)
        expect(Buffer.from(envelope).includes(Buffer.from(text))).toBe(false)
      }),
      { numRuns: 50 },
    )
  })

  test('SC-80 with any single byte changed it cannot be read', async () => {
    const envelope = await envelopes.encrypt('key and secret', PLACE)
    for (let i = 0; i < envelope.byteLength; i++) {
      const changed = Uint8Array.from(envelope)
      changed[i]! ^= 1 << (i % 8)
      await expect(envelopes.decrypt(changed, PLACE), `byte ${i}`).rejects.toMatchObject(unreadable)
    }
    for (const length of [0, 1, 2, 20, envelope.byteLength - 1])
      await expect(envelopes.decrypt(envelope.subarray(0, length), PLACE)).rejects.toMatchObject(unreadable)
  })

  test.each([
    { ...PLACE, tenant: 'b' },
    { ...PLACE, purpose: 'other' },
    { ...PLACE, record: '2' },
    // Together the same letters.
    { tenant: 'av', purpose: 'enue_credential', record: '1' },
  ])('SC-80 for another tenant, purpose or record it cannot be read: %o', async place => {
    const envelope = await envelopes.encrypt('key and secret', PLACE)
    await expect(envelopes.decrypt(envelope, place)).rejects.toMatchObject(unreadable)
    await expect(envelopes.rewrap(envelope, place)).rejects.toMatchObject(unreadable)
  })

  test('SC-80 the secret of one envelope under the head of another cannot be read', async () => {
    const [one, other] = [await envelopes.encrypt('first', PLACE), await envelopes.encrypt('other', PLACE)]
    const sealedBytes = NONCE_BYTES + 'first'.length + TAG_BYTES
    const mixed = Buffer.concat([one.subarray(0, -sealedBytes), other.subarray(-sealedBytes)])
    await expect(envelopes.decrypt(mixed, PLACE)).rejects.toMatchObject(unreadable)
  })

  test('after a rotation it is wrapped anew and still says the same', async () => {
    const folder = freshFolder()
    const [local, wrapper] = [localKeys(folder), createEnvelopes(localKeys(folder))]
    const envelope = await wrapper.encrypt('key and secret', PLACE)
    const next = await local.rotate()
    const fresh = createEnvelopes(localKeys(folder))
    const rewrapped = await fresh.rewrap(envelope, PLACE)
    expect(fresh.keyIdOf(envelope)).not.toBe(next)
    expect(fresh.keyIdOf(rewrapped)).toBe(next)
    expect(await fresh.decrypt(rewrapped, PLACE)).toBe('key and secret')
    expect(await fresh.decrypt(envelope, PLACE)).toBe('key and secret')
  })

  test('a secret beyond the bound is refused', async () => {
    await expect(envelopes.encrypt('x'.repeat(64 * 1_024 + 1), PLACE)).rejects.toMatchObject({
      code: 'secret.too_large',
    })
  })
})

describe('AES-256-GCM', () => {
  const text = (value: string) => new TextEncoder().encode(value)

  test('SC-79 an answer of its own for the vector of another implementation', () => {
    // McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test case 16.
    const hex = (value: string) => Buffer.from(value.replaceAll(' ', ''), 'hex')
    const key = hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308')
    const nonce = hex('cafebabefacedbaddecaf888')
    const plain = hex(
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    )
    const associated = hex('feedfacedeadbeeffeedfacedeadbeefabaddad2')
    const sealed = hex(
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662',
    )
    const tag = hex('76fc6ece0f4e1768cddf8853bb2d551b')
    expect(Buffer.from(open(key, Buffer.concat([nonce, sealed, tag]), associated))).toEqual(plain)
  })

  test('SC-81 no nonce comes twice, and no data key encrypts twice', async () => {
    const key = new Uint8Array(32)
    const nonces = new Set<string>()
    for (let i = 0; i < 20_000; i++)
      nonces.add(Buffer.from(seal(key, text('x'), text(''))).toString('hex', 0, NONCE_BYTES))
    expect(nonces.size).toBe(20_000)

    const wrapped: string[] = []
    const local = localKeys(freshFolder())
    const watched = createEnvelopes({
      ...local,
      wrap: (dataKey, context) => {
        wrapped.push(Buffer.from(dataKey).toString('hex'))
        return local.wrap(dataKey, context)
      },
    })
    for (let i = 0; i < 200; i++) await watched.encrypt('the same', PLACE)
    expect(new Set(wrapped).size).toBe(200)
  })
})

describe('the file of keys', () => {
  const fileIn = (folder: string) => join(folder, 'keys', 'key-encryption.json')

  test('is for its owner alone, and one that others may read is not used', async () => {
    const folder = freshFolder()
    await localKeys(folder).rotate()
    expect(statSync(fileIn(folder)).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder, 'keys'))).toEqual(['key-encryption.json'])
    chmodSync(fileIn(folder), 0o644)
    await expect(localKeys(folder).currentKeyId()).rejects.toMatchObject({ code: 'secret.keys_unusable' })
  })

  test('who makes it second takes what the first has made, and two cannot change it at once', async () => {
    const folder = freshFolder()
    const [one, other] = [localKeys(folder), localKeys(folder)]
    expect(await one.currentKeyId()).toBe(await other.currentKeyId())
    writeFileSync(`${fileIn(folder)}.new`, '')
    await expect(other.rotate()).rejects.toMatchObject({ code: 'secret.keys_unusable' })
    expect(await one.currentKeyId()).toBe(await localKeys(folder).currentKeyId())
  })

  test('when it is damaged, the error names the file and none of the keys', async () => {
    const folder = freshFolder()
    await localKeys(folder).currentKeyId()
    const whole = readFileSync(fileIn(folder), 'utf8')
    const { keys } = JSON.parse(whole) as { keys: { key: string }[] }
    writeFileSync(fileIn(folder), whole.slice(0, -2))
    const error = await localKeys(folder)
      .currentKeyId()
      .catch((failure: unknown) => failure)
    expect(error).toMatchObject({ code: 'secret.keys_unusable', details: { field: fileIn(folder) } })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(keys[0]!.key.slice(0, 10))
  })
})

test('SC-85 a secret shows itself in no form but one', () => {
  const secret = new Secret('marker-of-a-secret')
  const shown = [
    `${secret}`,
    String(secret),
    JSON.stringify({ secret }),
    inspect(secret, { depth: 9, showHidden: true }),
    inspect({ nested: [secret] }, { depth: 9 }),
    JSON.stringify(Object.entries(secret)),
    JSON.stringify({ ...secret }),
  ]
  for (const text of shown) expect(text).not.toContain('marker')
  expect(secret.reveal()).toBe('marker-of-a-secret')
})
