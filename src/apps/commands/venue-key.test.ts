import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { Secret } from '../../platform/index.ts'
import { askKey } from './venue-key.ts'

/** Types each line when it is asked for, and gives what was shown. */
function typing(...lines: readonly string[]) {
  const [input, output] = [new PassThrough(), new PassThrough()]
  let shown = ''
  let next = 0
  output.on('data', (chunk: Buffer) => {
    shown += chunk.toString()
    if (shown.endsWith(': ') && next < lines.length) input.write(lines[next++]!)
  })
  return { key: askKey(input, output), shown: () => shown }
}

test('a key is asked for, and nothing of what is typed is shown', async () => {
  const { key, shown } = typing('the-key\r', 'the-secret\r', 'the-phrase\r')
  const { apiKey, secret, passphrase } = await key
  expect([apiKey, secret, passphrase].map(part => (part as Secret).reveal())).toEqual([
    'the-key',
    'the-secret',
    'the-phrase',
  ])
  expect(shown()).toBe('API key: \nSecret: \nPassphrase, where the venue wants one: \n')
})

test('a passphrase may be left out', async () => {
  expect((await typing('the-key\r', 'the-secret\r', '\r').key).passphrase).toBeNull()
})

test('what is pasted in one piece answers one question after another', async () => {
  const { apiKey, secret, passphrase } = await typing('the-key\rthe-secret\rthe-phrase\r').key
  const given = [apiKey, secret, passphrase].map(part => (part as Secret).reveal())
  expect(given).toEqual(['the-key', 'the-secret', 'the-phrase'])
})

test.each([
  ['Ctrl-C', '\x03'],
  ['Ctrl-D', '\x04'],
])('%s breaks off with a word on what is missing', async (_name, typed) => {
  const refused = (field: string) => ({ code: 'request.invalid', details: { field, rule: 'was not given' } })
  await expect(typing(typed).key).rejects.toMatchObject(refused('API key'))
  await expect(typing('the-key\r', typed).key).rejects.toMatchObject(refused('Secret'))
})
