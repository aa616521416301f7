import { describe, expect, test } from 'vitest'
import type { KeyProvider } from './key-provider.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const DATA_KEY = bytes('0123456789abcdef0123456789abcdef')

/** What every keeper of keys has to do. `reopen` gives the same keys as another process would find them. */
export function keyProviderContract(name: string, make: () => { keys: KeyProvider; reopen(): KeyProvider }): void {
  describe(`${name} keeps keys`, () => {
    test('what is wrapped unwraps, here and after a restart, and does not hold the data key in clear', async () => {
      const { keys, reopen } = make()
      const wrapped = await keys.wrap(DATA_KEY, bytes('here'))
      expect(Buffer.from(wrapped.bytes).includes(Buffer.from(DATA_KEY))).toBe(false)
      expect(Buffer.from(await keys.unwrap(wrapped, bytes('here')))).toEqual(Buffer.from(DATA_KEY))
      expect(Buffer.from(await reopen().unwrap(wrapped, bytes('here')))).toEqual(Buffer.from(DATA_KEY))
    })

    test('the same key wrapped twice looks different', async () => {
      const { keys } = make()
      const [one, other] = [await keys.wrap(DATA_KEY, bytes('a')), await keys.wrap(DATA_KEY, bytes('a'))]
      expect(Buffer.from(one.bytes)).not.toEqual(Buffer.from(other.bytes))
    })

    test('another context, an unknown version or a changed byte does not unwrap', async () => {
      const { keys } = make()
      const wrapped = await keys.wrap(DATA_KEY, bytes('here'))
      const refused = { code: 'secret.unreadable' }
      await expect(keys.unwrap(wrapped, bytes('there'))).rejects.toMatchObject(refused)
      await expect(keys.unwrap({ ...wrapped, keyId: 'nobody' }, bytes('here'))).rejects.toMatchObject(refused)
      for (let i = 0; i < wrapped.bytes.byteLength; i++) {
        const changed = Uint8Array.from(wrapped.bytes)
        changed[i]! ^= 1
        await expect(keys.unwrap({ ...wrapped, bytes: changed }, bytes('here'))).rejects.toMatchObject(refused)
      }
    })

    test('SC-82 after a rotation new keys have a new version, and what was wrapped before still unwraps', async () => {
      const { keys, reopen } = make()
      const running = reopen()
      const before = await running.wrap(DATA_KEY, bytes('here'))
      const next = await keys.rotate()
      const after = await keys.wrap(DATA_KEY, bytes('here'))
      // Whoever runs already wraps with the new one from now on.
      expect((await running.wrap(DATA_KEY, bytes('here'))).keyId).toBe(next)
      expect(before.keyId).not.toBe(next)
      expect(after.keyId).toBe(next)
      expect(await reopen().currentKeyId()).toBe(next)
      for (const wrapped of [before, after])
        for (const provider of [keys, running, reopen()])
          expect(Buffer.from(await provider.unwrap(wrapped, bytes('here')))).toEqual(Buffer.from(DATA_KEY))
    })
  })
}
