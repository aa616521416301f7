// `npm run docs`: writes the pages of the reference that are made from the code.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { references } from './reference.ts'

const root = join(import.meta.dirname, '..')
for (const [path, text] of Object.entries(await references())) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  console.log(path)
}
