import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileLatch, memoryLatch } from './latch.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bourse-latch-'))
  path = join(folder, 'data', 'kill-switch.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const pulled = { since: 1_763_726_400_000_000, by: 'Ada', reason: 'it looks wrong' }

describe.each([
  ['in a file', () => fileLatch(path)],
  ['in memory', () => memoryLatch()],
])('a latch %s', (_, open) => {
  test('is off, on when pulled, off when lifted', () => {
    const latch = open()
    expect(latch.read()).toBeNull()
    latch.pull(pulled)
    expect(latch.read()).toEqual(pulled)
    latch.lift()
    expect(latch.read()).toBeNull()
  })
})

test('it survives a restart, pulled or lifted', () => {
  fileLatch(path).pull(pulled)
  expect(fileLatch(path).read()).toEqual(pulled)
  fileLatch(path).lift()
  expect(fileLatch(path).read()).toBeNull()
})

test.each(['', '{', '{"latched":{"since":"now"}}', '[]', '{}', '\0\0\0'])(
  'a damaged file (%j) counts as pulled, and can be lifted',
  text => {
    fileLatch(path).lift()
    writeFileSync(path, text)
    const latch = fileLatch(path)
    expect(latch.read()).toMatchObject({ by: 'system', reason: expect.stringContaining('damaged') })
    latch.lift()
    expect(fileLatch(path).read()).toBeNull()
  },
)

test('a file that cannot be read counts as pulled', () => {
  mkdirSync(path, { recursive: true })
  expect(fileLatch(path).read()).toMatchObject({ by: 'system', reason: expect.stringContaining('cannot be read') })
})

test('a disk that takes no file does not keep it from being on', () => {
  mkdirSync(`${path}.new`, { recursive: true })
  const latch = fileLatch(path)
  expect(() => latch.pull(pulled)).toThrow()
  expect(latch.read()).toEqual(pulled)
})

test('a lift that could not be written leaves it on', () => {
  const latch = fileLatch(path)
  latch.pull(pulled)
  mkdirSync(`${path}.new`)
  expect(() => latch.lift()).toThrow()
  expect(latch.read()).toEqual(pulled)
})

test('the file holds who, when and why, for whoever looks at it by hand', () => {
  fileLatch(path).pull(pulled)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ latched: pulled })
})
