import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { references } from '../scripts/reference.ts'

const ROOT = join(import.meta.dirname, '..')

test('the pages that are made from the code are up to date: npm run docs makes them', async () => {
  for (const [path, text] of Object.entries(await references())) {
    expect(existsSync(join(ROOT, path)), `${path} is missing: run npm run docs`).toBe(true)
    expect(readFileSync(join(ROOT, path), 'utf8'), `${path} is out of date: run npm run docs`).toBe(text)
  }
})
