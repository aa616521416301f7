import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const source = join(import.meta.dirname, '..', '..')
const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && /(?<!\.test)\.(ts|mjs)$/.test(entry.name))
  .map(entry => join(entry.parentPath, entry.name))

const CIPHER = /\bcreate(De)?[cC]ipher(iv)?\b|\bsubtle\.(en|de)crypt\b|\bpublicEncrypt\b/
const BROKEN = /(['"`])(md5|sha-?1|rsa-sha1|des|des3|rc4|bf|aes-\d+-(ecb|cbc|ctr|cfb|ofb)\w*)\1/i

const found = (pattern: RegExp) =>
  files.filter(file => pattern.test(readFileSync(file, 'utf8'))).map(file => file.slice(source.length + 1))

test('SC-79 one file encrypts, by AES-256-GCM, and nothing broken is used anywhere', () => {
  expect(files.length).toBeGreaterThan(100)
  expect(found(CIPHER)).toEqual(['platform/crypto/aead.ts'])
  expect(found(BROKEN)).toEqual([])
})

test('the search sees what it looks for', () => {
  for (const line of ["createHash('md5')", 'createHmac("SHA1", key)', "'aes-256-cbc'"]) expect(line).toMatch(BROKEN)
  for (const line of ["createDecipheriv('x')", 'crypto.createCipher(a)']) expect(line).toMatch(CIPHER)
  expect("createHash('sha256')").not.toMatch(BROKEN)
})
