import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The subjects whose code decides what the node does. */
const DECIDING = ['kernel', 'market', 'matching', 'venues', 'trading', 'strategies']

/** SHA-256 over the sources that decide, by path: a recording says by which code it was made. */
export async function codeHash(): Promise<string> {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const hash = createHash('sha256')
  for (const subject of DECIDING) {
    const files = (await readdir(join(root, subject), { recursive: true })).filter(
      file => file.endsWith('.ts') && !file.endsWith('.test.ts'),
    )
    for (const file of files.sort())
      hash.update(`${subject}/${file}\0`).update(await readFile(join(root, subject, file)))
  }
  return hash.digest('hex')
}
